import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Fleet, FleetDevice } from '../../desired-state/fleet.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import { selectDevices } from '../../desired-state/select-devices.ts';
import { backUpDevices } from '../../reconciler/back-up-devices.ts';
import { fleetRef, type ReconcilerDeps } from '../../reconciler/deps.ts';
import { BranchMissingError, FleetInvalidError } from '../../reconciler/errors.ts';
import { platforms } from '../../reconciler/platforms.ts';
import { composeReconciler } from '../compose.ts';
import type { RemoteOptions } from '../connect.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { withProgress } from '../progress.ts';
import { renderErrorDocument } from '../render-error.ts';

/** `pointsman backup`: running configurations, redacted, in the form the switch can load. 1: some are missing. */
export async function backupCommand(
  io: Io,
  names: readonly string[],
  { out, json, ...remote }: RemoteOptions & { readonly out?: string; readonly json: boolean },
): Promise<ExitCode> {
  const { backups, failures, redact } = await withProgress(io, async (progress) => {
    const deps = await composeReconciler(io, remote, (line) => progress.show(line));
    const fleet = await fleetOnRemote(deps, io.signal);
    const devices = devicesNamed(fleet, names);
    const record = out === undefined;
    return { ...(await backUpDevices(deps, fleet, devices, record, io.signal)), redact: deps.redact };
  });
  for (const { file, text } of out === undefined ? [] : backups) {
    const path = join(resolve(io.cwd, out ?? ''), file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, redact(text));
  }
  const report = { backups: backups.map(({ device, file }) => ({ device, file })), failures };
  io.out(
    json
      ? `${JSON.stringify(report, undefined, 2)}\n`
      : [
          ...report.backups.map(({ device, file }) => `${device}: ${file}\n`),
          ...failures.map(({ error }) => renderErrorDocument(error)),
        ].join(''),
  );
  return failures.length > 0 ? 1 : 0;
}

async function fleetOnRemote({ repository, settings }: ReconcilerDeps, signal: AbortSignal): Promise<Fleet> {
  const ref = fleetRef(settings);
  const tip = (await repository.fetch([ref], signal)).get(ref);
  if (!tip) throw new BranchMissingError({ ref });
  const loaded = await loadFleet({ repository, revision: tip }, { platforms });
  if (loaded.kind === 'invalid') throw new FleetInvalidError({ revision: tip, problems: loaded.problems });
  return loaded.fleet;
}

/** Each of the names has to fit: half of what was asked for would look like all of it. */
function devicesNamed(fleet: Fleet, names: readonly string[]): readonly FleetDevice[] {
  const nobody = names.filter((name) => selectDevices(fleet, { names: [name] }).length === 0);
  if (nobody.length > 0) {
    throw new UsageError({
      problem: `no device is called ${nobody.join(' or ')}`,
      next: 'Names may hold * and ?, for example leaf*.',
    });
  }
  return selectDevices(fleet, { names });
}
