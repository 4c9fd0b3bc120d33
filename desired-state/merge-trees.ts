import { isTree, type Leaf, type Tree } from '../schemas/json.ts';

/**
 * One layer laid over another: maps merge, everything else is replaced, `null` removes. What neither touches is shared
 * with the inputs, so a big role costs a device only what the device changes.
 *
 * Associative, and `mergeTrees(x, {})` is `x` without its nulls.
 */
export function mergeTrees(below: Tree, above: Tree): Tree {
  const merged: Record<string, Leaf | Tree> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    if (value === null) {
      delete merged[key];
      continue;
    }
    const under = Object.hasOwn(merged, key) ? merged[key] : undefined;
    merged[key] = isTree(value) ? mergeTrees(isTree(under) ? under : {}, value) : value;
  }
  return merged;
}
