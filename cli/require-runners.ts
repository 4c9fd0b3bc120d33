import { fleetRef, type ReconcilerDeps } from '../reconciler/deps.ts';
import { readSites } from '../reconciler/read-sites.ts';
import { UsageError } from './errors.ts';

/** @throws {UsageError} A site that was named is not in the fleet, or names no runner: nothing would be done for it. */
export async function requireRunners(
  deps: ReconcilerDeps,
  named: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (named === undefined) return;
  const ref = fleetRef(deps.settings);
  const tip = (await deps.repository.fetch([ref], signal)).get(ref);
  const sites = tip === undefined ? new Map() : await readSites(deps.repository, tip);
  const unknown = named.filter((site) => !sites.has(site));
  const without = named.filter((site) => sites.has(site) && !sites.get(site)?.runner);
  const [wrong] = [...unknown, ...without];
  if (wrong === undefined) return;
  throw new UsageError({
    problem: unknown.length > 0 ? `the fleet has no site ${wrong}` : `the site ${wrong} names no runner`,
    next:
      unknown.length > 0
        ? `Its sites are ${[...sites.keys()].join(', ')}.`
        : `Leave --site away to work on all sites without a runner, or give desired-state/sites/${wrong}.yaml a runner.`,
  });
}
