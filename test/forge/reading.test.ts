import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { startHarness } from './harness.ts';

describe('pullRequest()', () => {
  it('tells who proposes what onto what', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();

    const found = await forgeFor().pullRequest(pull, signal);

    const { headCommit, baseCommit } = github.pullRequest(pull);
    expect(found).toEqual({
      number: pull,
      title: 'Raise the MTU',
      author: 'ana',
      state: 'open',
      draft: false,
      head: { commit: headCommit, branch: 'change', repository: 'acme/fleet' },
      base: { branch: 'main', commit: baseCommit },
      url: expect.stringMatching(/\/acme\/fleet\/pull\/1$/),
    });
  });

  it('tells a merged one from a closed one, and gives the merge commit only of the merged one', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    await github.as('ana').push('other', { 'other.yaml': '1\n' }, 'other');
    const other = await github.as('ana').openPullRequest({ title: 'Other', head: 'other' });
    const mergeCommit = await github.as('bo').merge(pull);
    await github.as('ana').close(other);

    const forge = forgeFor();

    expect(await forge.pullRequest(pull, signal)).toMatchObject({ state: 'merged', mergeCommit });
    const closed = await forge.pullRequest(other, signal);
    expect(closed.state).toBe('closed');
    expect(closed).not.toHaveProperty('mergeCommit');
  });

  it('refuses what does not exist, and says so', async () => {
    const { forgeFor, signal } = await startHarness();

    const reading = forgeFor().pullRequest(99, signal);

    await expect(reading).rejects.toMatchObject({
      code: 'FORGE_REFUSED',
      details: { request: 'GET /repos/acme/fleet/pulls/99', status: 404, reason: 'Not Found' },
    });
  });
});

describe('openPullRequests()', () => {
  it('gives those that are still open, whatever their base, oldest first', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    for (const head of ['b', 'c']) {
      await github.as('ana').push(head, { [head]: '1\n' }, head);
      await github.as('ana').openPullRequest({ title: head, head, draft: head === 'c' });
    }
    await github.as('ana').push('stacked', { s: '1\n' }, 'stacked');
    await github.as('ana').openPullRequest({ title: 'stacked', head: 'stacked', base: 'b' });
    await github.as('ana').close(pull);

    const found = await forgeFor().openPullRequests(signal);

    expect(found.map(({ title, draft }) => [title, draft])).toEqual([
      ['b', false],
      ['c', true],
      ['stacked', false],
    ]);
  });
});

describe('commits()', () => {
  it('names the account behind author and committer, and neither where GitHub knows none', async () => {
    const { github, forgeFor, signal } = await startHarness({
      users: [{ login: 'di', role: 'write', name: 'Di', email: 'di@example.com' }],
    });
    await github.as('di').push('d', { d: '1\n' }, 'by di');
    const number = await github.as('di').openPullRequest({ title: 'd', head: 'd' });

    const [commit] = await forgeFor().commits(number, signal);

    expect(commit).toEqual({
      commit: github.pullRequest(number).headCommit,
      author: 'di',
      committer: 'di',
      authorEmail: 'di@example.com',
      committerEmail: 'di@example.com',
    });
  });

  it('would rather fail than leave out commits that GitHub does not list', async () => {
    const { github, forgeFor, signal } = await startHarness();
    growBranch(github.gitDir, 'long', 251);
    const pull = await github.as('ana').openPullRequest({ title: 'long', head: 'long' });

    await expect(forgeFor().commits(pull, signal)).rejects.toMatchObject({
      code: 'FORGE_LIST_INCOMPLETE',
      details: { given: 250, wanted: 251 },
    });
  });
});

describe('pushers()', () => {
  it('names everybody who ever pushed to the branch, not those who pushed elsewhere, over all pages', async () => {
    const { github, forgeFor, signal } = await startHarness({ largestPage: 2 });
    await github.as('bo').push('change', { n: 'bo\n' }, 'bo');
    for (let i = 0; i < 4; i++) await github.as('ana').push('change', { n: `${i}\n` }, `${i}`);
    await github.as('github-actions[bot]').push('elsewhere', { n: '1\n' }, 'elsewhere');

    const pushers = await forgeFor().pushers({ branch: 'change', commit: '', repository: 'acme/fleet' }, signal);

    expect(pushers.toSorted()).toEqual(['ana', 'bo']);
  });

  it('does not count who only deleted the branch', async () => {
    const { github, forgeFor, signal } = await startHarness();
    await github.as('ana').push('change', { n: '1\n' }, 'more');
    await github.as('bo').deleteBranch('change');

    expect(await forgeFor().pushers({ branch: 'change', commit: '', repository: 'acme/fleet' }, signal)).toEqual([
      'ana',
    ]);
  });
});

