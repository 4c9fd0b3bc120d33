import type { Fleet, FleetDevice } from '../../desired-state/fleet.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import { renderDevice } from '../../desired-state/render-device.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import { computeChanges } from '../../plans/compute-changes.ts';
import type { Change } from '../../schemas/change.ts';
import type { Tree, TreePath } from '../../schemas/json.ts';
import { workflowNamed } from '../../workflows/all-workflows.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { platforms } from '../platforms.ts';
import type { Reading } from '../read/reader.ts';

/**
 * Where a switch may differ because of what was merged and is not applied yet. `all`: a run is at it, or it is not known what
 * was applied. What is not known is taken for pending, because drift may be taken back without a person.
 */
export type PendingPaths = readonly TreePath[] | 'all';

/** @returns Answers for one switch after the other; what was loaded once is not loaded again. */
export async function createPending(
  { repository }: Pick<ReconcilerDeps, 'repository'>,
  { view, fleet }: Pick<Reading, 'view' | 'fleet'>,
): Promise<(device: FleetDevice) => Promise<PendingPaths>> {
  const underWay = await devicesUnderWay(view);
  const start = await view.startedAtCommit();
  const fleets = new Map<string, Promise<Fleet | undefined>>();
  const fleetAt = (revision: string): Promise<Fleet | undefined> => {
    const loading = fleets.get(revision) ?? loadOr(undefined, repository, revision);
    fleets.set(revision, loading);
    return loading;
  };

  return async (device) => {
    if (underWay.has(`${device.site}/${device.name}`)) return 'all';
    const applied = (await view.device(device.site, device.name))?.appliedCommit ?? start;
    const before = applied === undefined ? undefined : await fleetAt(applied);
    const [was, is] = [before && intendedFor(before, device.name), intendedFor(fleet, device.name)];
    if (!was || !is) return 'all';
    return computeChanges(is, was).map(({ path }) => path);
  };
}

/** What nobody merged a change for. */
export function notPending(changes: readonly Change[], pending: PendingPaths): readonly Change[] {
  if (pending === 'all') return [];
  return changes.filter(({ path }) => !pending.some((other) => touch(path, other)));
}

/** One of them is at or below the other. Secrets that are keys have another name on each side, and fit any. */
function touch(a: TreePath, b: TreePath): boolean {
  return a.slice(0, b.length).every((key, index) => key === b[index] || isSecret(key) || isSecret(b[index] ?? ''));
}

function isSecret(key: string): boolean {
  return key.startsWith('secret:') || key.startsWith('«secret:');
}

/** Switches that a run is to change, or is changing, and that have no end in it yet. */
async function devicesUnderWay(view: LedgerView): Promise<ReadonlySet<string>> {
  const changing = (await view.openRuns()).filter(({ workflow }) => workflowNamed(workflow)?.kind !== 'read');
  return new Set(
    changing.flatMap(({ devices }) =>
      devices.filter(({ outcome }) => !outcome).map(({ site, device }) => `${site}/${device}`),
    ),
  );
}

async function loadOr<T>(otherwise: T, repository: ReconcilerDeps['repository'], revision: string): Promise<Fleet | T> {
  const loaded = await loadFleet({ repository, revision }, { platforms });
  return loaded.kind === 'valid' ? loaded.fleet : otherwise;
}

/** With secrets as references: the same reference is the same secret. */
function intendedFor(fleet: Fleet, name: string): Tree | undefined {
  const device = fleet.devices.get(name);
  const rendered = device && renderDevice(fleet, device, platforms);
  return rendered?.kind === 'rendered' ? rendered.configuration.tree : undefined;
}
