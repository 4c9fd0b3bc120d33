import type { DeviceOutcome } from '../../ledger/events.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { ReconcilerDeps } from '../deps.ts';
import type { LoadedCommit } from '../load-commit.ts';
import { runBackupStage } from './backup-stage.ts';
import type { Advance, DeployWork } from './deploy-work.ts';
import { finishRun } from './finish-run.ts';

/** What is left once every switch has its end: keep what they run now, tell people, end the run. */
export async function backUpAndFinish(
  deps: ReconcilerDeps,
  work: DeployWork,
  view: LedgerView,
  loaded: LoadedCommit,
  signal: AbortSignal,
): Promise<Advance> {
  const run = await view.run(work.run);
  const asIntended = new Set(
    run?.devices.filter(({ outcome }) => outcome && AS_INTENDED.has(outcome.kind)).map(({ device }) => device),
  );
  await runBackupStage(
    deps,
    {
      run: work.run,
      commit: work.commit,
      subjects: loaded.subjects.filter(({ device }) => asIntended.has(device)),
      devicesAtOnce: loaded.rollout.devicesAtOnce,
    },
    signal,
  );
  return finishRun(deps, work, signal);
}

/** Outcomes after which the switch runs what the fleet says, so that its configuration is worth keeping. */
const AS_INTENDED: ReadonlySet<DeviceOutcome['kind']> = new Set(['applied', 'faulty', 'in-sync']);
