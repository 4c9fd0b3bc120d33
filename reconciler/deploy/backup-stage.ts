import pLimit from 'p-limit';
import type { RunEvent } from '../../ledger/events.ts';
import type { DeviceState, LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import { backUpDeployed, type DeployedBackup } from '../../workflows/back-up-switch.ts';
import { foreseen } from '../../workflows/foreseen.ts';
import type { PlanSubject } from '../../workflows/plan-configuration.ts';
import { backupFile, newBackups } from '../backups.ts';
import type { ReconcilerDeps } from '../deps.ts';
import type { RetryPolicy } from './after-apply.ts';
import { decideAfterBackup, eventsAfterBackup } from './after-backup.ts';
import { BACKUP, moved, stageState } from './run-events.ts';
import { withinDeadline } from './within-deadline.ts';

export interface BackupStageInput {
  readonly run: Run;
  readonly commit: string;
  /** Switches that run what is intended now, by name. */
  readonly subjects: readonly PlanSubject[];
  readonly devicesAtOnce: number;
  readonly policy: RetryPolicy;
  /** Others of the run are still to come: the stage stays open for their backups. */
  readonly moreToCome: boolean;
}

/**
 * Reads back what the switches run and keeps it on the ledger, all in one commit. Touches no configuration; doing it twice
 * is harmless.
 */
export async function runBackupStage(
  deps: ReconcilerDeps,
  input: BackupStageInput,
  signal: AbortSignal,
): Promise<LedgerView> {
  if (input.moreToCome && input.subjects.length === 0) return deps.ledger.view(signal);
  const { name } = input.run;
  const limit = pLimit(input.devicesAtOnce);
  const results = await withinDeadline(name, BACKUP, signal, (limited) =>
    Promise.all(input.subjects.map((subject) => limit(() => backUpOne(deps, subject, limited)))),
  );
  const backed = results.filter((result) => result.kind === 'backed-up');
  const backups = backed.map(({ backup }) => backup);
  const failures = results.flatMap((result) => (result.kind === 'failed' ? [result.error] : []));
  deps.onProgress?.(`${backups.length} of ${results.length} configurations backed up`);

  return deps.ledger.append(async (view) => {
    const run = await view.run(name);
    if (!run || run.endedAt !== undefined || hasMoved(input.run, run)) return undefined;
    const at = deps.clock.now();
    const after = decideAfterBackup(run, failures, { policy: input.policy, now: at });
    const events: RunEvent[] = [
      ...(stageState(run, BACKUP) === 'IN_PROGRESS' ? [] : [moved(at, BACKUP, 'IN_PROGRESS')]),
      ...backups.map((backup) => ({
        kind: 'backed-up' as const,
        at,
        site: backup.site,
        device: backup.device,
        file: backupFile(backup),
      })),
      ...(input.moreToCome ? [] : eventsAfterBackup(at, after)),
    ];
    if (events.length === 0) return undefined;
    return {
      title: `${name}: back up ${backups.length} switches`,
      events: new Map([[name, events]]),
      backups: await newBackups(deps, view, backups),
      devices: backed.map(({ backup, subject }) => stateOf(input, subject, backup, at)),
    };
  }, signal);
}

/** Another process has read the same switches meanwhile. */
function hasMoved(before: Run, now: Run): boolean {
  const triesOf = (run: Run) => run.stages.find(({ name }) => name === BACKUP)?.repetitions;
  const state = stageState(now, BACKUP);
  return state === 'COMPLETE' || state === 'FAILED' || triesOf(before) !== triesOf(now);
}

async function backUpOne(deps: ReconcilerDeps, subject: PlanSubject, signal: AbortSignal) {
  try {
    return { kind: 'backed-up' as const, subject, backup: await backUpDeployed(deps.switches, subject, signal) };
  } catch (error) {
    const known = foreseen(error, subject.device, signal);
    deps.log.warn({ device: subject.device, code: known.code }, 'backup failed');
    return { kind: 'failed' as const, error: known.toJSON() };
  }
}

function stateOf(
  { run, commit }: BackupStageInput,
  { rolledBackTo }: PlanSubject,
  backup: DeployedBackup,
  at: number,
): DeviceState {
  const { site, device, identity, runningDigest, opaqueSecrets } = backup;
  return {
    site,
    device,
    serial: identity.serial,
    version: identity.version,
    appliedCommit: commit,
    appliedAt: at,
    run: run.name,
    ...(rolledBackTo === undefined ? {} : { rolledBackTo }),
    runningDigest,
    opaqueSecrets,
  };
}
