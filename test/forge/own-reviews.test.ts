import { describe, expect, it } from 'vitest';
import { APP, startHarness } from './harness.ts';

describe('viewer()', () => {
  it('gives the person a token belongs to', async () => {
    const { forgeFor, signal } = await startHarness();

    expect(await forgeFor('bo').viewer(signal)).toBe('bo');
  });

  it.each([APP, 'github-actions[bot]'])('knows of nobody behind the token of %s', async (login) => {
    const { forgeFor, signal } = await startHarness();

    expect(await forgeFor(login).viewer(signal)).toBeUndefined();
  });

  it('fails where the token is not good at all', async () => {
    const { github, forgeFor, signal } = await startHarness();
    github.inject({ path: /\/user$/ }, { kind: 'status', status: 401 }, Number.POSITIVE_INFINITY);

    await expect(forgeFor('bo').viewer(signal)).rejects.toMatchObject({ details: { status: 401 } });
  });
});

describe('submitReview()', () => {
  it.each(['approved', 'changes-requested'] as const)(
    'says %s of that head, with the words, as the person',
    async (state) => {
      const { github, forgeFor, pull, signal } = await startHarness();
      const commit = github.pullRequest(pull).headCommit;
      await github.as('ana').push('change', { 'fleet.yaml': 'mtu: 9001\n' }, 'a bit more');

      await forgeFor('bo').submitReview(pull, { state, commit, body: 'By the command line.' }, signal);

      expect(await forgeFor().reviews(pull, signal)).toMatchObject([{ reviewer: 'bo', state, commit }]);
      expect(github.pullRequest(pull).reviews[0]?.body).toBe('By the command line.');
    },
  );

  it('is refused for one’s own pull request, with GitHub’s words', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const { headCommit: commit } = github.pullRequest(pull);

    await expect(
      forgeFor('ana').submitReview(pull, { state: 'approved', commit, body: '' }, signal),
    ).rejects.toMatchObject({ details: { status: 422, reason: expect.stringContaining('your own pull request') } });
  });
});
