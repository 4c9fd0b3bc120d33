import { FINGERPRINT } from '../plans/fingerprint.ts';
import { maskChanges, type RememberedSecrets, rememberSecrets } from '../plans/secrets.ts';
import { valuePointer } from '../plans/tree-secrets.ts';
import type { Change } from '../schemas/change.ts';
import type { Comparison } from './compare-switch.ts';
import type { SwitchDeps, SwitchTarget } from './open-switch.ts';
import { secretPatternsOf } from './secret-patterns.ts';

/**
 * What a trial says of secrets the switch encrypts itself: those it would not change are the intended ones already.
 *
 * @param deviceChanges The switch's own account of the candidate.
 */
export function recogniseSecrets(
  deps: SwitchDeps,
  { access, intended }: SwitchTarget,
  comparison: Comparison,
  deviceChanges: readonly Change[],
): RememberedSecrets {
  const patterns = secretPatternsOf(deps.driverFor(access.platform), intended);
  const pairs = rememberSecrets({
    intended: comparison.spelled,
    running: comparison.running.tree,
    patterns,
    fingerprint: deps.fingerprint,
  });
  const touched = maskChanges(deviceChanges, patterns, deps.fingerprint).map(({ path }) => placeOf(valuePointer(path)));
  return Object.fromEntries(
    Object.entries(pairs).filter(([pointer]) => {
      const place = placeOf(pointer.replace(/#$/, ''));
      return !touched.some((other) => other === place || other.startsWith(`${place}/`));
    }),
  );
}

/** A key that is a secret reads differently on either side; where it stands is the same. */
function placeOf(pointer: string): string {
  return pointer.replace(new RegExp(FINGERPRINT, 'g'), '«secret»');
}
