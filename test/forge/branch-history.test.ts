import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { startHarness } from './harness.ts';

const DAY_MS = 86_400_000;

describe('pushes()', () => {
  it('tells who moved the branch from where to where, newest first', async () => {
    const { github, forgeFor, pull, clock, signal } = await startHarness();
    const { baseCommit } = github.pullRequest(pull);
    const mergeCommit = await github.as('bo').merge(pull);
    await clock.sleep(60_000, signal);
    const pushed = await github.as('ana').push('main', { n: '1\n' }, 'straight');

    const pushes = await forgeFor().pushes('main', signal);

    expect(pushes).toMatchObject([
      { actor: 'ana', before: mergeCommit, after: pushed },
      { actor: 'bo', before: baseCommit, after: mergeCommit },
    ]);
    expect((pushes[0]?.at ?? 0) - (pushes[1]?.at ?? 0)).toBe(60_000);
  });

  it('leaves out where a branch came from when it is new, and where it went when it is gone', async () => {
    const { github, forgeFor, signal } = await startHarness();
    const made = await github.as('ana').push('b', { b: '1\n' }, 'b');
    await github.as('bo').deleteBranch('b');

    const pushes = await forgeFor().pushes('b', signal);

    expect(pushes.map(({ at: _, ...push }) => push)).toEqual([
      { actor: 'bo', before: made },
      { actor: 'ana', after: made },
    ]);
  });

  it('looks no further back than a month, and turns all pages', async () => {
    const { github, forgeFor, clock, signal } = await startHarness({ largestPage: 2 });
    await github.as('ana').push('main', { n: 'old\n' }, 'old');
    await clock.sleep(31 * DAY_MS, signal);
    for (let i = 0; i < 5; i++) await github.as('bo').push('main', { n: `${i}\n` }, `${i}`);

    const pushes = await forgeFor().pushes('main', signal);

    expect(pushes.map(({ actor }) => actor)).toEqual(['bo', 'bo', 'bo', 'bo', 'bo']);
  });
});

describe('pushers()', () => {
  it('asks the fork a pull request comes from', async () => {
    const { github, forgeFor, signal } = await startHarness();
    await github.fork('cy');
    await github.as('cy').pushToFork('change', { f: '1\n' }, 'of the same name as a branch here');
    const number = await github.as('cy').openPullRequest({ title: 'f', head: 'cy:change' });
    await github.as('ana').push('change', { n: '1\n' }, 'not in the fork');
    const { head } = await forgeFor().pullRequest(number, signal);

    expect(head.repository).toBe('cy/fleet');
    expect(await forgeFor().pushers(head, signal)).toEqual(['cy']);
  });

  it('fails when the fork cannot be seen', async () => {
    const { github, forgeFor, signal } = await startHarness();
    await github.fork('cy', { private: true });
    await github.as('cy').pushToFork('idea', { f: '1\n' }, 'idea');
    const number = await github.as('cy').openPullRequest({ title: 'f', head: 'cy:idea' });
    const { head } = await forgeFor().pullRequest(number, signal);

    await expect(forgeFor().pushers(head, signal)).rejects.toMatchObject({
      code: 'FORGE_REFUSED',
      details: { request: 'GET /repos/cy/fleet/activity', status: 404 },
    });
  });

  it('fails when the fork is gone, for whoever pushed may have been anybody', async () => {
    const { github, forgeFor, signal, writes } = await startHarness();
    await github.fork('cy');
    const commit = await github.as('cy').pushToFork('idea', { f: '1\n' }, 'idea');
    const number = await github.as('cy').openPullRequest({ title: 'f', head: 'cy:idea' });
    await github.deleteFork('cy');
    const { head } = await forgeFor().pullRequest(number, signal);

    expect(head).toEqual({ branch: 'idea', commit });
    await expect(forgeFor().pushers(head, signal)).rejects.toMatchObject({
      code: 'FORGE_FORK_GONE',
      disposition: 'needs-human',
      details: { branch: 'idea', commit },
    });
    expect(writes()).toEqual([]);
  });
});

