import type { IntendedConfiguration } from '../desired-state/fleet.ts';
import { maskTree, type RememberedSecrets, rememberSecrets } from '../plans/secrets.ts';
import { sha256OfJson } from '../schemas/canonical.ts';
import type { Identity } from '../schemas/device.ts';
import type { Tree } from '../schemas/json.ts';
import type { SecretPattern } from '../schemas/secret.ts';
import { WrongSwitchError } from './errors.ts';
import { openSwitch, revealIntended, type SwitchDeps, type SwitchTarget } from './open-switch.ts';
import { secretPatternsOf } from './secret-patterns.ts';

/** What one switch runs, redacted, in the form it can load. */
export interface Backup {
  readonly device: string;
  readonly site: string;
  readonly identity: Identity;
  /** Without a dot. */
  readonly extension: string;
  readonly text: string;
  /** SHA-256 of the masked running configuration. */
  readonly runningDigest: string;
}

/** A backup taken after a deploy, and what the ledger keeps to know the secrets again. */
export interface DeployedBackup extends Backup {
  /** What the switch made of the secrets it was given. */
  readonly opaqueSecrets: RememberedSecrets;
}

/** A switch to be backed up. Of what is intended only the places of secrets matter. */
export interface BackupTarget extends Pick<SwitchTarget, 'device' | 'site' | 'access'> {
  readonly intended: Pick<IntendedConfiguration, 'secrets' | 'alsoSecret'>;
}

const BACKUP_LIMIT_MS = 120_000;

/**
 * Reads the running configuration on a connection of its own. Never changes the switch, and needs no secret but its login.
 *
 * @throws {WrongSwitchError} It has another serial than the fleet says.
 */
export async function backUpSwitch(deps: SwitchDeps, target: BackupTarget, signal: AbortSignal): Promise<Backup> {
  return (await readMasked(deps, target, signal)).backup;
}

/** The same for a switch that runs what is intended: what it made of its secrets is learned as well. */
export async function backUpDeployed(
  deps: SwitchDeps,
  target: SwitchTarget,
  signal: AbortSignal,
): Promise<DeployedBackup> {
  const { backup, running, patterns } = await readMasked(deps, target, signal);
  const { fingerprint } = deps;
  const intended = await revealIntended(deps, target);
  return { ...backup, opaqueSecrets: rememberSecrets({ intended, running, patterns, fingerprint }) };
}

async function readMasked(
  deps: SwitchDeps,
  target: BackupTarget,
  signal: AbortSignal,
): Promise<{ readonly backup: Backup; readonly running: Tree; readonly patterns: readonly SecretPattern[] }> {
  const { device, site, access } = target;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(BACKUP_LIMIT_MS)]);
  const driver = deps.driverFor(access.platform);
  const session = await openSwitch(deps, target, 'plan', limited);
  try {
    const identity = await session.identify(limited);
    if (identity.serial !== access.serial) {
      throw new WrongSwitchError({ device, expected: access.serial, found: identity.serial });
    }
    const { tree: running } = await session.read(limited);
    const patterns = secretPatternsOf(driver, target.intended);
    const masked = maskTree(running, patterns, deps.fingerprint);
    const file = driver.renderBackup(masked, identity);
    return { backup: { device, site, identity, ...file, runningDigest: sha256OfJson(masked) }, running, patterns };
  } finally {
    await session.close();
  }
}
