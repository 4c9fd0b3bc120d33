import { describe, expect, it } from 'vitest';
import { createConditionalCache } from '../../forge/conditional-cache.ts';
import { createGithubForge } from '../../forge/create-github-forge.ts';
import { createGithubMemory } from '../../forge/github-memory.ts';
import { isFullLastPage } from '../../forge/pages.ts';
import { startAppHarness } from './app.ts';
import { startHarness } from './harness.ts';

describe('asking again', () => {
  it('costs nothing when nothing changed, and says the same', async () => {
    const { forgeFor, pull, signal } = await startHarness();
    const forge = forgeFor();
    const first = [await forge.pullRequest(pull, signal), await forge.reviews(pull, signal)];
    const { remaining } = forge.budget();

    const second = [await forge.pullRequest(pull, signal), await forge.reviews(pull, signal)];

    expect(second).toEqual(first);
    expect(forge.budget()).toMatchObject({ sent: 4, unchanged: 2, remaining });
  });

  it('hears of what changed', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const forge = forgeFor();
    await forge.reviews(pull, signal);

    await github.as('bo').approve(pull);

    expect(await forge.reviews(pull, signal)).toMatchObject([{ reviewer: 'bo', state: 'approved' }]);
    expect(forge.budget().unchanged).toBe(0);
  });

  it('looks at every page, and takes only those anew that changed', async () => {
    const { github, forgeFor, pull, signal } = await startHarness({ largestPage: 2 });
    for (const text of ['1', '2', '3']) await github.as('bo').comment(pull, text);
    const forge = forgeFor('github-actions[bot]');
    const texts = async () => {
      await forge.stickyComment(pull, 'marker', signal);
      return github.requests().filter(({ path }) => path.includes('/comments')).length;
    };
    expect(await texts()).toBe(2);

    await github.as('bo').comment(pull, '4');
    await github.as('bo').comment(pull, 'marker');
    const third = await forge.stickyComment(pull, 'marker', signal);

    expect(third).toBeUndefined(); // It is bo's.
    // Two pages of before, one of them as it was, and one that is new.
    expect(await texts()).toBe(2 + 3 + 3);
    expect(forge.budget().unchanged).toBe(1 + 3);
  });

  it('finds the page that came behind a full one', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    for (let count = 0; count < 100; count++) await github.as('bo').comment(pull, `${count}`);
    const forge = forgeFor();
    await forge.stickyComment(pull, 'marker', signal);
    const written = await forgeFor().writeStickyComment(pull, 'marker', 'marker', signal);

    expect(await forge.stickyComment(pull, 'marker', signal)).toMatchObject({ id: written.id });
  });

  it('is answered anew after a broken answer', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const forge = forgeFor();
    await forge.pullRequest(pull, signal);
    github.inject({ path: '/pulls' }, { kind: 'status', status: 502 });

    expect((await forge.pullRequest(pull, signal)).number).toBe(pull);
    expect(forge.budget()).toMatchObject({ sent: 3, unchanged: 1 });
  });

  it('never gives one account what another was shown', async () => {
    const { github, clock, log, pull, signal } = await startHarness();
    const memory = createGithubMemory(clock);
    const as = (token: string) =>
      createGithubForge({ repository: 'acme/fleet', api: github.apiUrl, token, memory, clock, log });
    await as(github.tokenFor('bo')).pullRequest(pull, signal);

    await expect(as('ghp_nobody').pullRequest(pull, signal)).rejects.toMatchObject({ details: { status: 401 } });

    const other = as(github.tokenFor('ana'));
    await other.pullRequest(pull, signal);
    expect(other.budget().unchanged).toBe(0);
    const again = as(github.tokenFor('bo'));
    await again.pullRequest(pull, signal);
    expect(again.budget().unchanged).toBe(1);
  });

  it('does not tell of a pull request that may not be seen any more', async () => {
    const { github, forge, app, clock, pull, signal } = await startAppHarness();
    await forge.pullRequest(pull, signal);
    await clock.sleep(3_600_000, signal);
    github.apps.change(app.installationId, { suspended: true });

    await expect(forge.pullRequest(pull, signal)).rejects.toMatchObject({ code: 'FORGE_APP_NOT_INSTALLED' });
  });

  it('is asked in full again with another token of the same App', async () => {
    const { forge, clock, pull, signal } = await startAppHarness();
    await forge.pullRequest(pull, signal);
    await clock.sleep(3_600_000, signal);

    expect((await forge.pullRequest(pull, signal)).number).toBe(pull);
    expect(forge.budget().unchanged).toBe(0);
  });
});

describe('the memory for answers', () => {
  const answer = (bytes: number, etag = '"e"') => ({
    status: 200,
    headers: { etag, 'content-length': String(bytes) },
    data: [],
  });

  it('forgets what was not asked for longest, when there is no more room', () => {
    const cache = createConditionalCache(10_000);
    cache.keep('t', 'one', answer(3000));
    cache.keep('t', 'two', answer(3000));
    cache.find('t', 'one');

    cache.keep('t', 'three', answer(3000));

    expect(['one', 'two', 'three'].map((url) => cache.find('t', url) !== undefined)).toEqual([true, false, true]);
  });

  it('finds nothing with another token, nor for another address', () => {
    const cache = createConditionalCache();
    cache.keep('t', 'one', answer(10));

    expect([cache.find('u', 'one'), cache.find('t', 'two')]).toEqual([undefined, undefined]);
  });

  it('makes room for what replaces itself', () => {
    const cache = createConditionalCache(10_000);
    for (let count = 0; count < 100; count++) cache.keep('t', 'one', answer(3000, `"${count}"`));
    cache.keep('t', 'two', answer(3000));

    expect(cache.find('t', 'one')?.etag).toBe('"99"');
    expect(cache.find('t', 'two')).toBeDefined();
  });

  it.each([
    { what: 'is larger than all of it', kept: answer(20_000) },
    { what: 'has no entity tag', kept: { ...answer(1), headers: { 'content-length': '1' } } },
    { what: 'does not tell how large it is', kept: { ...answer(1), headers: { etag: '"e"' } } },
  ])('does not keep what $what, and forgets what it had of it', ({ kept }) => {
    const cache = createConditionalCache(10_000);
    cache.keep('t', 'one', answer(10));
    cache.keep('t', 'other', answer(10));

    cache.keep('t', 'one', kept);

    expect(cache.find('t', 'one')).toBeUndefined();
    expect(cache.find('t', 'other')).toBeDefined();
  });
});

describe('a full page', () => {
  const full = Array.from({ length: 100 }, (_, index) => index);

  it.each([
    { what: 'with nothing behind it', data: full, headers: {}, last: true },
    { what: 'inside an object', data: { total_count: 100, check_runs: full }, headers: {}, last: true },
    { what: 'with another behind it', data: full, headers: { link: '<https://x/?page=2>; rel="next"' }, last: false },
    { what: 'less one', data: full.slice(1), headers: {}, last: false },
    { what: 'of nothing', data: undefined, headers: {}, last: false },
  ])('$what is remembered: $last is no', ({ data, headers, last }) => {
    expect(isFullLastPage({ status: 200, headers, data })).toBe(last);
  });
});