describe('reviews()', () => {
  it('gives every review with the head it was made on, oldest first', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const first = github.pullRequest(pull).headCommit;
    const dismissed = await github.as('bo').approve(pull);
    await github.as('cy').requestChanges(pull);
    const second = await github.as('ana').push('change', { n: '1\n' }, 'more');
    await github.as('cy').reviewComment(pull, 'hm');
    await github.as(APP_BOT).approve(pull);
    await github.as('bo').dismissReview(pull, dismissed);

    const reviews = await forgeFor().reviews(pull, signal);

    expect(
      reviews.map(({ reviewer, reviewerIsBot, state, commit }) => [reviewer, reviewerIsBot, state, commit]),
    ).toEqual([
      ['bo', false, 'dismissed', first],
      ['cy', false, 'changes-requested', first],
      ['cy', false, 'commented', second],
      [APP_BOT, true, 'approved', second],
    ]);
  });

  it('leaves out a review that was never submitted', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    await fetch(`${github.apiUrl}/repos/acme/fleet/pulls/${pull}/reviews`, {
      method: 'POST',
      headers: { authorization: `Bearer ${github.tokenFor('bo')}` },
      body: JSON.stringify({ body: 'not yet' }),
    });

    expect(await forgeFor().reviews(pull, signal)).toEqual([]);
  });

  it('turns all pages', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    for (let i = 0; i < 201; i++) await github.as('cy').reviewComment(pull, `${i}`);
    await github.as('bo').approve(pull);

    const reviews = await forgeFor().reviews(pull, signal);

    expect(reviews).toHaveLength(202);
    expect(reviews.at(-1)).toMatchObject({ reviewer: 'bo', state: 'approved' });
  });

  it('fails when a page does not arrive, instead of giving a shorter list', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    for (let i = 0; i < 201; i++) await github.as('cy').reviewComment(pull, `${i}`);
    github.inject({ path: '&page=2' }, { kind: 'status', status: 502 }, Number.POSITIVE_INFINITY);

    await expect(forgeFor().reviews(pull, signal)).rejects.toMatchObject({ code: 'FORGE_UNAVAILABLE' });
  });

  it.each([409, 404])('fails when a later page is answered %i', async (status) => {
    const { github, forgeFor, pull, signal } = await startHarness();
    for (let i = 0; i < 101; i++) await github.as('cy').reviewComment(pull, `${i}`);
    github.inject({ path: '&page=2' }, { kind: 'status', status });

    await expect(forgeFor().reviews(pull, signal)).rejects.toMatchObject({
      code: 'FORGE_REFUSED',
      details: { status },
    });
  });
});

const APP_BOT = 'github-actions[bot]';

describe('mergedBy()', () => {
  it.each(['merge', 'squash', 'rebase'] as const)('finds the pull request behind a %s', async (method) => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const mergeCommit = await github.as('bo').merge(pull, { method });

    expect(await forgeFor().mergedBy(mergeCommit, 'main', signal)).toMatchObject({ number: pull, mergeCommit });
  });

  it('finds it for every commit a rebase put on the base', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    await github.as('ana').push('change', { n: '1\n' }, 'more');
    await github.as('bo').merge(pull, { method: 'rebase' });
    const [first] = github.pullRequest(pull).merge?.commits ?? [];

    expect(await forgeFor().mergedBy(first ?? '', 'main', signal)).toMatchObject({ number: pull });
  });

  it('takes the one that names it when it is in several', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    await github.as('ana').push('other', { o: '1\n' }, 'other');
    const other = await github.as('ana').openPullRequest({ title: 'other', head: 'other' });
    await github.as('bo').merge(pull);
    const mergeCommit = await github.as('bo').merge(other);
    const headers = { authorization: `Bearer ${github.tokenFor('bo')}` };
    const text = await (
      await fetch(`${github.apiUrl}/repos/acme/fleet/pulls?state=all&direction=asc`, { headers })
    ).text();
    github.inject({ path: '/commits' }, { kind: 'text', status: 200, contentType: 'application/json', text });

    expect(await forgeFor().mergedBy(mergeCommit, 'main', signal)).toMatchObject({ number: other });
  });

  it('does not guess when a commit came along in two and neither names it', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const { headCommit } = github.pullRequest(pull);
    execFileSync('git', ['--git-dir', github.gitDir, 'branch', 'stacked', 'change']);
    await github.as('ana').push('stacked', { s: '1\n' }, 'on top');
    const stacked = await github.as('ana').openPullRequest({ title: 'stacked', head: 'stacked' });
    await github.as('bo').merge(pull, { method: 'squash' });
    await github.as('bo').merge(stacked, { method: 'squash' });

    expect(await forgeFor().mergedBy(headCommit, 'main', signal)).toBeUndefined();
  });

  it('finds nothing for a commit pushed past all reviews, nor for one that is only proposed', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const pushed = await github.as('ana').push('main', { n: '1\n' }, 'straight to main');
    const forge = forgeFor();

    expect(await forge.mergedBy(pushed, 'main', signal)).toBeUndefined();
    expect(await forge.mergedBy(github.pullRequest(pull).headCommit, 'main', signal)).toBeUndefined();
  });

  it('finds nothing when it was merged into another branch', async () => {
    const { github, forgeFor, signal } = await startHarness();
    await github.as('ana').push('b', { b: '1\n' }, 'b');
    await github.as('ana').push('c', { c: '1\n' }, 'c');
    const number = await github.as('ana').openPullRequest({ title: 'c', head: 'c', base: 'b' });
    const mergeCommit = await github.as('bo').merge(number);

    expect(await forgeFor().mergedBy(mergeCommit, 'main', signal)).toBeUndefined();
  });
});

