import { targetsInWords } from '../../desired-state/check-targets.ts';
import type { Fleet, FleetDevice } from '../../desired-state/fleet.ts';
import { AUTOMATION } from '../../desired-state/fleet-layout.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import type { Repository } from '../../git/repository.ts';
import { count } from '../../plans/words.ts';
import { FleetInvalidError } from '../errors.ts';
import { decidePaused } from '../kill-switch.ts';
import { platforms } from '../platforms.ts';
import { isMeant } from '../requests/is-meant.ts';
import { requireTargets } from '../requests/require-targets.ts';
import { mostDevices, selectTargets } from '../requests/select-targets.ts';
import { EVERYWHERE } from '../shards.ts';
import type { TipRules } from '../tip-rules.ts';
import type { ReadWork } from '../work.ts';
import { readAskedFor } from './asked-for.ts';

/** The switches of a run that only reads. */
export interface Selection {
  readonly fleet: Fleet;
  /** Of its shard, by name. */
  readonly devices: readonly FleetDevice[];
  /** `4 of 12 switches: devices leaf*`, for people. */
  readonly inWords: string;
  /** Milliseconds since the epoch. */
  readonly notBefore?: number;
}

/**
 * Reads the fleet and chooses. Sites that automation.yaml pauses are left out of what the clock asks for; a person’s request is
 * held as a whole, before it gets here.
 *
 * @throws {FleetInvalidError} The fleet is not valid, or its targets are nobody or too many. No switch was asked.
 */
export async function selectFor(
  { repository }: { readonly repository: Repository },
  { automation }: Pick<TipRules, 'automation'>,
  work: ReadWork,
  revision: string,
): Promise<Selection> {
  const { targets, notBefore } = await readAskedFor(repository, work);
  const loaded = await loadFleet({ repository, revision }, { platforms });
  if (loaded.kind === 'invalid') throw new FleetInvalidError({ revision, problems: loaded.problems });
  const { fleet } = loaded;
  // What recurs goes on with who is left, though a switch that it names is gone.
  if (work.request && work.schedule === undefined) {
    await requireTargets(repository, fleet, work.request.path);
  }
  const all = selectTargets(fleet, {
    revision,
    file: work.request?.path ?? AUTOMATION,
    targets,
    ...(work.request ? { most: mostDevices(fleet) } : {}),
    meant: isMeant(targets),
  });
  const isPaused = (site: string): boolean =>
    work.schedule !== undefined &&
    automation.kind === 'known' &&
    decidePaused(automation, { workflow: work.workflow, sites: [site] }) !== undefined;
  const mine = all.filter(({ site }) => shardOf(fleet, site) === (work.shard ?? EVERYWHERE));
  const devices = mine.filter(({ site }) => !isPaused(site));
  const chosen = `${devices.length} of ${count(fleet.deviceCount, 'switch', 'switches')}: ${targetsInWords(targets)}`;
  const paused = [...new Set(mine.map(({ site }) => site))].filter(isPaused);
  return {
    fleet,
    devices,
    inWords: paused.length === 0 ? chosen : `${chosen}; without ${paused.join(', ')}, which automation.yaml pauses`,
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

/** The site itself where it has a runner of its own. */
export function shardOf({ sites }: Pick<Fleet, 'sites'>, site: string): string {
  return sites.get(site)?.value.runner ? site : EVERYWHERE;
}
