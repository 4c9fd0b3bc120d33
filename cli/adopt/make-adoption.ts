import { renderAdoptedFiles } from '../../desired-state/adopted-files.ts';
import type { Fleet } from '../../desired-state/fleet.ts';
import { secretPlaces } from '../../desired-state/secret-references.ts';
import { defaultPortFor, driverFor } from '../../drivers/registry.ts';
import { SecretNotFoundError } from '../../reconciler/errors.ts';
import type { PointsmanError } from '../../schemas/errors.ts';
import { type Platform, secretsOf } from '../../schemas/fleet.ts';
import type { Log } from '../../schemas/log.ts';
import type { SecretStore } from '../../schemas/secret.ts';
import { ConfigurationUnwritableError } from '../../workflows/errors.ts';
import { extractSecrets, type UnwritablePlace } from '../../workflows/extract-secrets.ts';
import type { KnownSecrets } from '../../workflows/name-secrets.ts';
import type { Io } from '../io.ts';
import type { Adoption } from './adoption.ts';
import { checkAdoption } from './check-adoption.ts';
import { commitWith, type FleetBase, fleetAt } from './fleet-base.ts';
import type { NamedSwitch } from './name-devices.ts';
import { addressOf } from './read-orders.ts';

export type MadeAdoption =
  | { readonly kind: 'made'; readonly adoption: Adoption }
  | { readonly kind: 'refused'; readonly errors: readonly PointsmanError[] };

/**
 * Works out what the fleet has to say so that nothing changes on these switches, and asks them whether it is so. Writes
 * nothing but objects no branch points to.
 *
 * @throws {FleetInvalidError} What was worked out is no valid fleet: one of its limits was passed.
 */
export async function makeAdoption(
  io: Io,
  log: Log,
  base: FleetBase,
  secrets: SecretStore,
  unordered: readonly NamedSwitch[],
): Promise<MadeAdoption> {
  const switches = unordered.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const extracted = extractSecrets(
    switches.map(({ name, site, found }) => {
      const { secretPatterns, isOpaqueSecret } = driverFor(found.platform);
      return { device: name, site, tree: found.tree, secretPatterns, isOpaque: isOpaqueSecret };
    }),
    await readKnownSecrets(base.fleet, secrets),
  );
  if (extracted.kind === 'unwritable') return { kind: 'refused', errors: unwritable(extracted.places) };

  const files = renderAdoptedFiles(
    base,
    switches.map(({ proven, found, name, site, role }) => ({
      ...{ name, site, role },
      platform: found.platform as Platform,
      address: addressOf(proven.order, proven.port, defaultPortFor(found.platform)),
      serial: found.identity.serial,
      ...(found.mac === undefined ? {} : { mac: found.mac }),
      ...(proven.by === 'fleet-ca' ? {} : { pin: found.identity.pin }),
      about: `${found.identity.model || 'unknown model'}, ${found.platform} ${found.identity.version}`,
      tree: extracted.trees.get(name) ?? {},
    })),
  );
  const looked = await commitWith(base, files.files, {
    message: 'Adopt switches',
    author: { name: 'Pointsman', email: 'pointsman@users.noreply.github.com', at: io.clock.now() },
  });
  const plan = await checkAdoption(
    io,
    log,
    await fleetAt(base.repository, looked),
    switches.map(({ name }) => name),
    { read: async (name) => extracted.values.get(name) ?? secrets.read(name) },
  );
  return { kind: 'made', adoption: { switches, files, secrets: extracted, plan } };
}

/** Secrets the configurations of the fleet name already, with the values of those that can be read here. */
async function readKnownSecrets(fleet: Fleet, secrets: SecretStore): Promise<KnownSecrets> {
  const names = new Set(
    [...fleet.sources.layers.values()].flat().flatMap(({ tree }) => secretPlaces(tree).map(({ secret }) => secret)),
  );
  const byValue = new Map<string, string>();
  for (const name of [...names].sort()) {
    try {
      const value = await secrets.read(name);
      if (!byValue.has(value)) byValue.set(value, name);
    } catch (error) {
      // Known by name only: then its value cannot be recognised, and nothing is lost but a name.
      if (!(error instanceof SecretNotFoundError)) throw error;
    }
  }
  const { credentials, secrets: settings } = fleet.settings.value;
  const used = [credentials?.plan, credentials?.apply].flatMap((one) => (one ? secretsOf(one) : []));
  return { byValue, names: new Set([...names, ...used, settings.fingerprint_key.secret]) };
}

function unwritable(places: readonly UnwritablePlace[]): readonly PointsmanError[] {
  const devices = [...new Set(places.map(({ device }) => device))];
  return devices.map((device) => {
    const own = places.filter((place) => place.device === device);
    return new ConfigurationUnwritableError({ device, places: own.map(({ path, why }) => ({ path, why })) });
  });
}
