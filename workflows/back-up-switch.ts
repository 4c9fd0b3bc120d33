import { maskTree, type RememberedSecrets, rememberSecrets } from '../plans/secrets.ts';
import { sha256OfJson } from '../schemas/canonical.ts';
import type { Identity } from '../schemas/device.ts';
import { openSwitch, revealIntended, type SwitchDeps, type SwitchTarget } from './open-switch.ts';
import { secretPatternsOf } from './secret-patterns.ts';

/** What one switch runs, redacted, in the form it can load, and what the ledger keeps of it. */
export interface Backup {
  readonly device: string;
  readonly site: string;
  readonly identity: Identity;
  /** Without a dot. */
  readonly extension: string;
  readonly text: string;
  /** SHA-256 of the masked running configuration. */
  readonly runningDigest: string;
  /** What the switch made of the secrets it was given, to know them again. */
  readonly opaqueSecrets: RememberedSecrets;
}

const BACKUP_LIMIT_MS = 120_000;

/** Reads the running configuration on a connection of its own. Never changes the switch. */
export async function backUpSwitch(deps: SwitchDeps, target: SwitchTarget, signal: AbortSignal): Promise<Backup> {
  const { device, site, access } = target;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(BACKUP_LIMIT_MS)]);
  const driver = deps.driverFor(access.platform);
  const session = await openSwitch(deps, target, 'plan', limited);
  try {
    const identity = await session.identify(limited);
    const { tree } = await session.read(limited);
    const patterns = secretPatternsOf(driver, target.intended);
    const masked = maskTree(tree, patterns, deps.fingerprint);
    return {
      device,
      site,
      identity,
      ...driver.renderBackup(masked, identity),
      runningDigest: sha256OfJson(masked),
      opaqueSecrets: rememberSecrets({
        intended: await revealIntended(deps, target),
        running: tree,
        patterns,
        fingerprint: deps.fingerprint,
      }),
    };
  } finally {
    await session.close();
  }
}
