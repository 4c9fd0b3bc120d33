import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Fleet, FleetDevice } from '../../desired-state/fleet.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import { selectDevices } from '../../desired-state/select-devices.ts';
import { backUpDevices } from '../../reconciler/back-up-devices.ts';
import { fleetRef, type ReconcilerDeps } from '../../reconciler/deps.ts';
import { BranchMissingError, FleetInvalidError } from '../../reconciler/errors.ts';
import { platforms } from '../../reconciler/platforms.ts';
import { isMeant } from '../../reconciler/requests/is-meant.ts';
import { composeReconciler } from '../compose.ts';
import type { RemoteOptions } from '../connect.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { withProgress } from '../progress.ts';
import { renderErrorDocument } from '../render-error.ts';

/** Which switches. At least one of them is said, and all that is said has to hold. */
interface Asked {
  /** Names or globs of devices. */
  readonly names: readonly string[];
  /** Names or globs of sites. */
  readonly site?: readonly string[];
  readonly all?: boolean;
}

type Options = RemoteOptions & Omit<Asked, 'names'> & { readonly out?: string; readonly json: boolean };

/** `pointsman backup`: running configurations, redacted, in the form the switch can load. 1: some are missing. */
export async function backupCommand(
  io: Io,
  names: readonly string[],
  { out, json, site, all, ...remote }: Options,
): Promise<ExitCode> {
  const asked: Asked = { names, ...(site ? { site } : {}), ...(all ? { all } : {}) };
  requireAsked(asked);
  const { backups, failures, redact } = await withProgress(io, async (progress) => {
    const deps = await composeReconciler(io, remote, (line) => progress.show(line));
    const fleet = await fleetOnRemote(deps, io.signal);
    const devices = devicesAsked(fleet, asked);
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

/** Nothing named is not the whole fleet by accident, and the whole fleet is not narrowed. */
function requireAsked({ names, site = [], all = false }: Asked): void {
  const isNarrowed = names.length + site.length > 0;
  if (all === isNarrowed) {
    throw new UsageError({
      problem: all ? '--all means every switch, and some are named beside it' : 'it is not said which switches',
      next: 'Give names of devices, --site, or --all alone. pointsman help backup tells more.',
    });
  }
}

/**
 * As a request for a backup chooses: switches that are only planned or retired are not meant unless they are named. Each of the
 * names has to fit: half of what was asked for would look like all of it.
 */
function devicesAsked(fleet: Fleet, { names, site: sites = [] }: Asked): readonly FleetDevice[] {
  const selector = {
    ...(names.length > 0 ? { names } : {}),
    ...(sites.length > 0 ? { sites } : {}),
  };
  const devices = selectDevices(fleet, selector).filter(isMeant({ devices: [...names] }));
  const chosen = { ...fleet, devices: new Map(devices.map((device) => [device.name, device])) };
  const noDevice = names.filter((name) => selectDevices(chosen, { names: [name] }).length === 0);
  if (noDevice.length > 0) {
    const where = sites.length > 0 ? ` at ${sites.join(' or ')}` : '';
    throw new UsageError({
      problem: `no device${where} is called ${noDevice.join(' or ')}`,
      next: 'Names may hold * and ?, for example leaf*.',
    });
  }
  const noSite = sites.filter((site) => selectDevices(chosen, { sites: [site] }).length === 0);
  if (noSite.length > 0) {
    throw new UsageError({
      problem: `no switch to back up stands at ${noSite.join(' or ')}`,
      next: `The fleet has ${[...fleet.sites.keys()].join(', ')}.`,
    });
  }
  return devices;
}
