import { isTree, type Leaf, type Tree } from '../schemas/json.ts';

/**
 * One layer laid over another: maps merge, everything else is replaced, `null` removes. What neither touches is shared
 * with the inputs, so a big role costs a device only what the device changes.
 *
 * Layers are merged from the lowest up, never among themselves first: a leaf between two maps cuts the lower one off.
 *
 * @param below Without nulls, as every result of this is.
 */
export function mergeTrees(below: Tree, above: Tree): Tree {
  const merged: Record<string, Leaf | Tree> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    if (value === null) {
      delete merged[key];
      continue;
    }
    const under = Object.hasOwn(merged, key) ? merged[key] : undefined;
    if (!isTree(value)) merged[key] = value;
    else merged[key] = isTree(under) ? mergeTrees(under, value) : withoutNulls(value);
  }
  return merged;
}

/** The tree without what it only removes; the same object when it removes nothing. */
export function withoutNulls(tree: Tree): Tree {
  const entries = Object.entries(tree);
  const kept = entries
    .filter(([, value]) => value !== null)
    .map(([key, value]): [string, Leaf | Tree] => [key, isTree(value) ? withoutNulls(value) : value]);
  if (kept.length === entries.length && kept.every(([key, value]) => value === tree[key])) return tree;
  return Object.fromEntries(kept);
}
