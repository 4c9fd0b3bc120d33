import { describe, expect, it } from 'vitest';
import { rest, startWorld } from './harness.ts';

const REPO = '/repos/acme/fleet';

async function startWithPull() {
  const github = await startWorld();
  const base = await github.as('ana').push('main', { 'a.txt': '1\n' }, 'begin');
  const head = await github.as('ana').push('feature/x', { 'a.txt': '2\n' }, 'change');
  const pull = await github.as('ana').openPullRequest({ title: 'Change', head: 'feature/x' });
  return { github, base, head, pull };
}

describe('issues', () => {
  it('are numbered with the pull requests, which are issues as well', async () => {
    const { github, pull } = await startWithPull();

    const opened = await rest(github, 'cy', `POST ${REPO}/issues`, { title: 'Hm', body: 'why' });
    const listed = await rest(github, 'cy', `GET ${REPO}/issues?direction=asc`);
    const mine = await rest(github, 'cy', `GET ${REPO}/issues?creator=cy&state=all`);

    expect(opened).toMatchObject({ status: 201, body: { number: pull + 1, state: 'open', user: { login: 'cy' } } });
    expect(
      listed.body.map((one: { readonly number: number; readonly pull_request?: object }) => [
        one.number,
        !!one.pull_request,
      ]),
    ).toEqual([
      [pull, true],
      [pull + 1, false],
    ]);
    expect(mine.body).toHaveLength(1);
  });

  it('are closed and opened again by their author and those who may write', async () => {
    const { github } = await startWithPull();
    const { body } = await rest(github, 'cy', `POST ${REPO}/issues`, { title: 'Hm' });
    const route = `PATCH ${REPO}/issues/${body.number}`;

    const closed = await rest(github, 'bo', route, { state: 'closed', state_reason: 'not_planned' });
    const reopened = await rest(github, 'cy', route, { state: 'open', title: 'Still' });

    expect(closed.body).toMatchObject({ state: 'closed', state_reason: 'not_planned', closed_by: { login: 'bo' } });
    expect(reopened.body).toMatchObject({ state: 'open', state_reason: 'reopened', closed_by: null, title: 'Still' });
  });
});

describe('comments of the repository', () => {
  it('are those changed since then, and say what they hang on', async () => {
    const { github, pull } = await startWithPull();
    const issue = await rest(github, 'cy', `POST ${REPO}/issues`, { title: 'Hm' });
    await github.as('cy').comment(pull, 'on the pull request');
    await github.as('cy').comment(issue.body.number, 'on the issue');

    const all = await rest(github, 'bo', `GET ${REPO}/issues/comments?since=2026-11-20T09:00:00Z`);
    const none = await rest(github, 'bo', `GET ${REPO}/issues/comments?since=2026-11-20T09:00:01Z`);

    expect(all.body.map((comment: { readonly html_url: string }) => new URL(comment.html_url).pathname)).toEqual([
      `/acme/fleet/pull/${pull}`,
      `/acme/fleet/issues/${issue.body.number}`,
    ]);
    expect(none.body).toEqual([]);
  });

  it('take a reaction of each kind once from each', async () => {
    const { github, pull } = await startWithPull();
    const id = await github.as('cy').comment(pull, 'hi');
    const route = `${REPO}/issues/comments/${id}/reactions`;

    const replies = [
      await rest(github, 'ana', `POST ${route}`, { content: 'eyes' }),
      await rest(github, 'ana', `POST ${route}`, { content: 'eyes' }),
      await rest(github, 'bo', `POST ${route}`, { content: 'eyes' }),
      await rest(github, 'bo', `POST ${route}`, { content: 'wink' }),
    ];

    expect(replies.map(({ status }) => status)).toEqual([201, 200, 201, 422]);
    const { body } = await rest(github, 'cy', `GET ${REPO}/issues/comments/${id}`);
    expect(body.reactions).toMatchObject({ total_count: 2, eyes: 2, rocket: 0 });
    expect((await rest(github, 'cy', `GET ${route}?content=rocket`)).body).toEqual([]);
  });
});

describe('refs', () => {
  it('are found by how they begin, slashes and all', async () => {
    const { github, head } = await startWithPull();
    const expected = [{ ref: 'refs/heads/feature/x', object: { sha: head, type: 'commit' } }];

    expect((await rest(github, 'cy', `GET ${REPO}/git/matching-refs/heads/fea`)).body).toMatchObject(expected);
    expect((await rest(github, 'cy', `GET ${REPO}/git/matching-refs/heads%2Ffeature%2F`)).body).toMatchObject(expected);
    expect((await rest(github, 'cy', `GET ${REPO}/git/matching-refs/heads/nope`)).body).toEqual([]);
  });

  it('that are branches are deleted by who may write, once, and never the default one', async () => {
    const { github, pull } = await startWithPull();
    const route = `DELETE ${REPO}/git/refs/heads/feature/x`;

    const replies = [
      await rest(github, 'cy', route),
      await rest(github, 'bo', route),
      await rest(github, 'bo', route),
      await rest(github, 'bo', `DELETE ${REPO}/git/refs/heads/main`),
    ];

    expect(replies.map(({ status }) => status)).toEqual([403, 204, 422, 422]);
    expect(github.pullRequest(pull)).toMatchObject({ state: 'closed', closedBy: 'bo' });
  });
});

describe('a comparison', () => {
  it('counts what each side has and the other has not', async () => {
    const { github, head } = await startWithPull();
    const base = await github.as('bo').push('main', { 'b.txt': '1\n' }, 'meanwhile');

    const { body } = await rest(github, 'cy', `GET ${REPO}/compare/main...feature/x`);

    expect(body).toMatchObject({
      status: 'diverged',
      ahead_by: 1,
      behind_by: 1,
      total_commits: 1,
      base_commit: { sha: base },
      commits: [{ sha: head }],
      files: [{ filename: 'a.txt', status: 'modified', additions: 1, deletions: 1 }],
    });
  });

  it('of what does not exist is not found', async () => {
    const { github } = await startWithPull();

    expect((await rest(github, 'cy', `GET ${REPO}/compare/main...${'0'.repeat(39)}1`)).status).toBe(404);
  });
});
