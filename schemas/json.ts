/** Anything JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The end of a path in a configuration tree. An empty map is a leaf too; a list is compared as one value. */
export type Leaf = null | boolean | number | string | readonly Json[] | { readonly [key: string]: never };

/**
 * A configuration tree as NVUE speaks it: maps down to leaves. Keys are always strings (`"10"` for VLAN 10) and ranges
 * (`swp1-4`) have been expanded.
 */
export interface Tree {
  readonly [key: string]: Leaf | Tree;
}

/** The keys from the root of a {@link Tree} to a node, outermost first: `['interface', 'swp1', 'link', 'mtu']`. */
export type TreePath = readonly string[];

/** True for a path at or below another. */
export function isAtOrBelow(path: TreePath, above: TreePath): boolean {
  return above.length <= path.length && above.every((key, index) => key === path[index]);
}

/** True for a map, empty or not. */
export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for a map with at least one key: the only nodes that are not leaves. */
export function isBranch(value: unknown): value is Tree {
  if (!isTree(value)) return false;
  // Asked for every node of every tree: listing all keys to see whether there is one would be most of the work.
  for (const key in value) if (Object.hasOwn(value, key)) return true;
  return false;
}
