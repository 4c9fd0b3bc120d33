/** Configuration trees as NVUE treats them: JSON merge-patch (RFC 7396) in both directions. Pure; results share what did not change. */
import { isTree, type Json, type Leaf, type Tree, type TreePath } from '../../schemas/json.ts';

/** A merge-patch: a tree whose `null` leaves remove. */
export type MergePatch = Tree;

/**
 * Applies a merge-patch.
 *
 * @returns `base` itself when nothing changes, so that a thousand revisions of one configuration cost one.
 */
export function mergePatch(base: Tree, patch: MergePatch): Tree {
  let result: Record<string, Leaf | Tree> | undefined;
  for (const [key, value] of Object.entries(patch)) {
    const before = base[key];
    const after = value === null ? undefined : patched(before, value);
    if (after === before) continue;
    result ??= { ...base };
    if (after === undefined) delete result[key];
    else result[key] = after;
  }
  return result ?? base;
}

function patched(before: Leaf | Tree | undefined, value: Leaf | Tree): Leaf | Tree {
  if (isTree(value)) return mergePatch(isTree(before) ? before : NOTHING, value);
  return before !== undefined && equal(before, value) ? before : value;
}

const NOTHING: Tree = {};

/** The merge-patch that turns `base` into `target`: `target`'s values, and `null` where it has nothing. */
export function diffTrees(base: Tree, target: Tree): MergePatch {
  const patch: Record<string, Leaf | Tree> = {};
  if (base === target) return patch;
  for (const [key, value] of Object.entries(target)) {
    const before = base[key];
    if (isTree(value) && isTree(before)) {
      const below = diffTrees(before, value);
      if (Object.keys(below).length > 0) patch[key] = below;
    } else if (before === undefined || !equal(before, value)) {
      patch[key] = value;
    }
  }
  for (const key of Object.keys(base)) if (!Object.hasOwn(target, key)) patch[key] = null;
  return patch;
}

/** True for the same JSON; the order of keys does not count. */
export function equal(a: Json | Tree, b: Json | Tree): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => equal(item, b[index]));
  }
  if (!isTree(a) || !isTree(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equal(a[key] as Json, b[key] as Json));
}

/** What is at `path`; absent when nothing is. */
export function at(tree: Tree | undefined, path: TreePath): Leaf | Tree | undefined {
  let node: Leaf | Tree | undefined = tree;
  for (const key of path) {
    if (!isTree(node) || !Object.hasOwn(node, key)) return undefined;
    node = node[key];
  }
  return node;
}

/** The map at `path`; empty when there is none. */
export function branch(tree: Tree | undefined, path: TreePath): Tree {
  const node = at(tree, path);
  return isTree(node) ? node : NOTHING;
}

/** `value` below `path`: `nest(['a', 'b'], 1)` is `{ a: { b: 1 } }`. */
export function nest(path: TreePath, value: Leaf | Tree): Tree {
  return path.reduceRight<Leaf | Tree>((below, key) => ({ [key]: below }), value) as Tree;
}

/** The same tree, using the objects of `known` wherever they are equal: what was parsed anew costs no memory twice. */
export function shareWith(tree: Tree, known: Tree | undefined): Tree {
  if (known === undefined || tree === known) return tree;
  const entries = Object.entries(tree);
  let same = entries.length === Object.keys(known).length;
  const shared: Record<string, Leaf | Tree> = {};
  for (const [key, value] of entries) {
    const before = known[key];
    const kept = isTree(value) && isTree(before) ? shareWith(value, before) : value;
    shared[key] = kept;
    if (kept !== before) same = false;
  }
  return same ? known : shared;
}
