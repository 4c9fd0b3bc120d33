import { describe, expect, it } from 'vitest';
import { rest, startWorld } from './harness.ts';

const PULL = '/repos/acme/fleet/pulls/1';

async function startWithPull(options: Parameters<typeof startWorld>[0] = {}) {
  const github = await startWorld(options);
  await github.as('ana').push('main', { 'a.txt': '1\n' }, 'begin');
  const head = await github.as('ana').push('change', { 'a.txt': '2\n' }, 'change');
  await github.as('ana').openPullRequest({ title: 'Change', head: 'change' });
  return { github, head };
}

describe('who may', () => {
  it('is nobody without a token of ours', async () => {
    const { github } = await startWithPull();

    expect(await rest(github, undefined, `GET ${PULL}`)).toMatchObject({
      status: 401,
      body: { message: 'Bad credentials' },
    });
  });

  it('does not learn of the repository without a role on it', async () => {
    const { github } = await startWithPull();

    expect((await rest(github, 'out', `GET ${PULL}`)).status).toBe(404);
  });

  it('approve is anybody but the author', async () => {
    const { github, head } = await startWithPull();

    const own = await rest(github, 'ana', `POST ${PULL}/reviews`, { event: 'APPROVE' });
    const other = await rest(github, 'cy', `POST ${PULL}/reviews`, { event: 'APPROVE' });

    expect(own).toMatchObject({ status: 422, body: { errors: ['Can not approve your own pull request'] } });
    expect(other).toMatchObject({
      status: 200,
      body: { state: 'APPROVED', commit_id: head, submitted_at: '2026-11-20T09:00:00Z', user: { login: 'cy' } },
    });
  });

  it('create a check run is an App only', async () => {
    const { github, head } = await startWithPull();
    const run = { name: 'plan', head_sha: head, status: 'in_progress' };

    const person = await rest(github, 'bo', 'POST /repos/acme/fleet/check-runs', run);
    const app = await rest(github, 'pointsman[bot]', 'POST /repos/acme/fleet/check-runs', run);

    expect(person).toMatchObject({ status: 403, body: { message: 'You must authenticate via a GitHub App.' } });
    expect(app).toMatchObject({ status: 201, body: { app: { slug: 'pointsman' }, conclusion: null } });
  });

  it('change a comment is its author, or who may write', async () => {
    const { github } = await startWithPull();
    const id = await github.as('ana').comment(1, 'mine');

    const reader = await rest(github, 'cy', `PATCH /repos/acme/fleet/issues/comments/${id}`, { body: 'no' });
    const writer = await rest(github, 'bo', `PATCH /repos/acme/fleet/issues/comments/${id}`, { body: 'yes' });

    expect([reader.status, writer.status]).toEqual([403, 200]);
  });

  it('ask who they are over REST is a person only', async () => {
    const { github } = await startWithPull();

    expect(await rest(github, 'bo', 'GET /user')).toMatchObject({ status: 200, body: { login: 'bo' } });
    expect((await rest(github, 'pointsman[bot]', 'GET /user')).status).toBe(403);
  });
});

describe('a review', () => {
  it('stays on the head it was made on, and counts as given until it is dismissed', async () => {
    const { github, head } = await startWithPull();
    const id = await github.as('bo').approve(1);
    await github.as('ana').push('change', { 'a.txt': '3\n' }, 'more');

    const before = await rest(github, 'cy', `GET ${PULL}/reviews`);
    await github.as('ana').dismissReview(1, id);
    const after = await rest(github, 'cy', `GET ${PULL}/reviews`);

    expect(before.body).toMatchObject([{ id, state: 'APPROVED', commit_id: head }]);
    expect(after.body).toMatchObject([{ id, state: 'DISMISSED', commit_id: head }]);
  });

  it('is dismissed by a push where the repository is set so', async () => {
    const { github } = await startWithPull({ dismissStaleReviews: true });
    await github.as('bo').approve(1);

    await github.as('ana').push('change', { 'a.txt': '3\n' }, 'more');

    expect(github.pullRequest(1).reviews).toMatchObject([{ state: 'DISMISSED' }]);
  });
});

