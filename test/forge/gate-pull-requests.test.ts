import { describe, expect, it } from 'vitest';
import { APP, startHarness } from './harness.ts';

const BRANCH = 'pointsman/gate-1';
const ORDER = { branch: BRANCH, base: 'main', title: 'Go on with batch 2?', body: 'What is asked.' };
const OPEN = 'POST /repos/acme/fleet/pulls';

/** A branch of ours to ask from, as a gate has it. */
async function startWithBranch(options: Parameters<typeof startHarness>[0] = {}) {
  const harness = await startHarness(options);
  await harness.github.as(APP).push(BRANCH, { 'approvals/run/batch-2.yaml': 'digest: 1\n' }, 'ask');
  return harness;
}

describe('openPullRequest()', () => {
  it('opens one, and gives the same one when asked again', async () => {
    const { forgeFor, signal, writes } = await startWithBranch();

    const first = await forgeFor().openPullRequest(ORDER, signal);
    const second = await forgeFor().openPullRequest(ORDER, signal);

    expect(first).toMatchObject({ author: APP, state: 'open', head: { branch: BRANCH }, base: { branch: 'main' } });
    expect(second).toEqual(first);
    expect(writes()).toEqual([OPEN]);
  });

  it('brings title, body and base of the open one up to date, whoever changed them', async () => {
    const { github, forgeFor, signal } = await startWithBranch();
    const { number } = await forgeFor().openPullRequest(ORDER, signal);
    await github.as('ana').push('elsewhere', { e: '1\n' }, 'elsewhere');
    await github.as('ana').retarget(number, 'elsewhere');
    await github.as('ana').rename(number, 'Nothing to see here');

    const found = await forgeFor().openPullRequest({ ...ORDER, body: 'Asked anew.' }, signal);

    expect(found).toMatchObject({ number, title: ORDER.title, base: { branch: 'main' } });
    expect(github.pullRequest(number).body).toBe('Asked anew.');
  });

  it('says which field is wrong where GitHub has no words for it', async () => {
    const { forgeFor, signal } = await startHarness();

    await expect(forgeFor().openPullRequest({ ...ORDER, branch: 'nowhere' }, signal)).rejects.toMatchObject({
      code: 'FORGE_REFUSED',
      details: { status: 422, reason: 'Validation Failed: PullRequest head invalid' },
    });
  });

  it('opens another when the last one from the branch was closed', async () => {
    const { github, forgeFor, signal } = await startWithBranch();
    const first = await forgeFor().openPullRequest(ORDER, signal);
    await github.as('bo').close(first.number);

    const second = await forgeFor().openPullRequest(ORDER, signal);

    expect(second.number).toBeGreaterThan(first.number);
  });

  it('finds what it opened when only the answer was lost, and sends it once', async () => {
    const { github, forgeFor, signal, writes } = await startWithBranch();
    github.inject({ method: 'POST', path: '/pulls' }, { kind: 'drop-after' });

    const opened = await forgeFor().openPullRequest(ORDER, signal);

    expect(opened).toMatchObject({ title: ORDER.title, state: 'open' });
    expect(writes()).toEqual([OPEN]);
  });

  it('does not send it again when nothing is there after a lost answer', async () => {
    const { github, forgeFor, signal, writes } = await startWithBranch();
    github.inject({ method: 'POST', path: '/pulls' }, { kind: 'drop-before' });

    const opening = forgeFor().openPullRequest(ORDER, signal);

    await expect(opening).rejects.toMatchObject({ code: 'FORGE_UNAVAILABLE', details: { mayHaveActed: true } });
    expect(writes()).toEqual([OPEN]);
  });

  it('takes the one that somebody else opened a moment before', async () => {
    const { github, forgeFor, signal } = await startWithBranch();
    const stop = github.onRequest(async ({ phase, method }) => {
      if (phase !== 'received' || method !== 'POST') return;
      stop();
      await github.as('ana').openPullRequest({ title: 'Mine', head: BRANCH });
    });

    const found = await forgeFor().openPullRequest(ORDER, signal);

    expect(found).toMatchObject({ author: 'ana', title: ORDER.title });
  });

  it('says what GitHub objects to when there is none because of it', async () => {
    const { forgeFor, signal } = await startHarness();

    await expect(forgeFor().openPullRequest(ORDER, signal)).rejects.toMatchObject({
      code: 'FORGE_REFUSED',
      details: { status: 422 },
    });
  });
});

