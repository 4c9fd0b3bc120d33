import { describe, expect, it } from 'vitest';
import { createGithubForge } from '../../forge/create-github-forge.ts';
import { startHarness } from './harness.ts';

describe('a GitHub that is broken', () => {
  it.each([
    { kind: 'status', status: 500 },
    { kind: 'status', status: 502 },
    { kind: 'text', status: 503, contentType: 'text/html', text: '<h1>unicorn</h1>' },
    { kind: 'text', status: 200, contentType: 'text/html', text: '\n<html>Sign in at the proxy' },
    { kind: 'drop-before' },
    { kind: 'drop-after' },
  ] as const)('is asked again when reading, a little later each time: %o', async (fault) => {
    const { github, forgeFor, pull, signal, clock } = await startHarness();
    github.inject({ path: '/pulls' }, fault, 3);

    const found = await forgeFor().pullRequest(pull, signal);

    expect(found.number).toBe(pull);
    expect(clock.slept).toEqual([1000, 2000, 4000]);
  });

  it('is given up after four times, for the next pass to try', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    github.inject({ path: '/pulls' }, { kind: 'status', status: 503, message: 'Service Unavailable' }, 99);

    await expect(forgeFor().pullRequest(pull, signal)).rejects.toMatchObject({
      code: 'FORGE_UNAVAILABLE',
      disposition: 'retry-later',
      details: {
        request: 'GET /repos/acme/fleet/pulls/1',
        status: 503,
        reason: '503 Service Unavailable',
        mayHaveActed: false,
      },
    });
    expect(github.requests()).toHaveLength(4);
  });

  it('whose answers are pages of a proxy says so, and quotes none', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const page = (status: number) =>
      ({ kind: 'text', status, contentType: 'text/html', text: '<b>canary</b>' }) as const;

    github.inject({ path: '/pulls' }, page(200), 4);
    const taken = await forgeFor().pullRequest(pull, signal).catch(String);
    github.inject({ path: '/pulls' }, page(403), 1);
    const refused = await forgeFor().pullRequest(pull, signal).catch(String);

    expect(taken).toContain('ForgeUnavailableError');
    expect(refused).toContain('ForgeRefusedError');
    for (const said of [taken, refused]) {
      expect(said).toContain('a web page came in place of an answer');
      expect(said).not.toContain('canary');
    }
  });

  it('that is not there at all is unavailable, and the reason says so', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const forge = forgeFor();
    await github.close();

    await expect(forge.pullRequest(pull, signal)).rejects.toMatchObject({
      code: 'FORGE_UNAVAILABLE',
      details: { reason: 'ECONNREFUSED' },
    });
  });

  it('that does not answer in time is unavailable', async () => {
    const { github, pull, signal, clock, log } = await startHarness();
    github.inject({ path: '/pulls' }, { kind: 'delay', milliseconds: 300 }, 99);
    const token = github.tokenFor('bo');
    const options = { repository: 'acme/fleet', api: github.apiUrl, token, clock, log, answerWithinMilliseconds: 20 };

    await expect(createGithubForge(options).pullRequest(pull, signal)).rejects.toMatchObject({
      code: 'FORGE_UNAVAILABLE',
      details: { reason: 'no answer in time' },
    });
  });

  it.each([
    { at: 'head.sha', text: '{"number":1,"title":"t","user":null,"state":"open","merged_at":null,"head":{}}' },
    { at: 'number', text: '[]' },
    { at: 'number', text: '"hello"' },
    { at: 'number', text: '{"number"' },
  ])('whose answer lacks $at is not believed', async ({ at, text }) => {
    const { github, forgeFor, pull, signal } = await startHarness();
    github.inject({ path: '/pulls' }, { kind: 'text', status: 200, contentType: 'application/json', text });

    await expect(forgeFor().pullRequest(pull, signal)).rejects.toMatchObject({
      code: 'FORGE_ANSWER_UNREADABLE',
      details: { request: 'GET /repos/acme/fleet/pulls/1', at },
    });
  });

  it('whose list is no list is not believed to have nothing to say', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    github.inject({ path: '/reviews' }, { kind: 'text', status: 200, contentType: 'application/json', text: '{}' });

    await expect(forgeFor().reviews(pull, signal)).rejects.toMatchObject({ code: 'FORGE_ANSWER_UNREADABLE' });
  });

  it('whose next page is on another host is not followed there with our token', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const other = await startHarness();
    const link = `<${other.github.apiUrl}/repos/acme/fleet/pulls/1/reviews?page=2>; rel="next"`;
    const answer = { status: 200, contentType: 'application/json', text: '[]', headers: { link } };
    github.inject({ path: '/reviews' }, { kind: 'text', ...answer });

    await expect(forgeFor().reviews(pull, signal)).rejects.toMatchObject({ code: 'FORGE_ANSWER_UNREADABLE' });
    expect(other.github.requests()).toEqual([]);
  });

  it('that has moved the repository is not followed', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const headers = { location: `${github.apiUrl}/repositories/2/pulls/1` };
    github.inject({ path: '/pulls' }, { kind: 'status', status: 301, message: 'Moved Permanently', headers });

    await expect(forgeFor().pullRequest(pull, signal)).rejects.toMatchObject({
      code: 'FORGE_REFUSED',
      details: { status: 301 },
    });
    expect(github.requests()).toHaveLength(1);
  });
});

