import type { Fleet } from '../../desired-state/fleet.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import type { Repository } from '../../git/repository.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import { configurationDeploy } from '../../workflows/configuration-deploy.ts';
import type { DeployWork } from '../deploy/deploy-work.ts';
import { FleetInvalidError } from '../errors.ts';
import { type LoadedCommit, rolloutOf, subjectFor } from '../load-commit.ts';
import { platforms } from '../platforms.ts';
import { EVERYWHERE } from '../shards.ts';

export type EnforcingWork = DeployWork & { readonly enforces: NonNullable<DeployWork['enforces']> };

/**
 * The switches of a finding with what the branch says of them, in the form of a change that was merged.
 *
 * @throws {FleetInvalidError}
 */
export async function loadEnforcing(
  { repository }: { readonly repository: Repository },
  view: LedgerView,
  { commit, enforces }: EnforcingWork,
): Promise<LoadedCommit> {
  const fleet = await fleetAt(repository, commit);
  const devices = enforces.devices.flatMap((name) => fleet.devices.get(name) ?? []);
  const views = { before: fleet, after: fleet, access: fleet };
  const { rollout } = fleet.settings.value;
  const { devices_at_once, confirm_within_seconds, expected_changes } = rollout ?? {};
  // A failure is for a person: nothing is tried again by itself, and there are too few for batches.
  const given = Object.entries({ devices_at_once, confirm_within_seconds, expected_changes, retry_count: 0 });
  return {
    subjects: await Promise.all(devices.map((device) => subjectFor(views, device, view))),
    removed: [],
    elsewhere: fleet.deviceCount - devices.length,
    rollout: rolloutOf({ rollout: Object.fromEntries(given.filter(([, value]) => value !== undefined)) }),
    workflow: configurationDeploy,
    allowedHazards: rollout?.allow_hazards ?? [],
    rulesBefore: { rules: [] },
    shardOf: (site) => (fleet.sites.get(site)?.value.runner ? site : EVERYWHERE),
  };
}

/** @throws {FleetInvalidError} */
export async function fleetAt(repository: Repository, revision: string): Promise<Fleet> {
  const loaded = await loadFleet({ repository, revision }, { platforms });
  if (loaded.kind === 'invalid') throw new FleetInvalidError({ revision, problems: loaded.problems });
  return loaded.fleet;
}
