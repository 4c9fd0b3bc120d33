import { describe, expect, it } from 'vitest';
import { conflictsWith, leaseHolds } from '../../ledger/lease.ts';
import type { Lease } from '../../ledger/run.ts';
import { fold, intent, ownerA, started, T0 } from './build.ts';

const lease: Lease = {
  owner: ownerA,
  stage: 'apply_configuration',
  deadline: T0 + 1000,
  fence: '',
  devices: ['ams1/leaf-01'],
};
const nobodyIsDead = () => false;

describe('leaseHolds()', () => {
  it.each([
    { case: 'before the deadline', now: T0, isDead: nobodyIsDead, devices: lease.devices, expected: true },
    { case: 'not at the deadline', now: T0 + 1000, isDead: nobodyIsDead, devices: lease.devices, expected: false },
    {
      case: 'not when its owner is known to be dead',
      now: T0,
      isDead: () => true,
      devices: lease.devices,
      expected: false,
    },
    { case: 'not over nothing', now: T0, isDead: nobodyIsDead, devices: [], expected: false },
  ])('$case', ({ now, isDead, devices, expected }) => {
    expect(leaseHolds({ ...lease, devices }, now, isDead)).toBe(expected);
  });
});

describe('conflictsWith()', () => {
  const theirs = fold([started(), intent(['leaf-01', 'leaf-02'])], 'theirs');
  const question = { run: 'ours', devices: ['ams1/leaf-02', 'ams1/leaf-03'], now: T0, isDead: nobodyIsDead };

  it('names the switches another run may be touching, and the run', () => {
    const conflicts = conflictsWith([fold([started()], 'idle'), theirs], question);

    expect(conflicts).toEqual([{ device: 'ams1/leaf-02', run: 'theirs', lease: theirs.lease }]);
  });

  it('sees none in a run’s own lease', () => {
    expect(conflictsWith([theirs], { ...question, run: 'theirs' })).toEqual([]);
  });

  it('sees none in a lease that ran out', () => {
    expect(conflictsWith([theirs], { ...question, now: T0 + 600_000 })).toEqual([]);
  });
});
