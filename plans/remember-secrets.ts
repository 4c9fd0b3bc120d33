import type { Leaf, Tree, TreePath } from '../schemas/json.ts';
import { isBranch } from '../schemas/json.ts';
import type { RememberedSecrets, SecretsToAlign } from './align-secrets.ts';
import { looksSecret, type SecretPlace, secretPlaces } from './secret-places.ts';
import { keyPointer, secretText, splitKeys, valuePointer } from './tree-secrets.ts';

/**
 * What to keep after a switch was shown to run `intended`: for every secret it shows as another text, the fingerprints of
 * what we set and of what it shows. {@link alignSecrets} then knows the secret again, and notices when either moves.
 *
 * @param input Both trees with real secrets; `running` was read back after `intended` was applied.
 * @returns By {@link valuePointer} or {@link keyPointer}. Holds no secret.
 */
export function rememberSecrets(
  input: Pick<SecretsToAlign, 'intended' | 'running' | 'patterns' | 'fingerprint'>,
): RememberedSecrets {
  const { fingerprint } = input;
  const pairs: [string, { readonly set: string; readonly shown: string }][] = [];
  const keep = (pointer: string, set: string, shown: string) => {
    pairs.push([pointer, { set: fingerprint(set), shown: fingerprint(shown) }]);
  };

  const rememberNodes = (want: Leaf | Tree, have: Leaf | Tree, place: SecretPlace, path: TreePath): void => {
    if (isBranch(want) && isBranch(have)) {
      rememberBelow(want, have, place, path);
      return;
    }
    const [set, shown] = [secretText(want), secretText(have)];
    if (set === undefined || shown === undefined || !(place.value || looksSecret(shown))) return;
    if (set !== shown) keep(valuePointer(path), set, shown);
  };

  const rememberBelow = (intended: Tree, running: Tree, place: SecretPlace, path: TreePath): void => {
    const { same, onlyIntended, onlyRunning } = splitKeys(intended, running);
    const isSecretKey = (key: string) => place.enter(key).key;
    for (const [key, shown] of [
      ...same.map((key) => [key, key] as const),
      ...pairUp(onlyIntended.filter(isSecretKey), onlyRunning.filter(isSecretKey)),
    ]) {
      const here = place.enter(key);
      const below = [...path, here.key ? fingerprint(key) : key];
      if (key !== shown) keep(keyPointer(below), key, shown);
      rememberNodes(intended[key] as Leaf | Tree, running[shown] as Leaf | Tree, here, below);
    }
  };

  rememberBelow(input.intended, input.running, secretPlaces(input.patterns), []);
  return Object.fromEntries(pairs);
}

/** Which of several keys is which does not matter later, only whether all of them are still there. */
function pairUp(set: readonly string[], shown: readonly string[]): readonly (readonly [string, string])[] {
  if (set.length !== shown.length) return [];
  return set.map((key, index) => [key, shown[index] as string] as const);
}
