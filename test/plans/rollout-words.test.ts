import { describe, expect, it } from 'vitest';
import { EVERYTHING } from '../../plans/comment-detail.ts';
import type { Rollout } from '../../plans/plan.ts';
import { batchesInWords, expectedInWords, rolloutNotes } from '../../plans/rollout-words.ts';
import { aChanging, aPlan } from './build.ts';

const plain: Rollout = { devicesAtOnce: 10, confirmWithinSeconds: 300 };
const planOf = (rollout: Partial<Rollout>, number = 20, labels = {}) =>
  aPlan({
    inBatches: true,
    rollout: { ...plain, ...rollout },
    devices: Array.from({ length: number }, (_, index) => aChanging(`leaf-${index + 1}`, { labels })),
  });

describe('batchesInWords()', () => {
  it.each<{ rollout: Partial<Rollout>; words: string }>([
    { rollout: {}, words: 'all at once' },
    { rollout: { batchSize: 5 }, words: 'batches of at most 5; it stops at the first batch that fails' },
    { rollout: { batchPercentage: 50 }, words: 'batches of at most 50 %; it stops at the first batch that fails' },
    {
      rollout: { batchSize: 5, batchPercentage: 50 },
      words: 'batches of at most 5 and at most 50 %; it stops at the first batch that fails',
    },
    {
      rollout: { canaryPercentage: 10 },
      words:
        '10 % of the switches first (2), of as many groups as possible; all of them have to come out well; then all others at once; it stops at the first batch that fails',
    },
    {
      rollout: { canaryPercentage: 40, canarySuccessThreshold: 75, batchSize: 5, barrier: true, gate: 'first' },
      words:
        '40 % of the switches first (8), of as many groups as possible; in more than one batch; at least 75 % of them have to come out well; then batches of at most 5; it stops at the first batch that fails; the switches of a batch are confirmed together or not at all; batch 3 asks for an approval of its own',
    },
    {
      rollout: { canaryPercentage: 100 },
      words: '100 % of the switches first (20), of as many groups as possible; all of them have to come out well',
    },
    { rollout: { gate: 'each' }, words: 'all at once; every batch asks for an approval of its own' },
  ])('says $words', ({ rollout, words }) => {
    expect(batchesInWords(planOf(rollout)).join('; ')).toBe(words);
  });

  it('says of batches that only conflicts make that they are as few as can be', () => {
    expect(batchesInWords(planOf({}, 3, { mlag_pair: '1' }))).toEqual([
      'as few batches as keep apart what backs each other up',
      'it stops at the first batch that fails',
    ]);
  });

  it.each([
    { what: 'no batches', plan: aPlan() },
    { what: 'no switch', plan: planOf({ canaryPercentage: 10, gate: 'each' }, 0) },
  ])('says nothing of a plan with $what', ({ plan }) => {
    expect(batchesInWords(plan)).toEqual([]);
  });
});

describe('rolloutNotes()', () => {
  it.each<{ rollout: Partial<Rollout>; notes: readonly string[] }>([
    { rollout: {}, notes: [] },
    { rollout: { retryCount: 0 }, notes: ['Nothing is tried again by itself.'] },
    { rollout: { retryCount: 1 }, notes: ['What fails for a passing reason is tried again up to 1 time.'] },
    {
      rollout: { retryCount: 3, retryDelaySeconds: 90, timeoutSeconds: 7200 },
      notes: [
        'What fails for a passing reason is tried again up to 3 times, each time after 90 s.',
        'A run that has not ended after 2 h is ended.',
      ],
    },
    {
      rollout: { batchSize: 5 },
      notes: [
        'Switches that back each other up by their configuration are never in one batch, nor are those of a site that are equal in one of `failure_domain`, `mlag_pair`.',
      ],
    },
    {
      rollout: { batchSize: 5, apart: [] },
      notes: ['Switches that back each other up by their configuration are never in one batch.'],
    },
  ])('says of $rollout what else there is to know', ({ rollout, notes }) => {
    expect(rolloutNotes(planOf(rollout), EVERYTHING)).toEqual(notes);
  });
});

it('expectedInWords() names what is no failure, and only where something is', () => {
  expect(expectedInWords({ ...plain, expectedChanges: ['bgp *', 'interface swp1'] }, EVERYTHING)).toBe(
    '**May get worse**, and is not taken for a failure: `bgp *`, `interface swp1`',
  );
  expect(expectedInWords({ ...plain, expectedChanges: [] }, EVERYTHING)).toBeUndefined();
});
