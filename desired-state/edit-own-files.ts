import { canonicalJson } from '../schemas/canonical.ts';
import { applyEdit, type JsonEdit, type JsonPath, valueAt } from '../schemas/edit-json.ts';
import { isBranch, isTree, type Json, type Leaf, type Tree, type TreePath } from '../schemas/json.ts';
import { type AddTarget, type ChangedPlace, decideOwnSteps, type OwnStep } from './decide-own-steps.ts';
import type { FleetDevice } from './fleet.ts';
import { foldRanges } from './fold-ranges.ts';
import { type OwnFiles, ownLayers } from './own-files.ts';
import { nodeAt } from './running-difference.ts';
import { leavesOf, type TreeLeaf, treeOf } from './tree-leaves.ts';

/**
 * Writes into a device's own files what brings its rendering nearer to what is wanted, as a person would: a value is changed or
 * taken out where it stands, everything else goes into the device's `configuration`; what alike ports have in common stands
 * under a range.
 *
 * It may take another round: what was taken out may uncover what a lower layer says.
 *
 * @param missing The layer that would do if it lay on top of all; `null` removes.
 * @param wanted What is to come of it.
 */
export function editOwnFiles(own: OwnFiles, device: FleetDevice, missing: Tree, wanted: Tree): OwnFiles {
  const steps = decideOwnSteps(ownLayers(own, device), leavesOf(missing), device);
  const places = steps.flatMap((step) => (step.kind === 'change' ? step.places : []));
  const changed = places.reduce<OwnFiles>((files, place) => change(files, place, wanted), own);
  return additionsOf(steps).reduce<OwnFiles>((files, addition) => add(files, device.file, addition), changed);
}

function change(own: OwnFiles, { file, at, layer, to }: ChangedPlace, wanted: Tree): OwnFiles {
  if (to !== undefined) return withEdit(own, file, { kind: 'set', path: at, to });
  let left = withEdit(own, file, { kind: 'delete', path: at });
  // An empty map says that it is there, or in an unset that it goes: so it does not stay, unless it is to be there and empty.
  // A block of a list stays where it is.
  const top = layer.length > 1 ? layer.length + 1 : layer.length;
  for (let length = at.length - 1; length >= top; length -= 1) {
    const path = at.slice(0, length);
    const isWanted =
      length > layer.length &&
      layer.at(-1) !== 'unset' &&
      isEmptyMap(nodeAt(wanted, path.slice(layer.length).map(String)));
    if (isWanted || isBranch(valueAt(left.get(file) ?? null, path))) break;
    left = withEdit(left, file, { kind: 'delete', path });
  }
  return left;
}

function isEmptyMap(node: unknown): boolean {
  return isTree(node) && !isBranch(node);
}

interface Addition {
  readonly to: AddTarget;
  readonly ends: readonly TreeLeaf[];
}

/** What goes to one place together, so that alike ports are seen to be alike. */
function additionsOf(steps: readonly OwnStep[]): readonly Addition[] {
  const byTarget = new Map<string, Addition & { readonly ends: TreeLeaf[] }>();
  for (const step of steps) {
    if (step.kind === 'change') continue;
    const { to, end } = step;
    const key = canonicalJson('above' in to ? to.above : [to.file, to.at]);
    const known = byTarget.get(key) ?? { to, ends: [] };
    known.ends.push(end);
    byTarget.set(key, known);
  }
  return [...byTarget.values()];
}

function add(own: OwnFiles, deviceFile: string, { to, ends }: Addition): OwnFiles {
  const tree = treeOf(ends);
  if (!('above' in to)) return layInto(own, to.file, to.at, tree);
  const configuration = valueAt(own.get(deviceFile) ?? null, ['configuration']);
  if (!Array.isArray(configuration)) return layInto(own, deviceFile, ['configuration'], tree);
  const block: Json = { [to.above]: laidOver({}, tree, []) as Json };
  return withEdit(own, deviceFile, { kind: 'set', path: ['configuration', configuration.length], to: block });
}

function layInto(own: OwnFiles, file: string, path: JsonPath, more: Tree): OwnFiles {
  const written = valueAt(own.get(file) ?? null, path);
  return withEdit(own, file, { kind: 'set', path, to: laidOver(isTree(written) ? written : {}, more, []) as Json });
}

/** A map with more in it; what is new there is folded into ranges. */
function laidOver(written: Tree, more: Tree, path: TreePath): Tree {
  const isKnown = ([key]: readonly [string, unknown]) => Object.hasOwn(written, key);
  const added = Object.fromEntries(Object.entries(more).filter((member) => !isKnown(member)));
  // What a key stands under decides whether it can be a range.
  const folded = nodeAt(foldRanges(path.reduceRight<Tree>((below, key) => ({ [key]: below }), added)), path);
  const members = [...Object.entries(more).filter(isKnown), ...Object.entries(isTree(folded) ? folded : {})];
  const result = new Map(Object.entries(written));
  for (const [key, value] of members) {
    const below = Object.hasOwn(written, key) ? written[key] : undefined;
    const node = isTree(below) && isTree(value) ? laidOver(below, value as Tree, [...path, key]) : value;
    result.set(key, node as Leaf | Tree);
  }
  return Object.fromEntries(result);
}

function withEdit(own: OwnFiles, file: string, edit: JsonEdit): OwnFiles {
  return new Map(own).set(file, applyEdit(own.get(file) ?? null, edit));
}
