import { describe, expect, it } from 'vitest';
import type { DeviceOutcome, RunEvent, RunStatus } from '../../../ledger/events.ts';
import { foldRun } from '../../../ledger/fold-run.ts';
import type { Run } from '../../../ledger/run.ts';
import type { Batch, Plan, Rollout } from '../../../plans/plan.ts';
import { decideNextBatch } from '../../../reconciler/batches/next-batch.ts';
import { APPLY, BATCHES, DIFF, LOAD, moved, REVIEW, started } from '../../../reconciler/deploy/run-events.ts';

const error = { code: 'X', disposition: 'retry-later', message: 'no answer', next: 'wait', details: {} } as const;
const applied: DeviceOutcome = { kind: 'applied', candidate: '2', probes: [] };
const unreached: DeviceOutcome = { kind: 'untouched', error };
const reverted: DeviceOutcome = { kind: 'reverted', error: { ...error, disposition: 'needs-human' } };

function planOf(batches: readonly Batch[], rollout: Partial<Rollout> = {}): Plan {
  return { batches, rollout: { devicesAtOnce: 1, confirmWithinSeconds: 60, ...rollout } } as unknown as Plan;
}

const names = (number: number, count: number) => Array.from({ length: count }, (_, index) => `leaf${number}${index}`);
const batch = (number: number, count = 1, more: Partial<Batch> = {}): Batch => ({
  number,
  devices: names(number, count),
  ...more,
});
const three = [batch(1), batch(2), batch(3)];

function parent(...more: readonly RunEvent[]): Run {
  const run = foldRun('r', [
    started(1, { run: 'r', workflow: 'MultiDeploy', commit: 'c', parent: 'p' }),
    ...[LOAD, DIFF].flatMap((stage) => [moved(1, stage, 'IN_PROGRESS'), moved(1, stage, 'COMPLETE')]),
    moved(10, BATCHES, 'IN_PROGRESS'),
    ...more,
  ]);
  if (!run) throw new Error('no run');
  return run;
}

/** The run of a batch: how its switches came out, when, and how it ended; open where that is left out. */
function child(number: number, outcomes: readonly DeviceOutcome[], at: number, status?: RunStatus): [number, Run] {
  const well = outcomes.every(({ kind }) => kind === 'applied');
  const devices = outcomes.map((outcome, index) => ({ site: 'ams1', device: `leaf${number}${index}`, outcome }));
  const run = foldRun(`b${number}`, [
    started(11, { run: `b${number}`, workflow: 'BatchDeploy', commit: 'c', parent: 'p' }),
    {
      kind: 'planned',
      at: 11,
      digest: 'd',
      devices: devices.map(({ site, device }) => ({ site, device, digest: 'd' })),
    },
    moved(11, REVIEW, 'IN_PROGRESS'),
    moved(11, REVIEW, 'COMPLETE'),
    ...(outcomes.length > 0 ? [moved(11, APPLY, 'IN_PROGRESS')] : []),
    ...devices.map((device): RunEvent => ({ kind: 'device-ended', at, stage: APPLY, ...device })),
    ...(outcomes.length > 0 ? [moved(at, APPLY, well ? 'COMPLETE' : 'FAILED')] : []),
    ...(status ? [{ kind: 'run-ended', at, status } as const] : []),
  ]);
  if (!run) throw new Error('no run');
  return [number, run];
}

const next = (run: Run, plan: Plan, ...children: readonly [number, Run][]) =>
  decideNextBatch(run, plan, new Map(children));

describe('decideNextBatch()', () => {
  it('begins with the first, and with the next once one came out well', () => {
    const plan = planOf(three);

    expect(next(parent(), plan)).toMatchObject({ kind: 'begin', batch: { number: 1 } });
    expect(next(parent(), plan, child(1, [applied], 20, 'COMPLETED'))).toMatchObject({
      kind: 'begin',
      batch: { number: 2 },
    });
  });

  it('brings the one that is under way to its end before anything else', () => {
    expect(next(parent(), planOf(three), child(1, [], 20))).toMatchObject({ kind: 'go-on', batch: { number: 1 } });
  });

  it('is done after the last', () => {
    const all = [1, 2, 3].map((number) => child(number, [applied], 20, 'COMPLETED'));

    expect(next(parent(), planOf(three), ...all)).toEqual({ kind: 'done' });
  });

  it('stops at a batch that failed, whether it can be tried again or not', () => {
    expect(next(parent(), planOf(three), child(1, [reverted], 20, 'FAILED'))).toMatchObject({
      kind: 'stop',
      batch: { number: 1 },
    });
    expect(next(parent(), planOf(three), child(1, [unreached], 20))).toMatchObject({ kind: 'stop' });
  });

  it('does nothing while nobody has said that it is to go on', () => {
    const run = parent(moved(30, BATCHES, 'FAILED'));

    expect(next(run, planOf(three), child(1, [unreached], 20))).toEqual({ kind: 'stopped' });
  });

  it('tries again what can be once a person said so, and leaves what cannot be', () => {
    const run = parent(moved(30, BATCHES, 'FAILED'), moved(40, BATCHES, 'IN_PROGRESS'));

    expect(next(run, planOf(three), child(1, [unreached], 20))).toMatchObject({ kind: 'again', batch: { number: 1 } });
    expect(next(run, planOf(three), child(1, [reverted], 20, 'FAILED'))).toMatchObject({
      kind: 'begin',
      batch: { number: 2 },
    });
  });

  it('stops again when it fails again after that', () => {
    const run = parent(moved(30, BATCHES, 'FAILED'), moved(40, BATCHES, 'IN_PROGRESS'));

    expect(next(run, planOf(three), child(1, [unreached], 50))).toMatchObject({ kind: 'stop', batch: { number: 1 } });
  });

  it('lets as many canaries fail as the threshold says, over all batches of canaries', () => {
    const canaries = [batch(1, 5, { canary: true }), batch(2, 5, { canary: true }), batch(3)];
    const one = child(1, [applied, applied, applied, applied, reverted], 20, 'FAILED');
    const another = child(2, [applied, applied, applied, applied, reverted], 25, 'FAILED');

    expect(next(parent(), planOf(canaries), one)).toMatchObject({ kind: 'stop' });
    const tolerant = planOf(canaries, { canarySuccessThreshold: 90 });
    expect(next(parent(), tolerant, one)).toMatchObject({ kind: 'begin', batch: { number: 2 } });
    expect(next(parent(), tolerant, one, another)).toMatchObject({ kind: 'stop', batch: { number: 2 } });
  });

  it('does not end as done while a canary that was let fail can be tried again', () => {
    const plan = planOf([batch(1, 2, { canary: true }), batch(2)], { canarySuccessThreshold: 50 });

    const found = next(parent(), plan, child(1, [applied, unreached], 20), child(2, [applied], 30, 'COMPLETED'));

    expect(found).toMatchObject({ kind: 'stop', batch: { number: 1 } });
  });

  it('goes no further when somebody rejected a batch', () => {
    expect(next(parent(), planOf(three), child(1, [], 20, 'REJECTED'))).toMatchObject({
      kind: 'rejected',
      batch: { number: 1 },
    });
  });
});
