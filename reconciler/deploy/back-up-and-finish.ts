import type { DeviceOutcome } from '../../ledger/events.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import type { ReconcilerDeps } from '../deps.ts';
import type { LoadedCommit } from '../load-commit.ts';
import { isParked, retryPolicyOf } from './after-apply.ts';
import { isBackupDelayed, parkedStage } from './after-backup.ts';
import { goesOn, isInterrupted, putOffUntil } from './ask-and-apply.ts';
import { runBackupStage } from './backup-stage.ts';
import type { Advance } from './deploy-work.ts';
import type { Deploying } from './deploying.ts';
import { finishRun, tellProgress } from './finish-run.ts';
import { BACKUP } from './run-events.ts';

/**
 * What is left once every switch has its outcome for now: keep what they run, tell people, and end the run; or leave it open
 * where some are to be tried again.
 */
export async function backUpAndFinish(
  deps: ReconcilerDeps,
  { work, loaded }: Pick<Deploying, 'work' | 'loaded'>,
  view: LedgerView,
  signal: AbortSignal,
): Promise<Advance> {
  const run = await view.run(work.run);
  if (!run) throw new RangeError(`${work.run} was carried out without having started`);
  const moreToCome = goesOn(run) || isInterrupted(run) || isParked(run);
  const after = await backUpWhatIsDone(deps, work.commit, run, loaded, moreToCome, signal);
  const now = (await after.run(work.run)) ?? run;
  if (!moreToCome && !isBackupDelayed(now) && parkedStage(now) === undefined) return finishRun(deps, work, signal);
  await tellProgress(deps, work, after, now, signal);
  return waitingFor(now);
}

/** What a run stands at that is not to end yet. */
export function waitingFor(run: Run): Advance {
  const parked = parkedStage(run);
  if (parked !== undefined) {
    const why = run.stages.find(({ name }) => name === parked)?.history.at(-1)?.why ?? 'it failed';
    const next = `Comment /pointsman retry ${run.name} ${parked}, or /pointsman terminate ${run.name}.`;
    return { kind: 'waiting', run: run.name, why, next, failed: true };
  }
  const off = putOffUntil(run) ?? { why: 'some switches are still to be done' };
  return { kind: 'waiting', run: run.name, ...off };
}

/** Backs up the switches of a run that are done and have no backup in it yet. */
export async function backUpWhatIsDone(
  deps: ReconcilerDeps,
  commit: string,
  run: Run,
  loaded: LoadedCommit,
  moreToCome: boolean,
  signal: AbortSignal,
): Promise<LedgerView> {
  const done = new Set(
    run.devices
      .filter(({ outcome, backup }) => outcome && AS_INTENDED.has(outcome.kind) && backup === undefined)
      .map(({ device }) => device),
  );
  return runBackupStage(
    deps,
    {
      run,
      commit,
      subjects: loaded.subjects.filter(({ device }) => done.has(device)),
      devicesAtOnce: loaded.rollout.devicesAtOnce,
      policy: retryPolicyOf(run.workflow, BACKUP, loaded.rollout),
      moreToCome,
    },
    signal,
  );
}

/** Outcomes after which the switch runs what the fleet says, so that its configuration is worth keeping. */
const AS_INTENDED: ReadonlySet<DeviceOutcome['kind']> = new Set(['applied', 'faulty', 'in-sync']);
