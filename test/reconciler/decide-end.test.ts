import { describe, expect, it } from 'vitest';
import type { DeviceOutcome, RunEvent } from '../../ledger/events.ts';
import { foldRun } from '../../ledger/fold-run.ts';
import { decideEnd } from '../../reconciler/deploy/finish-run.ts';
import { APPLY, DIFF, LOAD, moved, started } from '../../reconciler/deploy/run-events.ts';

const error = { code: 'X', disposition: 'needs-human', message: 'no', next: 'look', details: {} } as const;
const outcomes = {
  applied: { kind: 'applied', candidate: '2', probes: [] },
  'in-sync': { kind: 'in-sync' },
  faulty: { kind: 'faulty', candidate: '2', error },
  reverted: { kind: 'reverted', error },
  untouched: { kind: 'untouched', error },
  unknown: { kind: 'unknown', error },
  differs: { kind: 'differs', digest: 'd', changes: 1 },
  'backed-up': { kind: 'backed-up', changed: true },
} as const satisfies Record<DeviceOutcome['kind'], DeviceOutcome>;

/** A run of which every switch has its end. */
function runWith(...kinds: readonly DeviceOutcome['kind'][]) {
  const events: RunEvent[] = [
    started(1, { run: 'r', workflow: 'ConfigurationDeploy', commit: 'c', parent: 'p' }),
    moved(1, LOAD, 'IN_PROGRESS'),
    moved(1, LOAD, 'COMPLETE'),
    moved(1, DIFF, 'IN_PROGRESS'),
    moved(1, DIFF, 'COMPLETE'),
    moved(1, APPLY, 'IN_PROGRESS'),
    ...kinds.map(
      (kind, index): RunEvent => ({
        kind: 'device-ended',
        at: 2,
        site: 'ams1',
        device: `leaf0${index}`,
        stage: APPLY,
        outcome: outcomes[kind],
      }),
    ),
  ];
  const run = foldRun('r', events);
  if (!run) throw new Error('no run');
  return run;
}

describe('decideEnd()', () => {
  it('is green only when every switch runs what is intended', () => {
    expect(decideEnd(runWith('applied', 'in-sync'))).toEqual({ status: 'COMPLETED', why: '1 applied, 1 in-sync' });
  });

  it.each(['faulty', 'reverted', 'untouched', 'unknown'] as const)('is red when one of many is %s', (kind) => {
    expect(decideEnd(runWith('applied', 'applied', kind))).toEqual({ status: 'FAILED', why: `2 applied, 1 ${kind}` });
  });
});