describe('a rate limit', () => {
  it.each([403, 429] as const)('that ends soon is waited for (%i)', async (status) => {
    const { github, forgeFor, pull, signal, clock } = await startHarness();
    github.inject({ path: '/pulls' }, { kind: 'rate-limit', resetsInSeconds: 30, status });

    await forgeFor().pullRequest(pull, signal);

    expect(clock.slept).toEqual([31_000]);
  });

  it('that ends late stops the pass and says when to go on', async () => {
    const { github, forgeFor, pull, signal, clock } = await startHarness();
    github.inject({ path: '/pulls' }, { kind: 'rate-limit', resetsInSeconds: 1800 });

    await expect(forgeFor().pullRequest(pull, signal)).rejects.toMatchObject({
      code: 'FORGE_RATE_LIMITED',
      disposition: 'retry-later',
      details: { request: 'GET /repos/acme/fleet/pulls/1', limit: 'primary', resetsAt: '2026-11-20T09:30:01.000Z' },
    });
    expect(clock.slept).toEqual([]);
  });

  it.each([
    [7, 7000],
    [undefined, 60_000],
  ])('of the secondary kind with retry-after %s is waited for %i ms', async (retryAfterSeconds, expected) => {
    const { github, forgeFor, pull, signal, clock } = await startHarness();
    const after = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
    github.inject({ path: '/pulls' }, { kind: 'secondary-limit', ...after });

    await forgeFor().pullRequest(pull, signal);

    expect(clock.slept).toEqual([expected]);
  });

  it('that comes back is not waited for again and again', async () => {
    const { github, forgeFor, pull, signal, clock } = await startHarness();
    github.inject({ path: '/pulls' }, { kind: 'secondary-limit', retryAfterSeconds: 5 }, 99);

    await expect(forgeFor().pullRequest(pull, signal)).rejects.toMatchObject({
      code: 'FORGE_RATE_LIMITED',
      details: { limit: 'secondary' },
    });
    expect(clock.slept).toEqual([5000, 5000]);
  });

  it('lets a write be repeated, because it was not performed', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    github.inject({ method: 'POST', path: '/comments' }, { kind: 'secondary-limit', retryAfterSeconds: 1 });

    await forgeFor().writeStickyComment(pull, 'marker', 'marker', signal);

    expect(github.comments(pull)).toHaveLength(1);
  });
});

describe('budget()', () => {
  it('counts every request, repeated ones as well, and says what is left', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    github.inject({ path: '/pulls' }, { kind: 'status', status: 502 });
    const forge = forgeFor();

    await forge.pullRequest(pull, signal);
    await forge.reviews(pull, signal);

    const resetsAt = Date.UTC(2026, 10, 20, 10);
    expect(forge.budget()).toEqual({ sent: 3, unchanged: 0, remaining: 4998, limit: 5000, resetsAt });
    expect(github.requests()).toHaveLength(3);
  });
});

describe('an abort', () => {
  it('ends a read with the reason that was given', async () => {
    const { github, forgeFor, pull } = await startHarness();
    const controller = new AbortController();
    const reason = new Error('the pass is over');
    github.onRequest(() => controller.abort(reason));

    await expect(forgeFor().pullRequest(pull, controller.signal)).rejects.toBe(reason);
  });

  it('ends a write with the reason that was given', async () => {
    const { github, forgeFor, pull } = await startHarness();
    const controller = new AbortController();
    const reason = new Error('the pass is over');
    github.onRequest(({ mutating }) => (mutating ? controller.abort(reason) : undefined));

    await expect(forgeFor().writeStickyComment(pull, 'marker', 'marker', controller.signal)).rejects.toBe(reason);
  });
});

it('a wrong token is refused, and neither error nor log ever holds it', async () => {
  const { github, clock, log, pull, signal } = await startHarness();
  const token = 'ghp_canary0123456789';
  const forge = createGithubForge({ repository: 'acme/fleet', api: github.apiUrl, token, clock, log });
  github.inject({ path: '/reviews' }, { kind: 'status', status: 422, message: `who gave you ${token}?` });
  github.inject({ path: '/commits' }, { kind: 'drop-before' }, 99);

  const errors = await Promise.all([
    forge.pullRequest(pull, signal).catch((error: unknown) => error),
    forge.reviews(pull, signal).catch((error: unknown) => error),
    forge.commits(pull, signal).catch((error: unknown) => error),
  ]);

  expect(errors[0]).toMatchObject({ code: 'FORGE_REFUSED', details: { status: 401, reason: 'Bad credentials' } });
  expect(errors.map(everything).join()).not.toContain('canary');
  expect(log.lines.join()).not.toContain('canary');
});

/** All that can be reached from an error, causes and hidden members too. */
function everything(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  return Object.getOwnPropertyNames(error)
    .map((name) => everything((error as Readonly<Record<string, unknown>>)[name]))
    .join(' ');
}
