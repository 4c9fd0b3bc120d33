import { describe, expect, it } from 'vitest';
import type { DeviceOutcome, RunEvent } from '../../../ledger/events.ts';
import { foldRun } from '../../../ledger/fold-run.ts';
import type { Run } from '../../../ledger/run.ts';
import { decideAfterApply, isParked, retryPolicyOf, stillToDo } from '../../../reconciler/deploy/after-apply.ts';
import { APPLY, BACKUP, DIFF, LOAD, moved, started } from '../../../reconciler/deploy/run-events.ts';

const passing = { code: 'X', disposition: 'retry-later', message: 'no answer', next: 'wait', details: {} } as const;
const forGood = { ...passing, disposition: 'needs-human' } as const;
const closed = { ...passing, code: 'RECONCILER_WINDOW_CLOSED', details: { opensAt: 9_000 } } as const;

const applied: DeviceOutcome = { kind: 'applied', candidate: '2', probes: [] };
const unreached: DeviceOutcome = { kind: 'untouched', error: passing };
const refused: DeviceOutcome = { kind: 'untouched', error: forGood };
const reverted: DeviceOutcome = { kind: 'reverted', error: forGood };
const unknown: DeviceOutcome = { kind: 'unknown', error: forGood };
const deferred: DeviceOutcome = { kind: 'untouched', error: closed };

/** A run whose apply has begun, with these outcomes and what else happened. */
function runWith(outcomes: readonly DeviceOutcome[], ...more: readonly RunEvent[]): Run {
  const devices = outcomes.map((outcome, index) => ({ site: 'ams1', device: `leaf0${index}`, outcome }));
  const run = foldRun('r', [
    started(1, { run: 'r', workflow: 'ConfigurationDeploy', commit: 'c', parent: 'p' }),
    ...[LOAD, DIFF].flatMap((stage) => [moved(1, stage, 'IN_PROGRESS'), moved(1, stage, 'COMPLETE')]),
    {
      kind: 'planned',
      at: 1,
      digest: 'd',
      devices: devices.map(({ site, device }) => ({ site, device, digest: 'd' })),
    },
    moved(1, APPLY, 'IN_PROGRESS'),
    ...devices.map((device): RunEvent => ({ kind: 'device-ended', at: 2, stage: APPLY, ...device })),
    ...more,
  ]);
  if (!run) throw new Error('no run');
  return run;
}

const policy = { count: 2, delaySeconds: 30 };
const again = (attempt: number): RunEvent => ({
  kind: 'retry-delayed',
  at: 3,
  stage: APPLY,
  until: 4,
  attempt,
  of: 2,
  why: 'no answer',
});

describe('decideAfterApply()', () => {
  const decide = (run: Run, keepsOpen = false) =>
    decideAfterApply(run, { policy, keepsOpen, barrier: false, now: 1_000 });

  it('is complete when every switch runs what is intended', () => {
    expect(decide(runWith([applied, { kind: 'in-sync' }]))).toEqual({ kind: 'complete' });
  });

  it('tries again by itself what may pass, after the delay, and says which time it is', () => {
    expect(decide(runWith([applied, unreached]))).toEqual({
      kind: 'again',
      until: 31_000,
      attempt: 1,
      of: 2,
      why: 'no answer',
    });
    expect(decide(runWith([unreached], again(1)))).toMatchObject({ kind: 'again', attempt: 2 });
  });

  it('leaves it to a person once it was tried again often enough', () => {
    expect(decide(runWith([unreached], again(2)))).toEqual({ kind: 'parked', why: 'no answer' });
  });

  it('counts anew when a person had it tried again', () => {
    const run = runWith([unreached], again(2), moved(5, APPLY, 'FAILED'), moved(6, APPLY, 'IN_PROGRESS'));

    expect(decide(run)).toMatchObject({ kind: 'again', attempt: 1 });
  });

  it.each([
    ['was refused', refused],
    ['was taken back', reverted],
  ] as const)('ends a run of its own when one switch %s, though another might pass', (_, outcome) => {
    expect(decide(runWith([unreached, outcome]))).toEqual({ kind: 'failed' });
  });

  it('goes on with the others of a batch all the same', () => {
    expect(decide(runWith([unreached, reverted]), true)).toMatchObject({ kind: 'again', attempt: 1 });
    expect(decide(runWith([applied, reverted]), true)).toEqual({ kind: 'failed' });
  });

  it('lets a person have a switch looked at again that nobody could tell anything of', () => {
    expect(decide(runWith([applied, unknown]))).toMatchObject({ kind: 'parked' });
  });

  it('takes a window that closed for no failure and no try, and waits until it opens', () => {
    expect(decide(runWith([applied, deferred], again(2)))).toMatchObject({ kind: 'deferred', until: 9_000 });
  });

  it('tries a batch that is confirmed together again only as a whole, while nothing of it was begun', () => {
    const together = (run: Run) => decideAfterApply(run, { policy, keepsOpen: true, barrier: true, now: 1_000 });

    expect(together(runWith([unreached, unreached]))).toMatchObject({ kind: 'again' });
    expect(together(runWith([unreached, reverted]))).toEqual({ kind: 'failed' });
  });

  it('does not try what was never approved', () => {
    const run = runWith([applied], {
      kind: 'device-ended',
      at: 2,
      site: 'ams1',
      device: 'leaf09',
      stage: APPLY,
      outcome: unreached,
    });

    expect(decide(run)).toEqual({ kind: 'failed' });
  });
});

describe('isParked()', () => {
  it('is a failed stage with something that can be tried again, in a run that has not ended', () => {
    const parked = runWith([unreached, reverted], moved(3, APPLY, 'FAILED'));

    expect(isParked(parked)).toBe(true);
    expect(stillToDo(parked).map(({ device }) => device)).toEqual(['leaf00']);
    expect(isParked(runWith([reverted], moved(3, APPLY, 'FAILED')))).toBe(false);
    expect(isParked(runWith([unreached]))).toBe(false);
  });
});

describe('retryPolicyOf()', () => {
  it('is what the rollout says, or else the workflow', () => {
    const rollout = { devicesAtOnce: 1, confirmWithinSeconds: 60 };

    expect(retryPolicyOf('ConfigurationDeploy', APPLY, rollout)).toEqual({ count: 3, delaySeconds: 30 });
    expect(retryPolicyOf('BatchDeploy', BACKUP, { ...rollout, retryCount: 0 })).toEqual({ count: 0, delaySeconds: 30 });
  });
});
