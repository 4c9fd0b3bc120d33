import type { Change } from '../schemas/change.ts';
import type { Json, Leaf, Tree } from '../schemas/json.ts';
import { isBranch } from '../schemas/json.ts';
import type { SecretPattern } from '../schemas/secret.ts';
import { looksSecret, type SecretPlace, secretPlaces } from './secret-places.ts';

export type Fingerprint = (value: string) => string;

/** The tree with fingerprints where secrets were, in values and in keys: safe to store, hash and show. */
export function maskTree(tree: Tree, patterns: readonly SecretPattern[], fingerprint: Fingerprint): Tree {
  return maskBelow(tree, secretPlaces(patterns), fingerprint);
}

/** A switch's own account of its changes, with fingerprints where secrets were. */
export function maskChanges(
  changes: readonly Change[],
  patterns: readonly SecretPattern[],
  fingerprint: Fingerprint,
): readonly Change[] {
  const root = secretPlaces(patterns);
  return changes.map((change) => {
    let place = root;
    const path = change.path.map((key) => {
      place = place.enter(key);
      return place.key ? fingerprint(key) : key;
    });
    const mask = (leaf: Leaf) => maskLeaf(leaf, place.value, fingerprint);
    if (change.kind === 'unset') return { kind: 'unset', path, from: mask(change.from) };
    const { to, from } = change;
    return { kind: 'set', path, to: mask(to), ...(from === undefined ? {} : { from: mask(from) }) };
  });
}

/** What lies below one place of a tree, masked. */
export function maskBelow(tree: Tree, place: SecretPlace, fingerprint: Fingerprint): Tree {
  return Object.fromEntries(
    Object.entries(tree).map(([key, node]): [string, Leaf | Tree] => {
      const here = place.enter(key);
      const name = here.key ? fingerprint(key) : key;
      return [
        name,
        isBranch(node) ? maskBelow(node, here, fingerprint) : maskLeaf(node as Leaf, here.value, fingerprint),
      ];
    }),
  );
}

/** A leaf with every secret text in it masked; `true`, `false`, null and empty maps tell nothing and stay. */
export function maskLeaf(leaf: Leaf, secret: boolean, fingerprint: Fingerprint): Leaf {
  return maskValue(leaf as Json, secret, fingerprint) as Leaf;
}

function maskValue(value: Json, secret: boolean, fingerprint: Fingerprint): Json {
  if (typeof value === 'string') return secret || looksSecret(value) ? fingerprint(value) : value;
  if (typeof value === 'number') return secret ? fingerprint(String(value)) : value;
  if (Array.isArray(value)) return value.map((element: Json) => maskValue(element, secret, fingerprint));
  if (!isBranch(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]): [string, Json] => [
      looksSecret(key) ? fingerprint(key) : key,
      maskValue(member as Json, secret, fingerprint),
    ]),
  );
}
