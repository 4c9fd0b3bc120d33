import type { LastChange } from '../drivers/driver.ts';
import { maskTree } from '../plans/secrets.ts';
import type { Change } from '../schemas/change.ts';
import type { Tree } from '../schemas/json.ts';
import { compareSwitch, knownChanges } from './compare-switch.ts';
import { SwitchBusyError } from './errors.ts';
import { openSwitch, type SwitchDeps, type SwitchTarget } from './open-switch.ts';
import { secretPatternsOf } from './secret-patterns.ts';

/** How what a switch runs differs from what is intended. */
export interface Difference {
  /**
   * What would mend it, with secrets as fingerprints. Secrets the switch encrypts itself and that could not be compared are not
   * among it: nobody knows that they differ.
   */
  readonly changes: readonly Change[];
  /** What it runs, with secrets as fingerprints wherever they are known to be. */
  readonly running: Tree;
  /** Who applied last, where something differs and the switch knows. */
  readonly lastChange?: LastChange;
}

const READ_LIMIT_MS = 120_000;

/**
 * Asks one switch what it runs and compares. Sends nothing that changes anything, not even a draft.
 *
 * @throws {WrongSwitchError} It has another serial than the fleet says.
 * @throws {SwitchBusyError} It differs, and somebody’s change is under way on it: what it shows is in between.
 */
export async function readDifference(deps: SwitchDeps, target: SwitchTarget, signal: AbortSignal): Promise<Difference> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(READ_LIMIT_MS)]);
  const session = await openSwitch(deps, target, 'plan', limited);
  try {
    const comparison = await compareSwitch(deps, target, session, limited);
    const changes = knownChanges(comparison);
    const patterns = secretPatternsOf(deps.driverFor(target.access.platform), target.intended);
    // As a backup has it: not as what is intended would have it.
    const running = maskTree(comparison.running.tree, patterns, deps.fingerprint);
    if (changes.length === 0) return { changes, running };
    const { busyWith } = comparison.running;
    if (busyWith) throw new SwitchBusyError({ device: target.device, ...busyWith });
    const lastChange = await session.lastChange?.(limited);
    return { changes, running, ...(lastChange ? { lastChange } : {}) };
  } finally {
    await session.close();
  }
}
