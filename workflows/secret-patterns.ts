import type { IntendedConfiguration } from '../desired-state/fleet.ts';
import type { Driver } from '../drivers/driver.ts';
import type { SecretPattern } from '../schemas/secret.ts';

/**
 * Where secrets are on one switch: where its platform keeps them, and wherever the fleet repo puts one, so that a secret
 * written into a login banner is not shown there either.
 */
export function secretPatternsOf(
  driver: Driver,
  intended: Pick<IntendedConfiguration, 'secrets' | 'alsoSecret'>,
): readonly SecretPattern[] {
  const placed = [...intended.secrets, ...(intended.alsoSecret ?? [])].map(({ path, at }) => ({
    at,
    // A key that is a secret itself reads otherwise once the value stands there.
    path: path.map((key) => (key.startsWith('secret:') ? '*' : key)),
  }));
  return [...driver.secretPatterns, ...placed];
}
