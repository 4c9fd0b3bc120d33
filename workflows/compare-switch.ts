import type { Running, Session } from '../drivers/driver.ts';
import { ConfigurationRefusedError } from '../drivers/errors.ts';
import { computeChanges } from '../plans/compute-changes.ts';
import { alignSecrets } from '../plans/secrets.ts';
import { sha256OfJson } from '../schemas/canonical.ts';
import type { Change } from '../schemas/change.ts';
import type { Identity } from '../schemas/device.ts';
import { isAtOrBelow, type Tree, type TreePath } from '../schemas/json.ts';
import { WrongSwitchError } from './errors.ts';
import { revealIntended, type SwitchDeps, type SwitchTarget } from './open-switch.ts';
import { withOrigins } from './origins.ts';
import { secretPatternsOf } from './secret-patterns.ts';

/** What one switch runs, beside what it should run, at one moment. */
export interface Comparison {
  readonly identity: Identity;
  /** With real secrets: memory only. */
  readonly running: Running;
  /** What is staged. With real secrets: memory only. */
  readonly intended: Tree;
  /** The same as the switch would write it beside what it runs, where it has a spelling of its own: what is compared. */
  readonly spelled: Tree;
  /** Secrets as fingerprints: may be stored and shown. */
  readonly maskedRunning: Tree;
  /** The same of what is intended. */
  readonly maskedIntended: Tree;
  readonly changes: readonly Change[];
  /** Secrets the switch encrypts itself and whose value could not be compared. */
  readonly unknownSecrets: readonly TreePath[];
  /** Secrets that are equal though the switch shows another text: it may well report them as set. */
  readonly rehashedSecrets: readonly TreePath[];
  /** SHA-256 of {@link maskedRunning}. */
  readonly runningDigest: string;
}

/**
 * Asks a switch who it is and what it runs, and works out what would change. Never changes it.
 *
 * @throws {WrongSwitchError} It has another serial than the fleet says.
 * @throws {CandidateRefusedError} It cannot read what is intended.
 */
export async function compareSwitch(
  deps: SwitchDeps,
  target: SwitchTarget,
  session: Session,
  signal: AbortSignal,
): Promise<Comparison> {
  const identity = await session.identify(signal);
  if (identity.serial !== target.access.serial) {
    throw new WrongSwitchError({ device: target.device, expected: target.access.serial, found: identity.serial });
  }
  const [running, intended] = [await session.read(signal), await revealIntended(deps, target)];
  const spelled = await spell(target, session, intended, running, signal);
  return compareTrees(deps, target, { identity, running, intended, spelled });
}

async function spell(
  target: SwitchTarget,
  session: Session,
  intended: Tree,
  running: Running,
  signal: AbortSignal,
): Promise<Tree> {
  if (!session.respell) return intended;
  try {
    return await session.respell(intended, running, signal);
  } catch (error) {
    throw error instanceof ConfigurationRefusedError ? withOrigins(target, error) : error;
  }
}

/** The pure part: what would change, with secrets as fingerprints. */
export function compareTrees(
  deps: SwitchDeps,
  { access, intended: configuration, opaqueSecrets }: SwitchTarget,
  read: Pick<Comparison, 'identity' | 'running' | 'intended' | 'spelled'>,
): Comparison {
  const driver = deps.driverFor(access.platform);
  const aligned = alignSecrets({
    intended: read.spelled,
    running: read.running.tree,
    patterns: secretPatternsOf(driver, configuration),
    isOpaque: driver.isOpaqueSecret,
    remembered: opaqueSecrets,
    fingerprint: deps.fingerprint,
  });
  return {
    ...read,
    maskedRunning: aligned.running,
    maskedIntended: aligned.intended,
    changes: computeChanges(aligned.intended, aligned.running),
    unknownSecrets: aligned.unknown,
    rehashedSecrets: aligned.rehashed,
    runningDigest: sha256OfJson(aligned.running),
  };
}

/**
 * Without the secrets the switch encrypts itself and that could not be compared: nobody knows that they differ. After an apply it
 * was shown that they are right when the switch accounted for the candidate.
 */
export function knownChanges({ changes, unknownSecrets }: Comparison): readonly Change[] {
  return changes.filter(({ path }) => !unknownSecrets.some((secret) => isAtOrBelow(path, secret)));
}
