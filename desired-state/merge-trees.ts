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
  let hasNull = false;
  let changed: Map<string, Tree> | undefined;
  for (const key of Object.keys(tree)) {
    const value = tree[key];
    hasNull ||= value === null;
    if (!isTree(value)) continue;
    const kept = withoutNulls(value);
    if (kept === value) continue;
    changed ??= new Map();
    changed.set(key, kept);
  }
  if (!hasNull && !changed) return tree;
  const entries = Object.entries(tree).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([key, value]) => [key, changed?.get(key) ?? value]));
}
