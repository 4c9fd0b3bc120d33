import pLimit from 'p-limit';
import type { RunEvent } from '../../ledger/events.ts';
import type { DeviceState, LedgerView } from '../../ledger/ledger.ts';
import { backUpDeployed, type DeployedBackup } from '../../workflows/back-up-switch.ts';
import { foreseen } from '../../workflows/foreseen.ts';
import type { PlanSubject } from '../../workflows/plan-configuration.ts';
import { backupFile } from '../backups.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { withinDeadline } from './within-deadline.ts';

const STAGE = 'perform_backup';

export interface BackupStageInput {
  readonly run: string;
  readonly commit: string;
  /** Switches that run what is intended now, by name. */
  readonly subjects: readonly PlanSubject[];
  readonly devicesAtOnce: number;
  /** Others of the run are still to come: the stage stays open for their backups. */
  readonly moreToCome?: boolean;
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
  const limit = pLimit(input.devicesAtOnce);
  const results = await withinDeadline(input.run, STAGE, signal, (limited) =>
    Promise.all(input.subjects.map((subject) => limit(() => backUpOne(deps, subject, limited)))),
  );
  const backed = results.filter((result) => result.kind === 'backed-up');
  const backups = backed.map(({ backup }) => backup);
  const failures = results.flatMap((result) => (result.kind === 'failed' ? [result] : []));
  deps.onProgress?.(`${backups.length} of ${results.length} configurations backed up`);

  return deps.ledger.append(async (view) => {
    const run = await view.run(input.run);
    const stage = run?.stages.find(({ name }) => name === STAGE);
    if (run?.endedAt !== undefined || stage?.state === 'COMPLETE' || stage?.state === 'FAILED') return undefined;
    const at = deps.clock.now();
    const [failure] = failures;
    const open = input.moreToCome ? [] : undefined;
    const events: RunEvent[] = [
      { kind: 'stage-moved', at, stage: STAGE, to: 'IN_PROGRESS' },
      ...backups.map((backup) => ({
        kind: 'backed-up' as const,
        at,
        site: backup.site,
        device: backup.device,
        file: backupFile(backup),
      })),
      ...(open ?? [
        failure
          ? ({
              kind: 'stage-moved',
              at,
              stage: STAGE,
              to: 'FAILED',
              why: `${failures.length} backups are missing`,
              error: failure.error,
            } as const)
          : ({ kind: 'stage-moved', at, stage: STAGE, to: 'COMPLETE' } as const),
      ]),
    ];
    return {
      title: `${input.run}: back up ${backups.length} switches`,
      events: new Map([[input.run, events]]),
      backups: new Map(backups.map((backup) => [backupFile(backup), backup.text])),
      devices: backed.map(({ backup, subject }) => stateOf(input, subject, backup, at)),
    };
  }, signal);
}

async function backUpOne(deps: ReconcilerDeps, subject: PlanSubject, signal: AbortSignal) {
  try {
    return { kind: 'backed-up' as const, subject, backup: await backUpDeployed(deps.switches, subject, signal) };
  } catch (error) {
    const known = foreseen(error, subject.device, signal);
    deps.log.warn({ device: subject.device, code: known.code }, 'backup failed');
    return { kind: 'failed' as const, device: subject.device, error: known.toJSON() };
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
    run,
    ...(rolledBackTo === undefined ? {} : { rolledBackTo }),
    runningDigest,
    opaqueSecrets,
  };
}
