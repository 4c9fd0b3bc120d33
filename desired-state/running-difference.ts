import { isBranch, isTree, type Json, type Leaf, type Tree, type TreePath } from '../schemas/json.ts';
import { sameNode } from './same-node.ts';

/**
 * What a switch runs instead of what is intended, at one path. `to`: what it runs, a leaf or a tree; absent: it lacks what is
 * intended. Never holds a secret: what differs at a place of secrets is not a difference anybody can adopt.
 */
export interface RunningDifference {
  readonly path: TreePath;
  readonly to?: Json;
}

/**
 * Leaf by leaf, what turns one tree into the other: `withDifferences(intended, computeDifferences(intended, running))` is
 * `running`. Says what a list of changes leaves open: whether a map that lost its last leaf is empty now, or gone.
 *
 * @param same Which leaves mean the same to a switch, though they are written in two ways.
 */
export function computeDifferences(
  intended: Tree,
  running: Tree,
  same: (a: Leaf, b: Leaf) => boolean = sameNode,
): readonly RunningDifference[] {
  const differences: RunningDifference[] = [];
  const compare = (was: Leaf | Tree | undefined, is: Leaf | Tree | undefined, path: TreePath): void => {
    if (was === is) return;
    const [before, now] = [isBranch(was) ? was : {}, isBranch(is) ? is : {}];
    if (!isBranch(was) && !isBranch(is)) {
      if (is === undefined) differences.push({ path });
      else if (was === undefined || !same(was as Leaf, is as Leaf)) differences.push({ path, to: is as Json });
      return;
    }
    for (const [key, value] of Object.entries(before)) compare(value, memberOf(now, key), [...path, key]);
    for (const [key, value] of Object.entries(now)) {
      if (!Object.hasOwn(before, key)) compare(undefined, value, [...path, key]);
    }
    if (is !== undefined && !isBranch(is) && path.length > 0) differences.push({ path, to: is as Json });
  };
  compare(intended, running, []);
  return differences;
}

/**
 * What a switch runs, from what is intended for it. What is lacking goes first; a map that loses its last leaf so goes with
 * it, unless a difference says that it is there.
 */
export function withDifferences(intended: Tree, differences: readonly RunningDifference[]): Tree {
  const gone = differences.filter(({ to }) => to === undefined);
  const there = differences.filter(({ to }) => to !== undefined).toSorted((a, b) => a.path.length - b.path.length);
  const left = gone.reduce((tree, { path }) => without(tree, path), intended);
  return there.reduce((tree, { path, to }) => withNode(tree, path, to as Leaf | Tree), left);
}

/** The node at a path of a tree. */
export function nodeAt(tree: Tree, path: TreePath): Leaf | Tree | undefined {
  return path.reduce<Leaf | Tree | undefined>((node, key) => (isTree(node) ? memberOf(node, key) : undefined), tree);
}

/** The tree with a node put at a path, in the place of whatever is in its way. */
function withNode(tree: Tree, path: TreePath, node: Leaf | Tree): Tree {
  const [key, ...rest] = path;
  if (key === undefined) return tree;
  const below = memberOf(tree, key);
  return { ...tree, [key]: rest.length === 0 ? node : withNode(isTree(below) ? below : {}, rest, node) };
}

function without(tree: Tree, path: TreePath): Tree {
  const [key, ...rest] = path;
  const below = key === undefined ? undefined : memberOf(tree, key);
  if (key === undefined || below === undefined) return tree;
  const left = rest.length > 0 && isTree(below) ? without(below, rest) : rest.length > 0 ? below : undefined;
  if (left === below) return tree;
  if (left !== undefined && isBranch(left)) return { ...tree, [key]: left };
  return Object.fromEntries(Object.entries(tree).filter(([other]) => other !== key));
}

function memberOf(tree: Tree, key: string): Leaf | Tree | undefined {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}
