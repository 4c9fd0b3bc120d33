import { fleetRef } from '../../reconciler/deps.ts';
import { BranchMissingError } from '../../reconciler/errors.ts';
import { readSites } from '../../reconciler/read-sites.ts';
import { shardsWithWork } from '../../reconciler/shards-with-work.ts';
import { composeReconciler } from '../compose.ts';
import type { RemoteOptions } from '../connect.ts';
import type { ExitCode, Io } from '../io.ts';

/**
 * `pointsman matrix`: the sites with a runner of their own that have something to do, as the matrix of a GitHub Actions job:
 * `{"include":[{"site":"ams1","runner":["self-hosted","ams1"]}]}`. Speaks to no switch.
 */
export async function matrixCommand(
  io: Io,
  { all, ...remote }: RemoteOptions & { readonly all: boolean },
): Promise<ExitCode> {
  const deps = await composeReconciler(io, remote);
  const ref = fleetRef(deps.settings);
  const tip = (await deps.repository.fetch([ref], io.signal)).get(ref);
  if (!tip) throw new BranchMissingError({ ref });
  const sites = await readSites(deps.repository, tip);
  const wanted = all ? new Set(sites.keys()) : await shardsWithWork(deps, io.signal);
  const include = [...sites]
    .filter(([site]) => wanted.has(site))
    .flatMap(([site, { runner }]) => (runner ? [{ site, runner }] : []));
  io.out(`${JSON.stringify({ include })}\n`);
  return 0;
}
