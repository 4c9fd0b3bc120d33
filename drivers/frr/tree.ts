import type { Change } from '../../schemas/change.ts';
import { isBranch, isTree, type Leaf, type Tree, type TreePath } from '../../schemas/json.ts';

export type Node = Leaf | Tree;

/** Own members only: a line may well be called `constructor`. */
export function childOf(tree: Tree, key: string): Node | undefined {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}

export function nodeAt(tree: Tree, path: TreePath): Node | undefined {
  let node: Node | undefined = tree;
  for (const key of path) node = isTree(node) ? childOf(node as Tree, key) : undefined;
  return node;
}

/** The map at a path; empty when there is none. */
export function treeAt(tree: Tree, path: TreePath): Tree {
  const node = nodeAt(tree, path);
  return isTree(node) ? (node as Tree) : {};
}

/** A tree with one node put or taken away, everything else as it was and in its order. */
export function withNode(tree: Tree, path: TreePath, node: Node | undefined): Tree {
  const [key, ...rest] = path;
  if (key === undefined) return tree;
  const members = new Map(Object.entries(tree));
  if (rest.length > 0) members.set(key, withNode(treeAt(tree, [key]), rest, node));
  else if (node === undefined) members.delete(key);
  else members.set(key, node);
  return Object.fromEntries(members);
}

/** As people count: `swp2` before `swp10`. The same on every machine. */
export function compareKeys(a: string, b: string): number {
  const counted = (text: string) => text.replace(/\d+/g, (digits) => digits.padStart(20, '0'));
  const [x, y] = [counted(a), counted(b)];
  if (x !== y) return x < y ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What turns `before` into `after`, in path order. An empty map that only gains children is not unset first. */
export function computeTreeChanges(before: Tree, after: Tree): readonly Change[] {
  const changes: Change[] = [];
  compareBranches(before, after, [], changes);
  return changes;
}

function compareBranches(before: Tree, after: Tree, path: TreePath, changes: Change[]): void {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const differing = keys.filter((key) => childOf(before, key) !== childOf(after, key));
  for (const key of differing.sort(compareKeys)) {
    compareNodes(childOf(before, key), childOf(after, key), [...path, key], changes);
  }
}

function compareNodes(before: Node | undefined, after: Node | undefined, path: TreePath, changes: Change[]): void {
  const from = isBranch(before) ? undefined : (before as Leaf | undefined);
  const to = isBranch(after) ? undefined : (after as Leaf | undefined);
  if (to !== undefined) {
    if (from === undefined) changes.push({ kind: 'set', path, to });
    else if (!sameLeaf(from, to)) changes.push({ kind: 'set', path, to, from });
  } else if (from !== undefined && !(isTree(from) && isBranch(after))) changes.push({ kind: 'unset', path, from });
  compareBranches(isBranch(before) ? before : {}, isBranch(after) ? after : {}, path, changes);
}

/** Leaves of these trees are empty maps and secrets. */
function sameLeaf(a: Leaf, b: Leaf): boolean {
  return a === b || (isTree(a) && isTree(b));
}
