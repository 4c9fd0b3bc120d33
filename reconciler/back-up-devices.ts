import pLimit from 'p-limit';
import type { Fleet, FleetDevice } from '../desired-state/fleet.ts';
import type { ErrorDocument } from '../schemas/errors.ts';
import { backUpSwitch } from '../workflows/back-up-switch.ts';
import { foreseen } from '../workflows/foreseen.ts';
import type { ReconcilerDeps } from './deps.ts';
import { rolloutOf, subjectFor } from './load-commit.ts';

export interface BackUpReport {
  readonly backups: readonly { readonly device: string; readonly file: string; readonly text: string }[];
  readonly failures: readonly { readonly device: string; readonly error: ErrorDocument }[];
}

/**
 * Reads what switches run, on request.
 *
 * @param record Also keep them on the ledger, in one commit; nothing is written where nothing differs.
 */
export async function backUpDevices(
  deps: ReconcilerDeps,
  fleet: Fleet,
  devices: readonly FleetDevice[],
  record: boolean,
  signal: AbortSignal,
): Promise<BackUpReport> {
  const limit = pLimit(rolloutOf(fleet.settings.value).devicesAtOnce);
  const view = record ? await deps.ledger.view(signal) : undefined;
  let done = 0;
  const results = await Promise.all(
    devices.map((device) =>
      limit(async () => {
        try {
          const backup = await backUpSwitch(
            deps.switches,
            await subjectFor({ before: fleet, after: fleet, access: fleet }, device, view),
            signal,
          );
          return {
            kind: 'read' as const,
            device: device.name,
            file: `backups/${device.site}/${device.name}.${backup.extension}`,
            text: backup.text,
          };
        } catch (error) {
          return { kind: 'failed' as const, device: device.name, error: foreseen(error, device.name, signal).toJSON() };
        } finally {
          done += 1;
          deps.onProgress?.(`${done} of ${devices.length} configurations read`);
        }
      }),
    ),
  );
  const backups = results.filter((result) => result.kind === 'read');
  if (record && backups.length > 0) {
    await deps.ledger.append(async (current) => {
      const changed = [];
      for (const { file, text } of backups)
        if ((await current.file(file)) !== text) changed.push([file, text] as const);
      if (changed.length === 0) return undefined;
      return { title: `back up ${changed.length} switches`, backups: new Map(changed) };
    }, signal);
  }
  return { backups, failures: results.filter((result) => result.kind === 'failed') };
}
