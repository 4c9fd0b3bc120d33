import { describe, expect, it } from 'vitest';
import { git, rest, startWorld } from './harness.ts';

const PULL = '/repos/acme/fleet/pulls/1';

async function startWithPull(options: Parameters<typeof startWorld>[0] = {}) {
  const github = await startWorld(options);
  const base = await github.as('ana').push('main', { 'a.txt': '1\n' }, 'begin');
  const head = await github.as('ana').push('change', { 'a.txt': '2\n' }, 'change');
  await github.as('ana').openPullRequest({ title: 'Change', head: 'change' });
  const ask = async (...args: readonly string[]) =>
    (await git(github.gitDir, '--git-dir', github.gitDir, ...args)).stdout;
  return { github, base, head, ask };
}

describe('the trial merge', () => {
  it('is what a merge would give, on no branch', async () => {
    const { github, base, head, ask } = await startWithPull();

    const { body } = await rest(github, 'bo', `GET ${PULL}`);

    expect(await ask('rev-parse', 'refs/pull/1/merge')).toBe(body.merge_commit_sha);
    expect(await ask('log', '-1', '--format=%P', body.merge_commit_sha)).toBe(`${base} ${head}`);
    expect(await ask('branch', '--contains', body.merge_commit_sha)).toBe('');
  });

  it('follows its base when it is asked for', async () => {
    const { github, head, ask } = await startWithPull();
    const base = await github.as('bo').push('main', { 'b.txt': '1\n' }, 'meanwhile');

    const { body } = await rest(github, 'bo', `GET ${PULL}`);

    expect(await ask('log', '-1', '--format=%P', body.merge_commit_sha)).toBe(`${base} ${head}`);
  });

  it('stays where it was while they conflict', async () => {
    const { github, ask } = await startWithPull();
    const before = await ask('rev-parse', 'refs/pull/1/merge');
    await github.as('bo').push('main', { 'a.txt': '9\n' }, 'in the way');

    const { body } = await rest(github, 'bo', `GET ${PULL}`);

    expect(body).toMatchObject({ mergeable: false, merge_commit_sha: null });
    expect(await ask('rev-parse', 'refs/pull/1/merge')).toBe(before);
  });
});

describe('a force push', () => {
  it('replaces the commits, and the activity log says what it was', async () => {
    const { github, base, head } = await startWithPull();

    const after = await github.as('ana').forcePush('change', { 'a.txt': '9\n' }, 'instead');

    const commits = await rest(github, 'cy', `GET ${PULL}/commits`);
    const activity = await rest(github, 'cy', 'GET /repos/acme/fleet/activity?ref=change&activity_type=force_push');
    expect(commits.body).toMatchObject([{ sha: after, parents: [{ sha: base }] }]);
    expect(activity.body).toMatchObject([{ before: head, after, actor: { login: 'ana' } }]);
  });
});

describe('another base', () => {
  it('is taken, and tells reviewers nothing unless approvals go stale', async () => {
    const { github } = await startWithPull();
    await github.as('ana').push('other', { 'b.txt': '1\n' }, 'other');
    await github.as('bo').approve(1);

    const { body } = await rest(github, 'ana', `PATCH ${PULL}`, { base: 'other' });

    expect(body.base.ref).toBe('other');
    expect(github.pullRequest(1).reviews).toMatchObject([{ state: 'APPROVED' }]);
  });

  it('dismisses approvals where pushes do', async () => {
    const { github } = await startWithPull({ dismissStaleReviews: true });
    await github.as('ana').push('other', { 'b.txt': '1\n' }, 'other');
    await github.as('bo').approve(1);

    await github.as('ana').retarget(1, 'other');

    expect(github.pullRequest(1).reviews).toMatchObject([{ state: 'DISMISSED' }]);
  });

  it.each(['nope', 'change'])('is refused when it is %s', async (base) => {
    const { github } = await startWithPull();

    expect((await rest(github, 'ana', `PATCH ${PULL}`, { base })).status).toBe(422);
    expect(github.pullRequest(1).baseBranch).toBe('main');
  });
});

describe('a closed one', () => {
  it('is opened again, with what was pushed meanwhile', async () => {
    const { github } = await startWithPull();
    await github.as('bo').close(1);
    const head = await github.as('ana').push('change', { 'a.txt': '3\n' }, 'meanwhile');
    const whileClosed = github.pullRequest(1);

    await github.as('ana').reopen(1);

    expect(whileClosed).toMatchObject({ state: 'closed', closedBy: 'bo' });
    expect(whileClosed.headCommit).not.toBe(head);
    expect(github.pullRequest(1)).toMatchObject({ state: 'open', headCommit: head });
  });

  it('is not opened again when its branch was forced elsewhere, or is gone', async () => {
    const { github } = await startWithPull();
    await github.as('bo').close(1);
    await github.as('ana').forcePush('change', { 'a.txt': '9\n' }, 'instead');
    const forced = await rest(github, 'ana', `PATCH ${PULL}`, { state: 'open' });
    await github.as('ana').deleteBranch('change');
    const gone = await rest(github, 'ana', `PATCH ${PULL}`, { state: 'open' });

    expect([forced.status, gone.status]).toEqual([422, 422]);
    expect(github.pullRequest(1).state).toBe('closed');
  });

  it('tells over issues who closed it', async () => {
    const { github } = await startWithPull();
    await github.as('bo').close(1);

    const { body } = await rest(github, 'cy', 'GET /repos/acme/fleet/issues/1');

    expect(body).toMatchObject({ state: 'closed', closed_by: { login: 'bo' }, pull_request: { merged_at: null } });
  });
});

describe('a draft', () => {
  it('is not merged until it is ready', async () => {
    const { github } = await startWithPull();
    await github.as('ana').convertToDraft(1);
    await expect(github.as('bo').merge(1)).rejects.toMatchObject({ details: { status: 405 } });

    await github.as('ana').readyForReview(1);

    await github.as('bo').merge(1);
    expect(github.pullRequest(1).state).toBe('closed');
  });
});

describe('many files', () => {
  it('are all listed in pages, while a comparison stops at 300', async () => {
    const { github, base } = await startWithPull();
    const files = Object.fromEntries(Array.from({ length: 305 }, (_, index) => [`d/${index} ü.yaml`, 'x\n']));
    const head = await github.as('ana').push('change', files, 'many');

    const pull = await rest(github, 'cy', `GET ${PULL}`);
    const last = await rest(github, 'cy', `GET ${PULL}/files?per_page=100&page=4`);
    const comparison = await rest(github, 'cy', `GET /repos/acme/fleet/compare/${base}...${head}`);

    expect(pull.body).toMatchObject({ changed_files: 306, additions: 306, deletions: 1 });
    expect(last.body).toHaveLength(6);
    expect(last.body[0]).toMatchObject({ status: 'added', additions: 1, changes: 1 });
    expect(comparison.body.files).toHaveLength(300);
  });
});

describe('people', () => {
  it('are in the team no longer when they were taken out, and may no more than they may', async () => {
    const { github } = await startWithPull({ teams: { 'acme/noc': ['ana', 'bo'] } });

    github.setTeam('acme/noc', ['ana']);
    github.setRole('bo', 'read');

    const { body } = await rest(github, 'ana', 'GET /orgs/acme/teams/noc/members');
    expect(body).toMatchObject([{ login: 'ana' }]);
    await expect(github.as('bo').merge(1)).rejects.toMatchObject({ details: { status: 403 } });
  });
});
