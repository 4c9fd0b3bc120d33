/** Where in a device's own files a person would write that something is there, or gone. */
import { canonicalJson } from '../schemas/canonical.ts';
import type { JsonPath } from '../schemas/edit-json.ts';
import { isTree, type Json, type TreePath } from '../schemas/json.ts';
import { expandKey } from '../schemas/ranges.ts';
import type { FleetDevice } from './fleet.ts';
import { sourcePath } from './layer.ts';
import { follow, hasSay, type OwnLayer } from './own-files.ts';
import { type TreeLeaf, treeOf } from './tree-leaves.ts';

export type OwnStep =
  | { readonly kind: 'change'; readonly places: readonly ChangedPlace[] }
  | { readonly kind: 'add'; readonly to: AddTarget; readonly end: TreeLeaf };

/** What stands there becomes something else, or goes. */
export interface ChangedPlace {
  readonly file: string;
  readonly at: JsonPath;
  /** Of the layer it is in. */
  readonly layer: JsonPath;
  /** Absent: it goes. */
  readonly to?: Json;
}

/** A layer that is there, or a new one above all of the device's own file. */
export type AddTarget = Pick<OwnLayer, 'file' | 'at'> | { readonly above: 'set' | 'unset' };

/**
 * @param layers The lowest first.
 * @param ends What is to stand at a path, and be last; `null`: nothing is.
 */
export function decideOwnSteps(
  layers: readonly OwnLayer[],
  ends: readonly TreeLeaf[],
  device: FleetDevice,
): readonly OwnStep[] {
  const ranges = wholeRanges(layers, ends);
  const covered = new Set(ranges.flatMap(({ members }) => members));
  const single = ends.filter(({ path }) => !covered.has(canonicalJson(path)));
  return [
    ...ranges.map(({ place }): OwnStep => ({ kind: 'change', places: [place] })),
    ...single.map((end) => (end.value === null ? stepToRemove(layers, end, device) : stepToSet(layers, end, device))),
  ];
}

/** A range that is to become something else in all its members. */
interface WholeRange {
  readonly place: ChangedPlace;
  /** Paths as text. */
  readonly members: readonly string[];
}

function wholeRanges(layers: readonly OwnLayer[], ends: readonly TreeLeaf[]): readonly WholeRange[] {
  const wanted = new Map(ends.map(({ path, value }) => [canonicalJson(path), canonicalJson(value)]));
  const seen = new Set<string>();
  return ends.flatMap(({ path, value }) => {
    const layer = layers.findLast(({ expanded }) => hasSay(expanded, path));
    const source = layer?.kind === 'set' ? sourcePath(layer.tree, path) : undefined;
    if (!layer || !source || canonicalJson(source) === canonicalJson(path)) return [];
    const at = [...layer.at, ...source];
    if (seen.has(canonicalJson(at))) return [];
    seen.add(canonicalJson(at));
    const saidByRange = membersOf(source).filter(
      (member) => canonicalJson(sourcePath(layer.tree, member) ?? []) === canonicalJson(source),
    );
    const members = saidByRange.map((member) => canonicalJson(member));
    if (!members.every((member) => wanted.get(member) === canonicalJson(value))) return [];
    return [{ place: changed(layer, source, value as Json), members }];
  });
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

function stepToSet(layers: readonly OwnLayer[], end: TreeLeaf, device: FleetDevice): OwnStep {
  const { path, value } = end;
  const upper = layers.findLast(({ expanded }) => hasSay(expanded, path));
  const { depth, node } = upper ? follow(upper.tree, path) : { depth: 0, node: {} };
  const isExact = depth === path.length;
  if (!upper || (!isExact && isTree(node))) {
    // One key beside a range that covers it wins where that stands; an unset range has to be lain over.
    return { kind: 'add', to: upper?.kind === 'set' ? upper : layerToSetIn(layers, upper, device), end };
  }
  const here = path.slice(0, depth);
  // What takes it away goes; what is then still missing is for another round.
  if (upper.kind === 'unset' || (node === null && !isExact))
    return { kind: 'change', places: [changed(upper, here, null)] };
  const to = isExact ? value : treeOf([{ path: path.slice(depth), value }]);
  return { kind: 'change', places: [changed(upper, here, to as Json)] };
}

function stepToRemove(layers: readonly OwnLayer[], end: TreeLeaf, device: FleetDevice): OwnStep {
  const said = layers.filter(({ kind, tree }) => {
    const { depth, node } = follow(tree, end.path);
    return kind === 'set' && depth === end.path.length && node !== null;
  });
  if (said.length > 0) return { kind: 'change', places: said.map((layer) => changed(layer, end.path, null)) };
  const upmost = layers.findLast(({ file }) => file === device.file);
  const isBlock = upmost !== undefined && upmost.at.length > 1;
  if (!upmost || (isBlock && upmost.kind === 'set')) return { kind: 'add', to: { above: 'unset' }, end };
  return { kind: 'add', to: upmost, end };
}

/** @param over A layer it has to lie above. */
function layerToSetIn(layers: readonly OwnLayer[], over: OwnLayer | undefined, device: FleetDevice): AddTarget {
  const candidate = layers.findLast(({ file, kind }) => file === device.file && kind === 'set');
  const isAbove = candidate && (!over || layers.indexOf(candidate) > layers.indexOf(over));
  return isAbove ? candidate : { above: 'set' };
}

/** @param to `null`: what stands there goes. */
function changed({ file, at: layer }: OwnLayer, path: TreePath, to: Json): ChangedPlace {
  return { file, at: [...layer, ...path], layer, ...(to === null ? {} : { to }) };
}