describe('pullRequestFrom()', () => {
  it('gives the newest from the branch in whatever state, and when it was closed', async () => {
    const { github, forgeFor, clock, signal } = await startWithBranch();
    await github.as('bo').close((await forgeFor().openPullRequest(ORDER, signal)).number);
    const { number } = await forgeFor().openPullRequest(ORDER, signal);
    await clock.sleep(60_000, signal);
    await github.as('bo').close(number);

    const found = await forgeFor().pullRequestFrom(BRANCH, signal);

    expect(found).toMatchObject({ number, state: 'closed', closedAt: Math.floor(clock.now() / 1000) * 1000 });
  });

  it('does not take one from a branch of that name in a fork', async () => {
    const { github, forgeFor, signal } = await startHarness();
    await github.fork('cy');
    await github.as('cy').pushToFork(BRANCH, { f: '1\n' }, 'mine');
    await github.as('cy').openPullRequest({ title: 'Let me in', head: `cy:${BRANCH}` });

    expect(await forgeFor().pullRequestFrom(BRANCH, signal)).toBeUndefined();
  });

  it('does not take one from a fork even when its owner is ours', async () => {
    const { github, forgeFor, signal } = await startWithBranch();
    const { number } = await forgeFor().openPullRequest(ORDER, signal);
    const token = github.tokenFor(APP);
    const answer = await fetch(`${github.apiUrl}/repos/acme/fleet/pulls/${number}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const pull = (await answer.json()) as { head: { repo: { full_name: string } } };
    pull.head.repo.full_name = 'acme/fleet-copy';
    const text = JSON.stringify([pull]);
    github.inject({ path: '/pulls?' }, { kind: 'text', status: 200, contentType: 'application/json', text });

    expect(await forgeFor().pullRequestFrom(BRANCH, signal)).toBeUndefined();
  });
});

describe('closePullRequest()', () => {
  it('closes it, and sends nothing when it is closed already', async () => {
    const { github, forgeFor, pull, signal, writes } = await startHarness();

    await forgeFor().closePullRequest(pull, signal);
    await forgeFor().closePullRequest(pull, signal);

    expect(github.pullRequest(pull)).toMatchObject({ state: 'closed', closedBy: APP });
    expect(writes()).toEqual([`PATCH /repos/acme/fleet/pulls/${pull}`]);
  });
});

describe('deleteBranch()', () => {
  it('deletes a branch with slashes in its name, and is content when it is gone', async () => {
    const { github, forgeFor, signal } = await startWithBranch();
    const { number } = await forgeFor().openPullRequest(ORDER, signal);

    await forgeFor().deleteBranch(BRANCH, signal);
    await forgeFor().deleteBranch(BRANCH, signal);

    expect(github.pullRequest(number).state).toBe('closed');
  });

  it('fails when the branch is still there', async () => {
    const { github, forgeFor, signal } = await startWithBranch();
    github.inject({ method: 'DELETE' }, { kind: 'status', status: 422, message: 'Cannot delete this branch' });

    await expect(forgeFor().deleteBranch(BRANCH, signal)).rejects.toMatchObject({
      code: 'FORGE_REFUSED',
      details: { status: 422 },
    });
  });

  it('is not confused by a longer branch that begins the same', async () => {
    const { github, forgeFor, signal } = await startHarness();
    await github.as(APP).push(`${BRANCH}0`, { g: '1\n' }, 'ten');

    await forgeFor().deleteBranch(BRANCH, signal);

    expect(await forgeFor().mergeGroups('main', signal)).toEqual([]);
  });
});
