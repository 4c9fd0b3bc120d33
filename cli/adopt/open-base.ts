import { createRedactor } from '../../plans/secrets.ts';
import { fleetRef, type ReconcilerDeps } from '../../reconciler/deps.ts';
import { BranchMissingError } from '../../reconciler/errors.ts';
import { createSecretStore } from '../../reconciler/secret-store.ts';
import type { Log } from '../../schemas/log.ts';
import type { SecretStore } from '../../schemas/secret.ts';
import { composeReconciler } from '../compose.ts';
import { logLevelOf, type RemoteOptions } from '../connect.ts';
import { UsageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { createLogger } from '../logger.ts';
import { openFleet } from '../open-fleet.ts';
import { type FleetBase, readFleetBase } from './fleet-base.ts';
import { workTreeAround } from './work-tree.ts';

/** The fleet to adopt into, and what is needed on the way. */
export interface OpenBase {
  readonly base: FleetBase;
  readonly secrets: SecretStore;
  readonly log: Log;
  readonly redact: (text: string) => string;
  readonly to:
    | { readonly kind: 'work-tree' /** Of the fleet repo. */; readonly root: string }
    | { readonly kind: 'remote'; readonly deps: ReconcilerDeps };
}

/**
 * The fleet as its work tree is, or with `pr` as its branch on the remote is.
 *
 * @throws {FleetInvalidError}
 */
export async function openBase(
  io: Io,
  options: RemoteOptions & { readonly fleet: string; readonly pr: boolean },
  alsoSecret: () => readonly string[],
): Promise<OpenBase> {
  if (options.pr) {
    const deps = await composeReconciler(io, options);
    const redactFound = createRedactor(alsoSecret);
    const ref = fleetRef(deps.settings);
    const tip = (await deps.repository.fetch([ref], io.signal)).get(ref);
    if (!tip) throw new BranchMissingError({ ref });
    return {
      base: await readFleetBase(deps.repository, tip),
      secrets: deps.switches.secrets,
      log: deps.log,
      redact: (text) => redactFound(deps.redact(text)),
      to: { kind: 'remote', deps },
    };
  }
  const repository = await openFleet(io, { fleet: options.fleet, json: false });
  const root = workTreeAround(repository.gitDir);
  if (root === undefined) {
    throw new UsageError({
      problem: `${repository.gitDir} has no work tree to write to`,
      next: 'Give --fleet a clone of the fleet repo, or --pr to open a pull request from here.',
    });
  }
  const base = await readFleetBase(repository, await repository.writeWorkTree());
  const secrets = createSecretStore(base.fleet.settings.value.secrets.sources, io.environment);
  const redact = createRedactor(() => [...secrets.known(), ...alsoSecret()]);
  return { base, secrets, log: createLogger(logLevelOf(io), redact, io.say), redact, to: { kind: 'work-tree', root } };
}
