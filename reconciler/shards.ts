import type { DevicePlan, Plan } from '../plans/plan.ts';
import type { PlanSubject } from '../workflows/plan-configuration.ts';
import { OtherRunnerError } from './errors.ts';

/**
 * Sites behind their own networks have runners of their own. A shard is what one kind of runner can reach: a site that names
 * a runner, or everything else. A commit that concerns several is one run each, and the ledger keeps them apart.
 */

/** The shard of all sites that name no runner. */
export const EVERYWHERE = '';

/** Whose switches can be spoken to from where we run: named sites, the sites without a runner, or all. */
export type Reach =
  | { readonly kind: 'all' }
  | { readonly kind: 'without-runner' }
  | { readonly kind: 'sites'; readonly sites: readonly string[] };

export function isInReach(reach: Reach, shard: string): boolean {
  switch (reach.kind) {
    case 'all':
      return true;
    case 'without-runner':
      return shard === EVERYWHERE;
    case 'sites':
      return reach.sites.includes(shard);
  }
}

/** The part of a plan that one shard carries out. Its digest stays that of the whole, because that is what is approved. */
export function planOfShard(plan: Plan, shardOf: (site: string) => string, shard: string): Plan {
  const devices = plan.devices.filter(({ site }) => shardOf(site) === shard);
  const names = new Set(devices.map(({ device }) => device));
  const batches = plan.batches
    ?.map((batch) => ({ ...batch, devices: batch.devices.filter((device) => names.has(device)) }))
    .filter((batch) => batch.devices.length > 0);
  return { ...plan, devices, ...(batches ? { batches } : {}) };
}

/** What to plan for a switch that only its site's runner can ask: nothing, until that has. */
export function waitsForRunner({ device, site, governed, fleetDevice }: PlanSubject): DevicePlan {
  const { platform } = fleetDevice.value;
  return {
    kind: 'blocked',
    device,
    site,
    platform,
    ...governed,
    error: new OtherRunnerError({ device, site }).toJSON(),
  };
}

/** Not asked yet, by nobody's fault: the runner of its site will. */
export function isWaitingForRunner(device: DevicePlan): boolean {
  return device.kind === 'blocked' && device.error.code === OTHER_RUNNER;
}

const OTHER_RUNNER: OtherRunnerError['code'] = 'RECONCILER_OTHER_RUNNER';
