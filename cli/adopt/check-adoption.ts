import { randomBytes } from 'node:crypto';
import type { Fleet } from '../../desired-state/fleet.ts';
import { driverFor } from '../../drivers/registry.ts';
import type { Plan } from '../../plans/plan.ts';
import { createFingerprint } from '../../plans/secrets.ts';
import { rolloutOf, subjectFor } from '../../reconciler/load-commit.ts';
import type { Log } from '../../schemas/log.ts';
import type { SecretStore } from '../../schemas/secret.ts';
import { configurationDeploy } from '../../workflows/configuration-deploy.ts';
import { planConfiguration } from '../../workflows/plan-configuration.ts';
import type { Io } from '../io.ts';

/**
 * Plans the adopted switches, as it will be planned after the merge, against the switches themselves. Nothing is staged on
 * any: a switch that had to be tried would not be one that nothing changes on.
 *
 * @param fleet With the adopted switches in it.
 * @param secrets What was found on them, and what the fleet's own sources know.
 */
export async function checkAdoption(
  io: Io,
  log: Log,
  fleet: Fleet,
  devices: readonly string[],
  secrets: SecretStore,
): Promise<Plan> {
  const subjects = await Promise.all(
    [...fleet.devices.values()]
      .filter(({ name }) => devices.includes(name))
      .map((device) => subjectFor({ before: fleet, after: fleet, access: fleet }, device, undefined)),
  );
  const { plan } = await planConfiguration(
    {
      driverFor,
      secrets,
      clock: io.clock,
      log,
      // For this one look: what is compared here is shown nowhere else.
      fingerprint: createFingerprint(randomBytes(32).toString('hex')),
      pollMilliseconds: 1_000,
    },
    {
      workflow: configurationDeploy,
      rollout: rolloutOf(fleet.settings.value),
      source: { head: fleet.revision, base: fleet.revision, tree: fleet.revision },
      subjects,
      removed: [],
      elsewhere: 0,
      allowedHazards: fleet.settings.value.rollout?.allow_hazards ?? [],
      trial: false,
    },
    io.signal,
  );
  return plan;
}
