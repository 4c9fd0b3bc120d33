import { describe, expect, it } from 'vitest';
import { startHarness } from './harness.ts';

describe('closedBy()', () => {
  it('names who closed it, and nobody while it is open', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    const before = await forgeFor().closedBy(pull, signal);
    await github.as('bo').close(pull);
    const closed = await forgeFor().closedBy(pull, signal);
    await github.as('ana').reopen(pull);

    expect([before, closed, await forgeFor().closedBy(pull, signal)]).toEqual([undefined, 'bo', undefined]);
  });

  it('names nobody when it was merged', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    await github.as('bo').merge(pull);

    expect(await forgeFor().closedBy(pull, signal)).toBeUndefined();
  });

  it('names who deleted the branch, for that closed it', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    await github.as('bo').deleteBranch('change');

    expect(await forgeFor().closedBy(pull, signal)).toBe('bo');
  });
});

describe('defaultBranch()', () => {
  it('is what the repository says', async () => {
    const { forgeFor, signal } = await startHarness();

    expect(await forgeFor().defaultBranch(signal)).toBe('main');
  });
});

describe('latestScheduledRun()', () => {
  it('gives the latest that the schedule started, not what a push or another file did', async () => {
    const { github, forgeFor, clock, signal } = await startHarness();
    const at = clock.now();
    await github.scheduledRun('pointsman.yml', at - 7_200_000);
    await github.scheduledRun('pointsman.yml', at - 3_600_000);
    await github.scheduledRun('pointsman.yml', at, 'push');
    await github.scheduledRun('other.yml', at);

    const found = await forgeFor().latestScheduledRun('pointsman.yml', signal);

    expect(found).toEqual({ startedAt: at - 3_600_000, url: expect.stringMatching(/\/actions\/runs\/\d+$/) });
  });

  it('gives none when it only ran otherwise, and when GitHub does not know the file', async () => {
    const { github, forgeFor, signal } = await startHarness();
    await github.scheduledRun('pointsman.yml', 0, 'workflow_dispatch');

    expect(await forgeFor().latestScheduledRun('pointsman.yml', signal)).toBeUndefined();
    expect(await forgeFor().latestScheduledRun('nothing.yml', signal)).toBeUndefined();
  });

  it('fails when it may not be asked', async () => {
    const { github, forgeFor, signal } = await startHarness();
    github.inject({ path: '/actions/' }, { kind: 'status', status: 403, message: 'Resource not accessible' });

    await expect(forgeFor().latestScheduledRun('pointsman.yml', signal)).rejects.toMatchObject({
      code: 'FORGE_REFUSED',
    });
  });
});

describe('mergedBy()', () => {
  it('finds each pull request that the merge queue merged together', async () => {
    const { github, forgeFor, pull, signal } = await startHarness();
    await github.as('ana').push('b', { b: '1\n' }, 'b');
    const other = await github.as('ana').openPullRequest({ title: 'b', head: 'b' });
    const first = await github.enqueue(pull);
    const second = await github.enqueue(other);
    await github.finishQueue();

    expect(await forgeFor().mergedBy(first.head, 'main', signal)).toMatchObject({ number: pull });
    expect(await forgeFor().mergedBy(second.head, 'main', signal)).toMatchObject({ number: other });
  });
});
