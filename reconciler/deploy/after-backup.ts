import type { RunEvent } from '../../ledger/events.ts';
import type { Run } from '../../ledger/run.ts';
import { count } from '../../plans/words.ts';
import type { ErrorDocument } from '../../schemas/errors.ts';
import { backupStage } from '../../workflows/deploy-stages.ts';
import { isParked, type RetryPolicy } from './after-apply.ts';
import { APPLY, BACKUP, moved, stageState } from './run-events.ts';

/** What follows when switches were read back for their backups: decided from the run and what went wrong. */
export type AfterBackup =
  | { readonly kind: 'complete' }
  /** Some did not answer: they are asked again by themselves. */
  | {
      readonly kind: 'again';
      readonly until: number;
      readonly attempt: number;
      readonly of: number;
      readonly why: string;
    }
  /** It stands so until a person has it tried again, where the error is one that may pass; else the run ends with it. */
  | { readonly kind: 'failed'; readonly why: string; readonly error: ErrorDocument };

export function decideAfterBackup(
  run: Run,
  failures: readonly ErrorDocument[],
  { policy, now }: { readonly policy: RetryPolicy; readonly now: number },
): AfterBackup {
  const passing = failures.filter(isPassing);
  const [error = failures[0]] = passing;
  if (!error) return { kind: 'complete' };
  const why = `${count(failures.length, 'backup')} missing: ${error.message}`;
  const repetitions = run.stages.find(({ name }) => name === BACKUP)?.repetitions ?? 0;
  if (passing.length > 0 && repetitions < policy.count) {
    return { kind: 'again', until: now + policy.delaySeconds * 1000, attempt: repetitions + 1, of: policy.count, why };
  }
  return { kind: 'failed', why, error };
}

/** The same as events. */
export function eventsAfterBackup(at: number, after: AfterBackup): readonly RunEvent[] {
  switch (after.kind) {
    case 'complete':
      return [moved(at, BACKUP, 'COMPLETE')];
    case 'again': {
      const { until, attempt, of, why } = after;
      return [{ kind: 'retry-delayed', at, stage: BACKUP, until, attempt, of, why }];
    }
    case 'failed': {
      const { deviceState, advice } = backupStage.whenFailed;
      return [{ ...moved(at, BACKUP, 'FAILED', after.why), error: after.error, recovery: { deviceState, advice } }];
    }
  }
}

/** Some switches did not answer, and are asked again by themselves. */
export function isBackupDelayed(run: Run): boolean {
  return run.endedAt === undefined && run.stages.some(({ name, retryDelay }) => name === BACKUP && retryDelay);
}

/** The stage that has failed and can be tried again, if any: a person has to say so. */
export function parkedStage(run: Run): string | undefined {
  if (isParked(run)) return APPLY;
  const error = run.stages.find(({ name }) => name === BACKUP)?.error;
  const stands = run.endedAt === undefined && stageState(run, BACKUP) === 'FAILED';
  return stands && error && isPassing(error) ? BACKUP : undefined;
}

function isPassing({ disposition }: ErrorDocument): boolean {
  return disposition === 'retry-later';
}