describe('commitsBetween()', () => {
  it('gives what one has and the other has not, oldest first, with the accounts', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const { baseCommit, headCommit } = github.pullRequest(pull);
    const mergeCommit = await github.as('bo').merge(pull);
    const pushed = await github.as('bo').push('main', { n: '1\n' }, 'straight');

    const commits = await forgeFor().commitsBetween(baseCommit, pushed, signal);

    expect(commits.map(({ commit, author }) => [commit, author])).toEqual([
      [headCommit, 'ana'],
      [mergeCommit, 'bo'],
      [pushed, 'bo'],
    ]);
  });

  it('gives nothing between a commit and itself', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const { headCommit } = github.pullRequest(pull);

    expect(await forgeFor().commitsBetween(headCommit, headCommit, signal)).toEqual([]);
  });

  it('gives more than GitHub lists unasked, over all pages', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const tip = growBranch(github.gitDir, 'long', 301);

    const commits = await forgeFor().commitsBetween(github.pullRequest(pull).baseCommit, tip, signal);

    expect(commits).toHaveLength(301);
    expect(new Set(commits.map(({ commit }) => commit)).size).toBe(301);
    expect(commits.at(-1)?.commit).toBe(tip);
  });

  it('would rather fail than give fewer than there are', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const { baseCommit, headCommit } = github.pullRequest(pull);
    const text = JSON.stringify({ total_commits: 2, commits: [] });
    github.inject({ path: '/compare/' }, { kind: 'text', status: 200, contentType: 'application/json', text });

    await expect(forgeFor().commitsBetween(baseCommit, headCommit, signal)).rejects.toMatchObject({
      code: 'FORGE_LIST_INCOMPLETE',
      details: { given: 0, wanted: 2 },
    });
  });

  it('fails when a later page does not arrive', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const tip = growBranch(github.gitDir, 'long', 101);
    github.inject({ path: '&page=2' }, { kind: 'status', status: 502 }, Number.POSITIVE_INFINITY);

    const reading = forgeFor().commitsBetween(github.pullRequest(pull).baseCommit, tip, signal);

    await expect(reading).rejects.toMatchObject({ code: 'FORGE_UNAVAILABLE' });
  });
});

describe('mergeGroups()', () => {
  it('gives the branches of the queue onto the base, and no others', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    await github.as('ana').push('b', { b: '1\n' }, 'b');
    const other = await github.as('ana').openPullRequest({ title: 'b', head: 'b' });
    const first = await github.enqueue(pull);
    const second = await github.enqueue(other);

    const groups = await forgeFor().mergeGroups('main', signal);

    expect(groups).toEqual([
      { branch: first.branch, commit: first.head },
      { branch: second.branch, commit: second.head },
    ]);
    expect(await forgeFor().mergeGroups('mai', signal)).toEqual([]);
  });

  it('gives none where nothing is queued', async () => {
    const { forgeFor, signal } = await startHarness();

    expect(await forgeFor().mergeGroups('main', signal)).toEqual([]);
  });
});

/** Adds commits at once, as one push of somebody's long work would. @returns The last. */
function growBranch(gitDir: string, branch: string, commits: number): string {
  const commit = (index: number): string =>
    `commit refs/heads/${branch}\ncommitter Ana <ana@example.com> ${index} +0000\ndata 1\n.\n${index === 0 ? 'from refs/heads/main\n' : ''}`;
  const input = Array.from({ length: commits }, (_, index) => commit(index)).join('');
  execFileSync('git', ['--git-dir', gitDir, 'fast-import', '--quiet'], { input });
  return execFileSync('git', ['--git-dir', gitDir, 'rev-parse', branch], { encoding: 'utf8' }).trim();
}