describe('a pull request', () => {
  it.each([
    [
      { head: 'nope', base: 'main' },
      { field: 'head', code: 'invalid' },
    ],
    [
      { head: 'change', base: 'nope' },
      { field: 'base', code: 'invalid' },
    ],
    [
      { head: 'main', base: 'main' },
      { code: 'custom', message: 'No commits between main and main' },
    ],
    [
      { head: 'change', base: 'main' },
      { code: 'custom', message: 'A pull request already exists for acme:change.' },
    ],
  ])('is not opened for %o', async (order, error) => {
    const { github } = await startWithPull();

    const reply = await rest(github, 'ana', 'POST /repos/acme/fleet/pulls', { title: 't', ...order });

    expect(reply).toMatchObject({ status: 422, body: { errors: [error] } });
  });
});

describe('lists', () => {
  it('come in pages whose links lead through all of it', async () => {
    const { github } = await startWithPull();
    for (let i = 0; i < 5; i++) await github.as('cy').comment(1, `${i}`);

    const seen: string[] = [];
    let next: string | undefined = '/repos/acme/fleet/issues/1/comments?per_page=2';
    while (next) {
      const { body, headers } = await rest(github, 'cy', `GET ${next}`);
      seen.push(body.map((comment: { readonly body: string }) => comment.body).join());
      next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
    }

    expect(seen).toEqual(['0,1', '2,3', '4']);
  });

  it('have no Link header when there is one page', async () => {
    const { github } = await startWithPull();

    expect((await rest(github, 'cy', `GET ${PULL}/commits`)).headers.get('link')).toBeNull();
  });
});

describe('limits and entity tags', () => {
  it('count every request, say what is left, and then refuse', async () => {
    const { github } = await startWithPull({ hourlyLimit: 2 });

    const replies = [
      await rest(github, 'bo', `GET ${PULL}`),
      await rest(github, 'bo', `GET ${PULL}`),
      await rest(github, 'bo', `GET ${PULL}`),
    ];

    expect(replies.map(({ status, headers }) => [status, headers.get('x-ratelimit-remaining')])).toEqual([
      [200, '1'],
      [200, '0'],
      [403, '0'],
    ]);
  });

  it('do not count what the asker has already', async () => {
    const { github } = await startWithPull();
    const first = await rest(github, 'bo', `GET ${PULL}`);

    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    const second = await rest(github, 'bo', `GET ${PULL}`, undefined, headers);

    expect(second.status).toBe(304);
    expect(second.headers.get('x-ratelimit-remaining')).toBe(first.headers.get('x-ratelimit-remaining'));
  });
});

describe('onRequest()', () => {
  it('is told before anything was done, and again when it was and nobody has heard of it', async () => {
    const { github } = await startWithPull();
    const seen: unknown[] = [];
    github.onRequest(({ phase, method, user, mutating }) => {
      seen.push([phase, method, user, mutating, github.comments(1).length]);
    });

    await rest(github, 'bo', 'POST /repos/acme/fleet/issues/1/comments', { body: 'hi' });

    expect(seen).toEqual([
      ['received', 'POST', 'bo', true, 0],
      ['performed', 'POST', 'bo', true, 1],
    ]);
  });

  it('holds the answer back until the listener is done', async () => {
    const { github } = await startWithPull();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const stop = github.onRequest(({ phase }) => (phase === 'performed' ? held : undefined));
    const order: string[] = [];

    const asking = rest(github, 'bo', 'POST /repos/acme/fleet/issues/1/comments', { body: 'hi' }).then(() =>
      order.push('answered'),
    );
    await expect.poll(() => github.comments(1).length).toBe(1);
    order.push('released');
    stop();
    release();
    await asking;

    expect(order).toEqual(['released', 'answered']);
  });
});

it('nobody can be somebody who is not there', async () => {
  const { github } = await startWithPull();

  expect(() => github.as('mallory')).toThrow(expect.objectContaining({ code: 'SANDBOX_GITHUB_REFUSED' }));
  expect(() => github.tokenFor('mallory')).toThrow(expect.objectContaining({ code: 'SANDBOX_GITHUB_REFUSED' }));
});
