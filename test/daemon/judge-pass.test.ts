import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgePass, type PassVerdict, retryAt } from '../../daemon/judge-pass.ts';
import { documentOf, nothingDue, OutageError } from './build.ts';

const left = (error = documentOf()) => ({ about: 'pull request #1', error });
const current = { kind: 'current', number: 7, plan: undefined } as never;
const returned = (report: Partial<typeof nothingDue>) =>
  ({ kind: 'returned', report: { ...nothingDue, ...report } }) as const;

describe('a pass', () => {
  it('that left nothing undone is done', () => {
    expect(judgePass(returned({}))).toEqual({ kind: 'done' });
  });

  it('that left one thing undone and did another is partial', () => {
    expect(judgePass(returned({ pullRequests: [current], failures: [left()] }))).toMatchObject({
      kind: 'partial',
      again: true,
      error: { code: 'TEST_OUTAGE' },
    });
  });

  it('of which nothing came has failed, and so has one that threw', () => {
    expect(judgePass(returned({ failures: [left()] }))).toMatchObject({ kind: 'failed', again: true });
    expect(judgePass({ kind: 'threw', error: new OutageError() })).toMatchObject({ kind: 'failed', again: true });
  });

  it('that threw what nobody foresaw is a bug', () => {
    const thrown = new TypeError('x is not a function');

    expect(judgePass({ kind: 'threw', error: thrown })).toEqual({ kind: 'bug', thrown });
  });

  it('is not to be tried again by itself when only people can help', () => {
    const needsHuman = judgePass(returned({ failures: [left(documentOf({ disposition: 'needs-human' }))] }));

    expect(needsHuman).toMatchObject({ kind: 'failed', again: false });
    expect(retryAt(needsHuman, 1, 0, () => 0)).toBeUndefined();
  });
});

describe('trying again', () => {
  const failed = judgePass({ kind: 'threw', error: new OutageError() });

  it('begins after seconds and ends at five minutes', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 50, 5_000].map(
      (times) => (retryAt(failed, times, 0, () => 0.999_999) ?? 0) / 1_000,
    );

    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300, 300]);
  });

  it('is spread over half of each pause, whatever the dice say', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (times, dice) => {
          const at = retryAt(failed, times, 1_000, () => dice) ?? 0;

          expect(at).toBeGreaterThanOrEqual(1_000 + 2_500);
          expect(at).toBeLessThanOrEqual(1_000 + 300_000);
        },
      ),
    );
  });

  it('waits for the hour of a limit to be over, and believes no longer one', () => {
    const limitedUntil = (resetsAt: number): PassVerdict =>
      judgePass({ kind: 'threw', error: new OutageError({ resetsAt: new Date(resetsAt).toISOString() }) });

    expect(retryAt(limitedUntil(1_800_000), 1, 0, () => 0)).toBe(1_800_000);
    expect(retryAt(limitedUntil(-5_000), 1, 0, () => 0)).toBe(2_500);
    expect(retryAt(limitedUntil(9e12), 1, 0, () => 0)).toBe(3_600_000);
  });

  it('is not needed after a pass that is done', () => {
    expect(retryAt({ kind: 'done' }, 1, 0, () => 0)).toBeUndefined();
  });
});