describe('teamMembers()', () => {
  it('gives all members over all pages', async () => {
    const many = Array.from({ length: 201 }, (_, index) => `user-${index}`);
    const { forgeFor, signal } = await startHarness({
      users: many.map((login) => ({ login, role: 'read' as const })),
      teams: { 'acme/everybody': many },
    });

    expect([...(await forgeFor().teamMembers('acme/everybody', signal))]).toEqual(many);
  });

  it('names the permission that is missing when the team cannot be read', async () => {
    const { github, forgeFor, signal } = await startHarness();
    const headers = { 'x-accepted-github-permissions': 'members=read' };
    github.inject({ path: '/teams/' }, { kind: 'status', status: 403, message: 'Resource not accessible', headers });

    await expect(forgeFor().teamMembers('acme/noc', signal)).rejects.toMatchObject({
      code: 'FORGE_REFUSED',
      disposition: 'needs-human',
      next: 'Give the token of Pointsman the permission members=read.',
      details: { request: 'GET /orgs/acme/teams/noc/members', status: 403, acceptedPermissions: 'members=read' },
    });
  });

  it.each(['noc', 'acme/noc/more', '../noc', 'acme/..'])('sends nothing for %s', async (team) => {
    const { github, forgeFor, signal } = await startHarness();

    await expect(forgeFor().teamMembers(team, signal)).rejects.toMatchObject({ code: 'FORGE_REQUEST_INVALID' });
    expect(github.requests()).toEqual([]);
  });
});

describe('permission()', () => {
  it.each([
    ['bo', 'maintain'],
    ['ana', 'write'],
    ['cy', 'read'],
    ['tri', 'triage'],
    ['ada', 'admin'],
    ['out', 'none'],
    ['stranger', 'none'],
  ])('of %s is %s', async (login, expected) => {
    const { forgeFor, signal } = await startHarness({
      users: [
        { login: 'tri', role: 'triage' },
        { login: 'ada', role: 'admin' },
        { login: 'out', role: 'none' },
      ],
    });

    expect(await forgeFor().permission(login, signal)).toBe(expected);
  });

  it('falls back to what a made-up role is based on', async () => {
    const { github, forgeFor, signal } = await startHarness();
    const text = JSON.stringify({ permission: 'write', role_name: 'night shift', user: null });
    github.inject({ path: '/permission' }, { kind: 'text', status: 200, contentType: 'application/json', text });

    expect(await forgeFor().permission('ana', signal)).toBe('write');
  });
});

it('an address that is not owner/name is refused before anything is sent', async () => {
  const { createGithubForge } = await import('../../forge/create-github-forge.ts');
  const { clock, log } = await startHarness();

  expect(() => createGithubForge({ repository: 'fleet', token: 't', clock, log })).toThrow(
    expect.objectContaining({ code: 'FORGE_REQUEST_INVALID' }),
  );
});

/** Adds commits at once, as one push of somebody's long work would. */
function growBranch(gitDir: string, branch: string, commits: number): void {
  const commit = (index: number): string =>
    `commit refs/heads/${branch}\ncommitter Ana <ana@example.com> 1 +0000\ndata 1\n.\n${index === 0 ? 'from refs/heads/main\n' : ''}`;
  const input = Array.from({ length: commits }, (_, index) => commit(index)).join('');
  execFileSync('git', ['--git-dir', gitDir, 'fast-import', '--quiet'], { input });
}
