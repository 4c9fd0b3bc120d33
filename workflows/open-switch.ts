import type { DeviceAccess, IntendedConfiguration } from '../desired-state/fleet.ts';
import type { Driver, Login, Session } from '../drivers/driver.ts';
import type { RememberedSecrets } from '../plans/secrets.ts';
import type { Clock } from '../schemas/clock.ts';
import { type Credential, secretsOf } from '../schemas/fleet.ts';
import type { Tree } from '../schemas/json.ts';
import type { Log } from '../schemas/log.ts';
import type { SecretStore } from '../schemas/secret.ts';
import { resolveSecrets } from './resolve-secrets.ts';

/** Everything a stage needs to speak to switches. */
export interface SwitchDeps {
  readonly driverFor: (platform: string) => Driver;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Keyed: equal values give equal text, the text does not give the value. */
  readonly fingerprint: (secret: string) => string;
  readonly pollMilliseconds: number;
  /** Told how far the change of one switch got, for people who watch. */
  readonly onStep?: (device: string, step: string) => void;
}

/** One switch of a fleet, with all that is needed to compare and change it. */
export interface SwitchTarget {
  readonly device: string;
  readonly site: string;
  readonly access: DeviceAccess;
  readonly intended: IntendedConfiguration;
  /** What the ledger remembers of secrets the switch encrypts itself, by JSON pointer. */
  readonly opaqueSecrets: RememberedSecrets;
}

/**
 * Opens a conversation with one switch.
 *
 * @param as `plan` may be weaker. `apply` also knows the plan login, for the moment after our own password changed.
 */
export async function openSwitch(
  deps: SwitchDeps,
  { device, access }: Pick<SwitchTarget, 'device' | 'access'>,
  as: 'plan' | 'apply',
  signal: AbortSignal,
): Promise<Session> {
  const { tls, hostKeys } = access;
  const logins = as === 'plan' ? [access.plan] : [access.apply, access.plan];
  return deps.driverFor(access.platform).open(
    {
      device,
      host: access.host,
      port: access.port,
      tls: {
        ...(tls.ca === undefined ? {} : { ca: tls.ca }),
        ...(tls.pins === undefined ? {} : { pins: tls.pins }),
        ...(tls.server_name === undefined ? {} : { serverName: tls.server_name }),
      },
      ...(hostKeys ? { hostKeys } : {}),
      logins: await Promise.all(distinct(logins).map((credential) => loginFor(credential, deps.secrets))),
    },
    { clock: deps.clock, log: deps.log.child({ device }), pollMilliseconds: deps.pollMilliseconds },
    signal,
  );
}

/** The intended tree with real secrets, as it goes to the switch. Lives in memory only. */
export async function revealIntended(deps: SwitchDeps, { access, intended }: SwitchTarget): Promise<Tree> {
  const tree = await resolveSecrets(intended, deps.secrets);
  return deps.driverFor(access.platform).normalise(tree);
}

async function loginFor({ username, password, private_key }: Credential, secrets: SecretStore): Promise<Login> {
  return {
    username,
    ...(password ? { password: await secrets.read(password.secret) } : {}),
    // Where a secret has to stand on one line, its newlines are written as \n.
    ...(private_key ? { privateKey: (await secrets.read(private_key.secret)).replaceAll('\\n', '\n') } : {}),
  };
}

function distinct(credentials: readonly Credential[]): readonly Credential[] {
  const seen = new Map(
    credentials.map((credential) => [`${credential.username} ${secretsOf(credential)}`, credential]),
  );
  return [...seen.values()];
}
