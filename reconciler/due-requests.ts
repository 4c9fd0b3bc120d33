import { checkRequests } from '../desired-state/check-requests.ts';
import type { Fleet } from '../desired-state/fleet.ts';
import { requestNamed } from '../desired-state/fleet-layout.ts';
import { loadFleet } from '../desired-state/load-fleet.ts';
import { selectDevices, selectorOf } from '../desired-state/select-devices.ts';
import type { FileChange, ObjectId, Repository } from '../git/repository.ts';
import { requestRunName } from '../ledger/run-name.ts';
import type { Request, Targets } from '../schemas/fleet.ts';
import { parseFleetFile } from '../schemas/validate-file.ts';
import { workflowNamed } from '../workflows/all-workflows.ts';
import type { DeployWork, RequestOfWork } from './deploy/deploy-work.ts';
import { platforms } from './platforms.ts';
import { shardOf } from './read/select-for.ts';
import { isMeant } from './requests/is-meant.ts';
import { notBeforeOf } from './requests/not-before.ts';
import { EVERYWHERE } from './shards.ts';
import type { Work } from './work.ts';

/** The fleet’s repository. */
export interface FleetDeps {
  readonly repository: Repository;
}

/** What was merged at once: a commit of the branch, or all commits of a pull request. */
export type Merged = Pick<DeployWork, 'commit' | 'parent' | 'pullRequest'>;

/** Files of requests a change adds or rewrites. Deleting one asks for nothing. */
export function requestFiles(changes: readonly FileChange[]): readonly string[] {
  return changes
    .filter(({ path, kind }) => kind !== 'deleted' && requestNamed(path).kind !== 'none')
    .map(({ path }) => path);
}

/** What the requests of a merge ask for. */
export interface AskedWork {
  /** One piece for each request and each runner it concerns, without those that come by the clock. */
  readonly works: readonly Work[];
  /** One of the files is no request: what it asks for is not known, so the run of the commit has to fail and say so. */
  readonly isBroken: boolean;
}

/** @param paths Of {@link requestFiles}. */
export async function findRequestedWork(deps: FleetDeps, merged: Merged, paths: readonly string[]): Promise<AskedWork> {
  const works: Work[] = [];
  let isBroken = false;
  for (const path of paths) {
    const named = requestNamed(path);
    const request = named.kind === 'request' ? await readRequest(deps, merged.commit, path) : undefined;
    if (named.kind !== 'request' || !request) isBroken = true;
    else if (!request.schedule) works.push(...(await partsOf(deps, merged, { name: named.name, path }, request)));
  }
  return { works, isBroken };
}

/** @returns `undefined` for a file that is not valid by itself. Whether the fleet is around it, its run finds out. */
export async function readRequest(
  { repository }: FleetDeps,
  commit: ObjectId,
  path: string,
): Promise<Request | undefined> {
  const text = await repository.readFile(commit, path);
  const parsed = text === undefined ? undefined : parseFleetFile('request', text, path);
  if (parsed?.kind !== 'valid' || checkRequests([parsed.file]).length > 0) return undefined;
  return parsed.file.value;
}

async function partsOf(
  deps: FleetDeps,
  merged: Merged,
  request: RequestOfWork,
  asked: Request,
): Promise<readonly Work[]> {
  const { workflow, targets } = asked;
  const shards = await shardsOfTargets(deps, merged.commit, targets);
  return shards.map((shard): Work => {
    const part = shard === EVERYWHERE ? {} : { shard };
    const run = requestRunName({ workflow, request: request.name, ...part, occasion: merged.commit });
    if (workflowNamed(workflow)?.kind !== 'read') return { ...merged, ...part, run, workflow, request };
    const { commit, pullRequest } = merged;
    const notBefore = notBeforeOf(asked);
    return {
      ...{ run, workflow, commit, ...part, targets, request, reason: asked.reason },
      ...(notBefore === undefined ? {} : { notBefore }),
      ...(asked.even_when_paused ? { evenWhenPaused: true } : {}),
      ...(pullRequest ? { pullRequest } : {}),
    };
  });
}

/** Whose runners have to do it. Looked into only where some site has a runner of its own. */
export async function shardsOfTargets(
  { repository }: FleetDeps,
  commit: ObjectId,
  targets: Targets | undefined,
): Promise<readonly string[]> {
  if ((await repository.findText(commit, 'runner:', 'desired-state/sites')).length === 0) return [EVERYWHERE];
  const loaded = await loadFleet({ repository, revision: commit }, { platforms });
  // The run says what is wrong with it.
  if (loaded.kind === 'invalid') return [EVERYWHERE];
  const shards = new Set(sitesOfTargets(loaded.fleet, targets).map((site) => shardOf(loaded.fleet, site)));
  return shards.size === 0 ? [EVERYWHERE] : [...shards].sort();
}

function sitesOfTargets(fleet: Fleet, targets: Targets | undefined): readonly string[] {
  return selectDevices(fleet, selectorOf(targets ?? {}))
    .filter(isMeant(targets))
    .map(({ site }) => site);
}
