import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import { selectDevices } from '../../desired-state/select-devices.ts';
import { backUpDevices } from '../../reconciler/back-up-devices.ts';
import { fleetRef } from '../../reconciler/deps.ts';
import { BranchMissingError, FleetInvalidError } from '../../reconciler/errors.ts';
import { platforms } from '../../reconciler/platforms.ts';
import { composeReconciler, type RemoteOptions } from '../compose.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { createProgress } from '../progress.ts';
import { renderErrorDocument } from '../render-error.ts';

/** `pointsman backup`: running configurations, redacted, in the form the switch can load. 1: some are missing. */
export async function backupCommand(
  io: Io,
  names: readonly string[],
  { out, json, ...remote }: RemoteOptions & { readonly out?: string; readonly json: boolean },
): Promise<ExitCode> {
  const progress = createProgress(io);
  const deps = await composeReconciler(io, remote, (line) => progress.show(line));
  const ref = fleetRef(deps.settings);
  const tip = (await deps.repository.fetch([ref], io.signal)).get(ref);
  if (!tip) throw new BranchMissingError({ ref });
  const loaded = await loadFleet({ repository: deps.repository, revision: tip }, { platforms });
  if (loaded.kind === 'invalid') throw new FleetInvalidError({ revision: tip, problems: loaded.problems });
  const devices = selectDevices(loaded.fleet, { names });
  if (devices.length === 0) {
    throw new UsageError({
      problem: `no device is called ${names.join(' or ')}`,
      next: 'Names may hold * and ?, for example leaf*.',
    });
  }

  const { backups, failures } = await backUpDevices(deps, loaded.fleet, devices, out === undefined, io.signal);
  progress.done();
  for (const { file, text } of out === undefined ? [] : backups) {
    const path = join(resolve(io.cwd, out ?? ''), file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, deps.redact(text));
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
