import type { Change } from '../schemas/change.ts';
import type { Leaf, Tree, TreePath } from '../schemas/json.ts';
import { isBranch, isTree } from '../schemas/json.ts';
import { comparePaths } from './natural-order.ts';
import { sameLeaf } from './same-leaf.ts';

type Node = Leaf | Tree;

/**
 * The changes that turn `running` into `intended`.
 *
 * Pure: same input, same output, in the same order, however the maps were ordered, so that a plan made twice has one digest
 * and an approval given to the first holds for the second. Both trees are normalised (ranges expanded) and masked.
 *
 * @returns In path order, a node before what lies below it, siblings as people count (`swp2`, `swp10`); no two changes have
 *   one path. Empty when the two mean the same. An empty map that only gains children is not unset first.
 */
export function computeChanges(intended: Tree, running: Tree): readonly Change[] {
  const changes: Change[] = [];
  compareBranches(intended, running, [], changes);
  // Only what differs is sorted: trees are large and differences few.
  return changes.sort((a, b) => comparePaths(a.path, b.path));
}

/**
 * What `running` becomes by `changes`: `applyChanges(computeChanges(b, a), a)` means the same as `b`. A map that loses its
 * last leaf goes away with it. Unsetting what is not there changes nothing, so applying twice is applying once.
 */
export function applyChanges(changes: readonly Change[], running: Tree): Tree {
  const root = thaw(running);
  // Unsets first: a leaf may have to go before something can be set below it.
  for (const change of changes) if (change.kind === 'unset') removeAt(root, change.path);
  for (const change of changes) if (change.kind === 'set') putAt(root, change.path, change.to);
  return freeze(root);
}

function compareBranches(intended: Tree, running: Tree, path: TreePath, changes: Change[]): void {
  for (const key of Object.keys(intended)) {
    compareNodes(intended[key], memberOf(running, key), path, key, changes);
  }
  for (const key of Object.keys(running)) {
    if (!Object.hasOwn(intended, key)) compareNodes(undefined, running[key], path, key, changes);
  }
}

function compareNodes(
  intended: Node | undefined,
  running: Node | undefined,
  parent: TreePath,
  key: string,
  changes: Change[],
): void {
  if (intended === running) return;
  const path = [...parent, key];
  if (isBranch(intended)) {
    // An empty map that gains children only grows.
    if (running !== undefined && !isTree(running)) changes.push({ kind: 'unset', path, from: running });
    compareBranches(intended, isBranch(running) ? running : {}, path, changes);
    return;
  }
  const to = intended as Leaf | undefined;
  if (isBranch(running)) {
    if (to !== undefined) changes.push({ kind: 'set', path, to });
    compareBranches({}, running, path, changes);
    return;
  }
  const from = running as Leaf | undefined;
  if (to === undefined) {
    if (from !== undefined) changes.push({ kind: 'unset', path, from });
  } else if (from === undefined) changes.push({ kind: 'set', path, to });
  else if (!sameLeaf(to, from)) changes.push({ kind: 'set', path, to, from });
}

/** Own members only: a switch may well have a key named `constructor`. */
function memberOf(tree: Tree, key: string): Node | undefined {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}

/** A tree that can be worked on. Maps, because assigning to `__proto__` of an object does something else. */
type Working = Map<string, Working | { readonly leaf: Leaf }>;

function thaw(tree: Tree): Working {
  return new Map(
    Object.entries(tree).map(([key, node]) => [key, isBranch(node) ? thaw(node) : { leaf: node as Leaf }]),
  );
}

function freeze(working: Working): Tree {
  return Object.fromEntries(
    [...working].map(([key, node]): [string, Node] => [key, node instanceof Map ? freeze(node) : node.leaf]),
  );
}

function removeAt(working: Working, path: TreePath): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  const node = working.get(key);
  if (rest.length === 0) working.delete(key);
  else if (node instanceof Map) {
    removeAt(node, rest);
    if (node.size === 0) working.delete(key);
  }
}

function putAt(working: Working, path: TreePath, leaf: Leaf): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    working.set(key, { leaf });
    return;
  }
  const node = working.get(key);
  const below: Working = node instanceof Map ? node : new Map();
  working.set(key, below);
  putAt(below, rest, leaf);
}
