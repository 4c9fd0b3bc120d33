import { canonicalJson } from '../../schemas/canonical.ts';
import { isTree, type Json, type Leaf, type Tree, type TreePath } from '../../schemas/json.ts';
import { isOpaqueSecret } from './facts.ts';

export type Node = Leaf | Tree;

/**
 * RFC 7386: what `base` becomes when `patch` is merged into it; `null` takes a key away.
 * Built with own properties only, so that a key named `__proto__` stays a key.
 */
export function mergePatch(base: Tree, patch: Tree): Tree {
  const merged = new Map<string, Node>(Object.entries(base));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else if (isTree(value)) {
      const below = merged.get(key);
      merged.set(key, mergePatch(isTree(below) ? below : {}, value));
    } else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

/** Own keys only: a switch may well have one named `constructor`. */
export function childOf(tree: Tree, key: string): Node | undefined {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}

/** The node at a path, or `undefined`. */
export function nodeAt(tree: Tree, path: TreePath): Node | undefined {
  let node: Node | undefined = tree;
  for (const key of path) node = isTree(node) ? childOf(node, key) : undefined;
  return node;
}

/** As people count: `swp2` before `swp10`. The same on every machine. */
export function compareKeys(a: string, b: string): number {
  const counted = (text: string) => text.replace(/\d+/g, (digits) => digits.padStart(20, '0'));
  const [x, y] = [counted(a), counted(b)];
  if (x !== y) return x < y ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The map at a path; empty when there is none. */
export function treeAt(tree: Tree, path: TreePath): Tree {
  const node = nodeAt(tree, path);
  return isTree(node) ? node : {};
}

/** NVUE writes some numbers as text, and takes either. */
export function sameLeaf(a: Node, b: Node): boolean {
  if (a === b) return true;
  if (typeof a === 'number' && typeof b === 'string') return String(a) === b;
  if (typeof a === 'string' && typeof b === 'number') return a === String(b);
  return canonicalJson(a) === canonicalJson(b);
}

/**
 * True when the switch holds what was sent, as far as can be told: a secret it encrypted itself (as a value or as a map
 * key) counts as the one that was sent in its place.
 */
export function holds(found: Node, sent: Node): boolean {
  if (found === sent) return true;
  if (!isTree(found) || !isTree(sent)) {
    return (typeof found === 'string' && typeof sent === 'string' && isOpaqueSecret(found)) || sameLeaf(found, sent);
  }
  const foundKeys = Object.keys(found);
  const missing = Object.keys(sent).filter((key) => !Object.hasOwn(found, key));
  const extra = foundKeys.filter((key) => !Object.hasOwn(sent, key));
  if (missing.length !== extra.length || !extra.every(isOpaqueSecret)) return false;
  const values = (tree: Tree, keys: readonly string[]) => keys.map((key) => canonicalJson(tree[key])).sort();
  if (values(found, extra).join() !== values(sent, missing).join()) return false;
  return foundKeys
    .filter((key) => Object.hasOwn(sent, key))
    .every((key) => holds(found[key] as Json as Node, sent[key] as Json as Node));
}
