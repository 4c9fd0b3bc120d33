import { canonicalJson } from '../schemas/canonical.ts';
import { applyEdit, type JsonPath, valueAt } from '../schemas/edit-json.ts';
import { isBranch, isTree, type Json, type Leaf, type Tree, type TreePath } from '../schemas/json.ts';
import { expandKey } from '../schemas/ranges.ts';
import type { FleetDevice } from './fleet.ts';
import { foldRanges } from './fold-ranges.ts';
import { sourcePath } from './layer.ts';
import { follow, hasSay, type OwnFiles, type OwnLayer, ownLayers } from './own-files.ts';
import { leavesOf, type TreeLeaf, treeOf } from './tree-leaves.ts';

/**
 * Writes into a device's own files what would bring its rendering nearer to what is wanted, as a person would: a value is
 * changed or taken out where it stands, everything else goes into the device's `configuration`; what alike ports have in
 * common stands under a range.
 *
 * It may take another round, since what was taken out may uncover what a lower layer says.
 *
 * @param wanted The layer that would do if it lay on top: `null` removes.
 */
export function editOwnFiles(own: OwnFiles, device: FleetDevice, wanted: Tree): OwnFiles {
  const layers = ownLayers(own, device);
  const ends = leavesOf(wanted);
  const ranges = wholeRanges(layers, ends);
  const covered = new Set(ranges.flatMap(({ paths }) => paths));
  const steps = ends
    .filter(({ path }) => !covered.has(textOf(path)))
    .map((end) => (end.value === null ? stepToRemove(layers, end, device) : stepToSet(layers, end, device)));

  const edits = [...ranges, ...steps].flatMap((step) => (step.kind === 'edit' ? step.edits : []));
  const edited = edits.reduce<OwnFiles>(edit, own);
  return additions(steps).reduce<OwnFiles>((files, addition) => add(files, device, addition), edited);
}

interface Place {
  readonly file: string;
  readonly at: JsonPath;
}

/** A change of what a file says already. */
interface Edit extends Place {
  /** Of the layer the place is in: what is left empty above the place goes too, down to this. */
  readonly layer: JsonPath;
  /** Absent: it goes. */
  readonly to?: Json;
}

type Step =
  | { readonly kind: 'edit'; readonly edits: readonly Edit[] }
  | { readonly kind: 'add'; readonly to: Target; readonly end: TreeLeaf };

/** Where an addition goes: into a layer that is there, or into a new one above all others. */
type Target = Place | { readonly above: 'set' | 'unset' };

function stepToSet(layers: readonly OwnLayer[], end: TreeLeaf, device: FleetDevice): Step {
  const { path, value } = end;
  const upper = layers.findLast(({ expanded }) => hasSay(expanded, path));
  const target = targetAbove(layers, upper, device);
  if (!upper) return { kind: 'add', to: target, end };
  const { depth, node } = follow(upper.tree, path);
  const isExact = depth === path.length;
  if (!isExact && isTree(node)) return { kind: 'add', to: upper.kind === 'set' ? upper : target, end };
  const place = { file: upper.file, at: [...upper.at, ...path.slice(0, depth)], layer: upper.at };
  // What removes it goes; what is then still missing is for another round.
  if (upper.kind === 'unset' || (node === null && !isExact)) return { kind: 'edit', edits: [place] };
  const to = isExact ? (value as Json) : (treeOf([{ path: path.slice(depth), value }]) as Json);
  return { kind: 'edit', edits: [{ ...place, to }] };
}

function stepToRemove(layers: readonly OwnLayer[], end: TreeLeaf, device: FleetDevice): Step {
  const { path } = end;
  const edits = layers.flatMap(({ file, at, kind, tree }): readonly Edit[] => {
    const { depth, node } = follow(tree, path);
    const isThere = kind === 'set' && depth === path.length && node !== null;
    return isThere ? [{ file, at: [...at, ...path], layer: at }] : [];
  });
  if (edits.length > 0) return { kind: 'edit', edits };
  const upmost = layers.findLast(({ file }) => file === device.file);
  const isList = upmost !== undefined && upmost.at.length > 1;
  if (!upmost || (isList && upmost.kind === 'set')) return { kind: 'add', to: { above: 'unset' }, end };
  return { kind: 'add', to: upmost, end };
}

/** The uppermost layer of the device's own file that sets things, if nothing above it has the other say. */
function targetAbove(layers: readonly OwnLayer[], other: OwnLayer | undefined, device: FleetDevice): Target {
  const candidate = layers.findLast(({ file, kind }) => file === device.file && kind === 'set');
  const isAbove = candidate && (!other || layers.indexOf(candidate) >= layers.indexOf(other));
  return isAbove ? candidate : { above: 'set' };
}

