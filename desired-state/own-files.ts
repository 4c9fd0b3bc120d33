/** What is written for one device alone: its own file, and the startup.yaml beside it. No other device is rendered from them. */
import { type JsonPath, valueAt } from '../schemas/edit-json.ts';
import { isTree, type Json, type Leaf, type Tree, type TreePath } from '../schemas/json.ts';
import { parseYaml } from '../schemas/parse-yaml.ts';
import { expandRanges } from '../schemas/ranges.ts';
import type { Fleet, FleetDevice } from './fleet.ts';
import { readStartup, sourcePath } from './layer.ts';

/** What the files say, by path; the startup.yaml first, since it lies beneath. */
export type OwnFiles = ReadonlyMap<string, Json>;

/** A layer as one of the files writes it. */
export interface OwnLayer {
  readonly file: string;
  /** Where its tree stands in the file. */
  readonly at: JsonPath;
  /** `unset`: a tree of `null`s, of the list form. */
  readonly kind: 'set' | 'unset';
  readonly tree: Tree;
  /** Its ranges written out. */
  readonly expanded: Tree;
}

/** @param texts By path; YAML that has been read before. */
export function readOwnFiles(texts: ReadonlyMap<string, string>): OwnFiles {
  return new Map(
    [...texts].map(([path, text]) => {
      const parsed = parseYaml(text, path);
      return [path, parsed.kind === 'valid' ? parsed.document.value : null];
    }),
  );
}

/** Paths of the files there are, the lowest first. */
export function ownPaths(fleet: Fleet, device: FleetDevice): readonly string[] {
  const startup = device.file.replace(/\.yaml$/, '.startup.yaml');
  return fleet.sources.blobs.has(startup) ? [startup, device.file] : [device.file];
}

/** @returns The lowest first. */
export function ownLayers(own: OwnFiles, device: FleetDevice): readonly OwnLayer[] {
  return [...own].flatMap(([file, value]) => {
    const at = file === device.file ? ['configuration'] : [];
    return layersIn(file, at, valueAt(value, at));
  });
}

/** How far a tree as it is written follows a path by the very keys, and what stands there. */
export interface Followed {
  readonly depth: number;
  readonly node: Leaf | Tree;
}

export function follow(tree: Tree, path: TreePath): Followed {
  let node: Leaf | Tree = tree;
  for (const [depth, key] of path.entries()) {
    if (!isTree(node) || !Object.hasOwn(node, key)) return { depth, node };
    node = node[key] as Leaf | Tree;
  }
  return { depth: path.length, node };
}

/** True when a tree has a say in what stands at a path: something is there, or nothing can be below what is. */
export function hasSay(tree: Tree, path: TreePath): boolean {
  const { depth, node } = follow(tree, path);
  return depth === path.length || !isTree(node);
}

/** Where in the files the uppermost of the layers with a say in a path says it; `undefined` when none has. */
export function whereWritten(
  layers: readonly OwnLayer[],
  path: TreePath,
): { readonly file: string; readonly at: JsonPath } | undefined {
  const layer = layers.findLast(({ expanded }) => hasSay(expanded, path));
  if (!layer) return undefined;
  const { depth, node } = follow(layer.tree, path);
  const isExact = depth === path.length || !isTree(node);
  const found = isExact ? path.slice(0, depth) : sourcePath(layer.tree, path);
  return { file: layer.file, at: [...layer.at, ...(found ?? path.slice(0, depth))] };
}

function layersIn(file: string, at: JsonPath, value: Json | undefined): readonly OwnLayer[] {
  if (isTree(value)) return [{ file, at, kind: 'set', tree: value, expanded: expandRanges(value) }];
  const blocks = Array.isArray(value) ? readStartup(value) : [];
  if ('notABlock' in blocks) return [];
  return blocks.map(({ at: [index, kind], tree }) => ({
    file,
    at: [...at, index, kind],
    kind,
    tree,
    expanded: expandRanges(tree),
  }));
}
