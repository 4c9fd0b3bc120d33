import { deviceAccess } from '../desired-state/device-access.ts';
import type { Fleet, FleetDevice } from '../desired-state/fleet.ts';
import { secretPlacesOf } from '../desired-state/render-device.ts';
import type { ErrorDocument } from '../schemas/errors.ts';
import { type Backup, backUpSwitch } from '../workflows/back-up-switch.ts';
import { backupFile, newBackups } from './backups.ts';
import type { ReconcilerDeps } from './deps.ts';
import { rolloutOf } from './load-commit.ts';
import { platforms } from './platforms.ts';
import { type Answer, askEach } from './read/ask-each.ts';

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
  const answers = await readBackups(deps, fleet, devices, signal);
  const backups = answers.flatMap((answer) => (answer.kind === 'answered' ? [answer.answer] : []));
  if (record && backups.length > 0) {
    await deps.ledger.append(async (view) => {
      const changed = await newBackups(deps, view, backups);
      if (changed.size === 0) return undefined;
      return { title: `back up ${changed.size} switches`, backups: changed };
    }, signal);
  }
  return {
    backups: backups.map((backup) => ({ device: backup.device, file: backupFile(backup), text: backup.text })),
    failures: answers.flatMap((answer) =>
      answer.kind === 'failed' ? [{ device: answer.device.name, error: answer.error }] : [],
    ),
  };
}

/**
 * What switches run, redacted. What is intended is asked only for where it puts secrets, so that a switch whose configuration
 * does not render is kept all the same.
 */
export function readBackups(
  deps: ReconcilerDeps,
  fleet: Fleet,
  devices: readonly FleetDevice[],
  signal: AbortSignal,
): Promise<readonly Answer<Backup>[]> {
  return askEach(
    deps,
    devices,
    rolloutOf(fleet.settings.value).devicesAtOnce,
    (device) =>
      backUpSwitch(
        deps.switches,
        {
          device: device.name,
          site: device.site,
          access: deviceAccess(fleet, device),
          intended: { secrets: secretPlacesOf(fleet, device, platforms) },
        },
        signal,
      ),
    signal,
  );
}
