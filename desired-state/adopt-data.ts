import { canonicalJson } from '../schemas/canonical.ts';
import { applyEdit, type JsonEdit, valueAt } from '../schemas/edit-json.ts';
import { isTree, type Json, type Tree, type TreePath } from '../schemas/json.ts';
import { nodeAt, type RunningDifference, withDifferences } from './running-difference.ts';
import { sameNode } from './same-node.ts';

/** A value of a device's own `data`, and what becomes as it runs by changing it. */
export interface DataEdit {
  readonly data: Extract<JsonEdit, { kind: 'set' }>;
  readonly differences: readonly RunningDifference[];
}

export interface DataEdits {
  /** Each gives exactly what runs, of all that it touches. */
  readonly exact: readonly DataEdit[];
  /** Each touches more than what runs otherwise. */
  readonly tooWide: readonly DataEdit[];
}

/**
 * Templates lie above all files, so what comes from one can be changed only in what it is given. A value of the device's own
 * `data` is taken for that where it stands in the rendering as it is, and changing it gives what runs there. What two values
 * would do is nobody's to choose.
 *
 * @param file What the device's own file says.
 * @param render What the device renders to when its file says something else.
 */
export function findDataEdits(
  file: Json,
  intended: Tree,
  differences: readonly RunningDifference[],
  render: (file: Json) => Tree | undefined,
): DataEdits {
  const exact: DataEdit[] = [];
  const tooWide: DataEdit[] = [];
  for (const leaf of leavesBelow(valueAt(file, ['data']) ?? null, ['data'])) {
    const shown = differences.filter(({ path, to }) => isScalar(to) && showsAt(intended, path, leaf.value));
    for (const to of new Map(shown.map((one) => [canonicalJson(one.to), one.to as Json])).values()) {
      const data = { kind: 'set', path: leaf.path, to: typeof leaf.value === 'string' ? String(to) : to } as const;
      const tree = render(applyEdit(file, data));
      const covered = differences.filter(({ path, to: runs }) => {
        const [was, is] = [nodeAt(intended, path), tree && nodeAt(tree, path)];
        return sameOrAbsent(is, runs) && !sameOrAbsent(was, runs);
      });
      if (!tree || !shown.some((difference) => covered.includes(difference))) continue;
      const list = sameNode(tree, withDifferences(intended, covered)) ? exact : tooWide;
      list.push({ data, differences: covered });
    }
  }
  return { exact: exact.filter((one) => exact.every((other) => other === one || !haveCommon(one, other))), tooWide };
}

function haveCommon(one: DataEdit, other: DataEdit): boolean {
  return one.differences.some((difference) => other.differences.includes(difference));
}

interface DataLeaf {
  readonly path: readonly (string | number)[];
  readonly value: string | number | boolean;
}

function leavesBelow(node: Json, path: DataLeaf['path']): readonly DataLeaf[] {
  if (isScalar(node)) return [{ path, value: node }];
  if (Array.isArray(node)) return node.flatMap((item: Json, index) => leavesBelow(item, [...path, index]));
  return isTree(node) ? Object.entries(node).flatMap(([key, value]) => leavesBelow(value as Json, [...path, key])) : [];
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function showsAt(tree: Tree, path: TreePath, value: DataLeaf['value']): boolean {
  const node = nodeAt(tree, path);
  return isScalar(node) && String(node) === String(value);
}

function sameOrAbsent(a: Json | undefined, b: Json | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameNode(a as Tree, b as Tree);
}
