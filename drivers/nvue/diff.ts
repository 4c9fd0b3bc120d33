import type { Change } from '../../schemas/change.ts';
import { isBranch, isTree, type Leaf, type Tree, type TreePath } from '../../schemas/json.ts';
import { normaliseTree } from './normalise.ts';
import { childOf, compareKeys, holds, mergePatch, type Node, sameLeaf } from './tree.ts';

/** The switch's own account of a candidate: two merge-patches, as it writes them. */
export interface DeviceDiff {
  /** Turns what is applied into the candidate. */
  readonly forward: Tree;
  /** Turns the candidate into what is applied. */
  readonly backward: Tree;
}

export function isEmptyDiff({ forward, backward }: DeviceDiff): boolean {
  return [forward, backward].every((patch) => Object.keys(patch).every((key) => key === 'header'));
}

/**
 * The switch's account as {@link Change}s.
 *
 * Both patches are laid over what was sent and the two results compared, so every difference comes from the switch's own
 * words, and what it wrote otherwise than we sent shows as a change nobody approved.
 *
 * @param sent The candidate as it was sent.
 */
export function deviceChanges(sent: Tree, diff: DeviceDiff): readonly Change[] {
  const { forward, backward } = orient(sent, diff);
  return computeTreeChanges(normaliseTree(mergePatch(sent, backward)), normaliseTree(mergePatch(sent, forward)));
}

/** Documentation and clients disagree which way `diff=` reads. The way whose result is what we sent is the right one. */
function orient(sent: Tree, diff: DeviceDiff): DeviceDiff {
  const leadsToSent = (patch: Tree) => holds(mergePatch(sent, patch), sent);
  if (!leadsToSent(diff.forward) && leadsToSent(diff.backward))
    return { forward: diff.backward, backward: diff.forward };
  return diff;
}

/** What turns `before` into `after`, in path order. An empty map that only gains children is not unset first. */
export function computeTreeChanges(before: Tree, after: Tree): readonly Change[] {
  const changes: Change[] = [];
  compareBranches(before, after, [], changes);
  return changes;
}

function compareBranches(before: Tree, after: Tree, path: TreePath, changes: Change[]): void {
  const differing = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    // What neither patch touched is one object in both.
    (key) => childOf(before, key) !== childOf(after, key),
  );
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
