import type { IntendedConfiguration, Origin } from '../../desired-state/fleet.ts';
import type { SecretPlace } from '../../desired-state/places.ts';
import { holdsMask, isFingerprint, keyPointer, type RememberedSecrets, valuePointer } from '../../plans/secrets.ts';
import { isBranch, isTree, type Json, type Leaf, type Tree, type TreePath } from '../../schemas/json.ts';

/** What is known of the secrets a backup holds fingerprints of. */
export interface KnownSecrets {
  /** What the switch is meant to run today; absent where that is not known. */
  readonly today?: IntendedConfiguration;
  /** Fingerprints of the secrets today's configuration names, by name. */
  readonly fingerprints: ReadonlyMap<string, string>;
  /** What was remembered, when the backup was made, of secrets the switch showed as another text. */
  readonly remembered: RememberedSecrets;
}

export interface RestoredSecrets {
  /** The backup with references where fingerprints were, and these alone are references. */
  readonly tree: Tree;
  readonly secrets: readonly SecretPlace[];
  /** Secrets for which today's are taken though the backup cannot be shown to hold the same. */
  readonly others: number;
  /** Masked paths of secrets nothing is known of; where there is one, the tree is good for nothing. */
  readonly unknown: readonly TreePath[];
}

/**
 * Puts references to secrets back into a backup, which holds fingerprints. The same secret is known by its fingerprint,
 * wherever it stands today; otherwise the one is taken that stands at the same place today.
 *
 * What a switch shows is foreign text: a leaf that reads `secret:…` in a backup stays the text that it is.
 */
export function restoreSecrets(backup: Tree, { today, fingerprints, remembered }: KnownSecrets): RestoredSecrets {
  const nameOf = new Map([...fingerprints].map(([name, mask]) => [mask, name]));
  const referenced = placesOf(today);
  const secrets: SecretPlace[] = [];
  const unknown: TreePath[] = [];
  let others = 0;

  const restoreLeaf = (leaf: Leaf, here: Place): Leaf => {
    if (!isFingerprint(leaf)) {
      for (const path of masksIn(leaf as Json, here.masked)) unknown.push(path);
      return leaf;
    }
    const pair = pairAt(remembered, valuePointer(here.masked));
    const set = pair?.shown === leaf ? pair.set : leaf;
    const atPlace = referenced.values.get(placeKey(here.path));
    const name = (atPlace !== undefined && fingerprints.get(atPlace) === set ? atPlace : nameOf.get(set)) ?? atPlace;
    if (name === undefined) {
      unknown.push(here.masked);
      return leaf;
    }
    if (fingerprints.get(name) !== set) others += 1;
    secrets.push({ path: here.path, at: 'value', secret: name });
    return `secret:${name}`;
  };

  /** Names for keys that are secrets; those that are left over are not known. */
  const namesOfKeys = (
    tree: Tree,
    here: Place,
  ): ReadonlyMap<string, { readonly name: string; readonly set: string }> => {
    const found = new Map<string, { readonly name: string; readonly set: string }>();
    const masks = Object.keys(tree).filter(isFingerprint);
    if (masks.length === 0) return found;
    const atPlace = referenced.keys.get(placeKey(here.path)) ?? [];
    const taken = new Set<string>();
    const take = (mask: string, name: string, set: string): void => {
      found.set(mask, { name, set });
      taken.add(name);
    };
    for (const mask of masks) {
      const set = setAs(mask, here.masked);
      const name = atPlace.find((one) => fingerprints.get(one) === set) ?? nameOf.get(set);
      if (name !== undefined && !taken.has(name)) take(mask, name, set);
    }
    const left = masks.filter((mask) => !found.has(mask));
    const free = atPlace.filter((name) => !taken.has(name));
    const [mask, name] = [left[0], free[0]];
    // Of several, which is which is not known.
    if (left.length === 1 && free.length === 1 && mask !== undefined && name !== undefined) {
      others += 1;
      take(mask, name, mask);
    }
    return found;
  };

  /** What we had set where the switch showed a key as this. */
  const setAs = (shown: string, masked: TreePath): string => {
    const pair = Object.entries(remembered).find(
      ([pointer, one]) => one.shown === shown && pointer === keyPointer([...masked, one.set]),
    );
    return pair?.[1].set ?? shown;
  };

  const restore = (tree: Tree, here: Place): Tree => {
    const names = namesOfKeys(tree, here);
    return Object.fromEntries(
      Object.entries(tree).map(([key, node]): [string, Leaf | Tree] => {
        const secret = names.get(key);
        const below: Place = {
          path: [...here.path, secret ? `secret:${secret.name}` : key],
          masked: [...here.masked, secret?.set ?? key],
        };
        if (secret) secrets.push({ path: below.path, at: 'key', secret: secret.name });
        else if (holdsMask(key)) unknown.push(below.masked);
        return [below.path.at(-1) ?? key, isBranch(node) ? restore(node, below) : restoreLeaf(node as Leaf, below)];
      }),
    );
  };

  const tree = restore(backup, { path: [], masked: [] });
  return { tree, secrets, others, unknown };
}

/** A configuration made of a restored backup. */
export function intendedFromBackup(
  device: string,
  { tree, secrets }: RestoredSecrets,
  origin: Origin,
  today: IntendedConfiguration | undefined,
): IntendedConfiguration {
  return { device, tree, secrets, alsoSecret: today?.secrets ?? [], originOf: () => origin };
}

/** The same place with references in its path, and with fingerprints as ledger and backup have them. */
interface Place {
  readonly path: TreePath;
  readonly masked: TreePath;
}

/** Where today's configuration names secrets: values by their path, keys by the path of the map they are in. */
function placesOf(today: IntendedConfiguration | undefined) {
  const values = new Map<string, string>();
  const keys = new Map<string, string[]>();
  for (const { path, at, secret } of today?.secrets ?? []) {
    if (at === 'value') values.set(placeKey(path), secret);
    else {
      const map = placeKey(path.slice(0, -1));
      keys.set(map, [...(keys.get(map) ?? []), secret]);
    }
  }
  return { values, keys };
}

function placeKey(path: TreePath): string {
  return JSON.stringify(path);
}

function pairAt(remembered: RememberedSecrets, pointer: string) {
  return Object.hasOwn(remembered, pointer) ? remembered[pointer] : undefined;
}

/** A secret that is a part of a text or a list has no reference that could stand for it. */
function masksIn(value: Json, path: TreePath): readonly TreePath[] {
  if (typeof value === 'string') return holdsMask(value) ? [path] : [];
  if (Array.isArray(value)) return value.flatMap((item: Json) => masksIn(item, path));
  if (!isTree(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    ...(holdsMask(key) ? [path] : []),
    ...masksIn(member as Json, path),
  ]);
}