/** Ranges all of whose members are to become the same: they are changed as the ranges they are. */
function wholeRanges(layers: readonly OwnLayer[], ends: readonly TreeLeaf[]) {
  const wanted = new Map(ends.map(({ path, value }) => [textOf(path), canonicalJson(value)]));
  const found = new Map<
    string,
    { readonly kind: 'edit'; readonly edits: readonly Edit[]; readonly paths: readonly string[] }
  >();
  for (const { path, value } of ends) {
    const layer = layers.findLast(({ expanded }) => hasSay(expanded, path));
    const source = layer?.kind === 'set' ? sourcePath(layer.tree, path) : undefined;
    if (!layer || !source || textOf(source) === textOf(path)) continue;
    const members = membersOf(source).filter(
      (member) => textOf(sourcePath(layer.tree, member) ?? []) === textOf(source),
    );
    const paths = members.map(textOf);
    if (!paths.every((member) => wanted.get(member) === canonicalJson(value))) continue;
    const place = { file: layer.file, at: [...layer.at, ...source], layer: layer.at };
    const edit: Edit = value === null ? place : { ...place, to: value as Json };
    found.set(canonicalJson(edit.at), { kind: 'edit', edits: [edit], paths });
  }
  return [...found.values()];
}

/** Every path that a path with ranges in it stands for. */
function membersOf(source: TreePath): readonly TreePath[] {
  return source.reduce<readonly TreePath[]>(
    (paths, key, depth) => {
      const expansion = expandKey(source.slice(0, depth), key);
      const keys = expansion.kind === 'range' ? expansion.keys : [key];
      return paths.flatMap((path) => keys.map((one) => [...path, one]));
    },
    [[]],
  );
}

function edit(own: OwnFiles, { file, at, layer, to }: Edit): OwnFiles {
  const value = own.get(file);
  if (value === undefined) return own;
  if (to !== undefined) return new Map(own).set(file, applyEdit(value, { kind: 'set', path: at, to }));
  let left = applyEdit(value, { kind: 'delete', path: at });
  // A map nobody is in any more says something: that it is there.
  for (let above = at.slice(0, -1); above.length >= layer.length; above = above.slice(0, -1)) {
    const isOwnKey = above.length > layer.length || layer.length === 1;
    if (!isOwnKey || isBranch(valueAt(left, above))) break;
    left = applyEdit(left, { kind: 'delete', path: above });
  }
  return new Map(own).set(file, left);
}

interface Addition {
  readonly to: Target;
  readonly ends: readonly TreeLeaf[];
}

/** All that goes into one layer together, so that alike ports are seen to be alike. */
function additions(steps: readonly Step[]): readonly Addition[] {
  const byTarget = new Map<string, Addition>();
  for (const step of steps) {
    if (step.kind === 'edit') continue;
    const { to, end } = step;
    const key = canonicalJson('above' in to ? to.above : [to.file, to.at]);
    byTarget.set(key, { to, ends: [...(byTarget.get(key)?.ends ?? []), end] });
  }
  return [...byTarget.values()];
}

function add(own: OwnFiles, device: FleetDevice, { to, ends }: Addition): OwnFiles {
  const tree = treeOf(ends);
  const file = 'above' in to ? device.file : to.file;
  const value = own.get(file);
  if (value === undefined) return own;
  if (!('above' in to)) {
    const into = valueAt(value, to.at);
    const path = to.at;
    return new Map(own).set(
      file,
      applyEdit(value, { kind: 'set', path, to: laid(isTree(into) ? into : {}, tree, []) }),
    );
  }
  const blocks = valueAt(value, ['configuration']);
  const folded = foldRanges(tree) as Json;
  const edit = Array.isArray(blocks)
    ? { path: ['configuration', blocks.length], to: { [to.above]: folded } }
    : { path: ['configuration'], to: isTree(blocks) ? laid(blocks, tree, []) : folded };
  return new Map(own).set(file, applyEdit(value, { kind: 'set', ...edit }));
}

/** A tree with more in it. What is new in one map is folded together. */
function laid(written: Tree, more: Tree, path: TreePath): Json {
  const known = Object.entries(more).filter(([key]) => Object.hasOwn(written, key));
  const added = Object.fromEntries(Object.entries(more).filter(([key]) => !Object.hasOwn(written, key)));
  const folded = path.reduceRight<Tree>((below, key) => ({ [key]: below }), added);
  const atPath = path.reduce<Leaf | Tree | undefined>(
    (node, key) => (isTree(node) ? node[key] : undefined),
    foldRanges(folded),
  );
  const result: Record<string, Json> = { ...(written as Record<string, Json>) };
  for (const [key, value] of [...known, ...Object.entries(isTree(atPath) ? atPath : {})]) {
    const below = Object.hasOwn(written, key) ? written[key] : undefined;
    result[key] = isTree(below) && isTree(value) ? laid(below, value as Tree, [...path, key]) : (value as Json);
  }
  return result;
}

function textOf(path: readonly (string | number)[]): string {
  return canonicalJson(path);
}
