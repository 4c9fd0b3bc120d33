import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../ledger/events.ts';
import { foldEvents, foldRun } from '../../../ledger/fold-run.ts';
import type { Run } from '../../../ledger/run.ts';
import {
  decideAfterBackup,
  eventsAfterBackup,
  isBackupDelayed,
  parkedStage,
} from '../../../reconciler/deploy/after-backup.ts';
import { APPLY, BACKUP, DIFF, LOAD, moved, started } from '../../../reconciler/deploy/run-events.ts';

const passing = { code: 'X', disposition: 'retry-later', message: 'no answer', next: 'wait', details: {} } as const;
const forGood = { ...passing, disposition: 'needs-human', message: 'another switch' } as const;
const policy = { count: 2, delaySeconds: 30 };

/** A run whose switches are applied, and whose backup has begun. */
function runWith(...more: readonly RunEvent[]): Run {
  const run = foldRun('r', [
    started(1, { run: 'r', workflow: 'ConfigurationDeploy', commit: 'c', parent: 'p' }),
    ...[LOAD, DIFF, APPLY].flatMap((stage) => [moved(1, stage, 'IN_PROGRESS'), moved(1, stage, 'COMPLETE')]),
    moved(1, BACKUP, 'IN_PROGRESS'),
    ...more,
  ]);
  if (!run) throw new Error('no run');
  return run;
}

const again = (attempt: number): RunEvent => ({
  ...{ kind: 'retry-delayed', at: 3, stage: BACKUP, until: 4, attempt, of: 2, why: 'no answer' },
});
const decide = (run: Run, ...failures: Parameters<typeof decideAfterBackup>[1]) =>
  decideAfterBackup(run, failures, { policy, now: 1_000 });

describe('decideAfterBackup()', () => {
  it('is complete when every switch was read back', () => {
    expect(decide(runWith())).toEqual({ kind: 'complete' });
  });

  it('asks again by itself what may pass, after the delay, and says which time it is', () => {
    expect(decide(runWith(again(1)), passing, forGood)).toEqual({
      ...{ kind: 'again', until: 31_000, attempt: 2, of: 2 },
      why: '2 backups missing: no answer',
    });
  });

  it('stands as failed with what may pass when it was asked as often as allowed, whatever else failed for good', () => {
    expect(decide(runWith(again(2)), forGood, passing)).toEqual({
      ...{ kind: 'failed', why: '2 backups missing: no answer', error: passing },
    });
  });

  it('does not ask again what failed for good', () => {
    expect(decide(runWith(), forGood)).toEqual({
      ...{ kind: 'failed', why: '1 backup missing: another switch', error: forGood },
    });
  });
});

describe('a run whose backup failed', () => {
  const told = (run: Run, ...failures: Parameters<typeof decideAfterBackup>[1]): Run =>
    foldEvents('r', run, eventsAfterBackup(1_000, decide(run, ...failures))) ?? run;

  it('waits while it is asked again by itself, and then for a person', () => {
    const delayed = told(runWith(), passing);
    const parked = told(runWith(again(2)), passing);

    expect([isBackupDelayed(delayed), parkedStage(delayed)]).toEqual([true, undefined]);
    expect([isBackupDelayed(parked), parkedStage(parked)]).toEqual([false, BACKUP]);
  });

  it('waits for nobody where it failed for good, and when it has ended', () => {
    const forNobody = told(runWith(), forGood);
    const parked = told(runWith(again(2)), passing);
    const ended = foldEvents('r', parked, [{ kind: 'run-ended', at: 2_000, status: 'FAILED', why: 'x' }]);

    expect([parkedStage(forNobody), ended && parkedStage(ended)]).toEqual([undefined, undefined]);
  });

  it('has all its tries again when a person says so', () => {
    const parked = told(runWith(again(2)), passing);
    const retried = foldEvents('r', parked, [moved(2_000, BACKUP, 'IN_PROGRESS')]) ?? parked;

    expect(decide(retried, passing)).toMatchObject({ kind: 'again', attempt: 1 });
  });
});
