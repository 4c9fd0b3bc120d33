/**
 * Layers: what one place of a fleet repo says about a configuration, before it is laid over the others. A layer keeps
 * its source beside its expanded tree, so that where a leaf was written can be worked out later, when somebody asks.
 */
import type { Json, Leaf, Tree, TreePath } from '../schemas/json.ts';
import { isTree } from '../schemas/json.ts';
import { expandedSize, expandKey, expandRanges, malformedRanges } from '../schemas/ranges.ts';
import { isTextPath } from '../schemas/text-form.ts';
import type { Origin } from './places.ts';
import { asReferenceMap, isSecretName, referencedSecret, type SecretMatcher, unmarked } from './secret-references.ts';

export interface Layer {
  /** Ranges expanded, references as text; `null` removes. */
  readonly tree: Tree;
  /** As written but for references, so that a range stands under one key. */
  readonly source: Tree;
  /** Where a node of `source` stands. */
  originOf(path: TreePath): Origin;
}

/** What is wrong with a layer, by the path of its source. */
interface LayerFault {
  readonly path: TreePath;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export type CompiledLayer =
  | { readonly kind: 'compiled'; readonly tree: Tree; readonly source: Tree }
  | { readonly kind: 'refused'; readonly faults: readonly LayerFault[] };

/** Keys of one layer once its ranges are written out. A switch of 128 ports with everything set has some 20,000. */
const LARGEST_TREE = 200_000;

/** Brings what a file or a template says into the form layers have. */
export function compileLayer(written: Tree, secrets: SecretMatcher): CompiledLayer {
  const faults: LayerFault[] = [];
  const source = readReferences(written, [], secrets, faults);
  for (const { path, message } of malformedRanges(source)) faults.push({ path, code: 'DESIRED_STATE_RANGE', message });
  const size = expandedSize(source);
  if (size > LARGEST_TREE) {
    const message = `its ranges stand for ${size} keys; expected at most ${LARGEST_TREE}`;
    faults.push({ path: [], code: 'DESIRED_STATE_TOO_LARGE', message });
  }
  if (faults.length > 0) return { kind: 'refused', faults };
  return { kind: 'compiled', tree: expandRanges(source), source };
}

/** The same for lines of text, in which nothing stands for several. Their order is kept. */
export function compileText(written: Tree, secrets: SecretMatcher): CompiledLayer {
  const faults: LayerFault[] = [];
  const source = readReferences(written, [], secrets, faults);
  return faults.length > 0 ? { kind: 'refused', faults } : { kind: 'compiled', tree: source, source };
}

/** One block of the list form: which key it stands under, and what it says as a layer. */
export interface StartupBlock {
  readonly at: readonly [index: number, key: 'set' | 'unset'];
  readonly tree: Tree;
}

/**
 * The list form (`header`, `set`, `unset`) as layers in order. An `unset` tree names what goes away by its ends.
 *
 * @returns The index of the first block that is none, when there is one.
 */
export function readStartup(blocks: readonly Json[]): readonly StartupBlock[] | { readonly notABlock: number } {
  const read: StartupBlock[] = [];
  for (const [index, block] of blocks.entries()) {
    if (!isTree(block)) return { notABlock: index };
    for (const [key, value] of Object.entries(block)) {
      if (key === 'header') continue;
      if ((key !== 'set' && key !== 'unset') || !isTree(value)) return { notABlock: index };
      read.push({ at: [index, key], tree: key === 'set' ? value : withNullEnds(value) });
    }
  }
  return read;
}

function withNullEnds(tree: Tree): Tree {
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]): [string, Leaf | Tree] => [
      key,
      isTree(value) && Object.keys(value).length > 0 ? withNullEnds(value) : null,
    ]),
  );
}

/**
 * Where the value at `path` of the merged tree was written: the uppermost layer that says anything there. `undefined`
 * when none does.
 */
export function originIn(layers: readonly Layer[], path: TreePath): Origin | undefined {
  for (const layer of layers.toReversed()) {
    const found = sourcePath(layer.source, path);
    if (found) return layer.originOf(found);
  }
  return undefined;
}

/** The path in an unexpanded tree that says what stands at an expanded path. A single key is nearer than a range. */
export function sourcePath(source: Tree, path: TreePath): TreePath | undefined {
  // Lines of text hold no ranges.
  const hasRanges = !isTextPath(path);
  const find = (node: Leaf | Tree, depth: number, walked: TreePath): TreePath | undefined => {
    const key = path[depth];
    if (key === undefined) return node === null ? undefined : walked;
    if (!isTree(node)) return undefined;
    const written = hasRanges ? Object.keys(node) : [];
    const ranges = written.filter((candidate) => {
      const expansion = candidate === key ? undefined : expandKey(walked, candidate);
      return expansion?.kind === 'range' && expansion.keys.includes(key);
    });
    for (const candidate of [...(Object.hasOwn(node, key) ? [key] : []), ...ranges.toReversed()]) {
      const below = node[candidate];
      const found = below === undefined ? undefined : find(below, depth + 1, [...walked, candidate]);
      if (found) return found;
    }
    return undefined;
  };
  return find(source, 0, []);
}

function readReferences(node: Tree, path: TreePath, secrets: SecretMatcher, faults: LayerFault[]): Tree {
  const read: Record<string, Leaf | Tree> = {};
  for (const [written, value] of Object.entries(node)) {
    const key = unmarked(written);
    const here = [...path, key ?? written];
    if (key === undefined) {
      faults.push(glued(here));
      continue;
    }
    refuseKey(key, here, secrets, faults);
    read[key] = readValue(value, here, secrets, faults);
  }
  return read;
}

function refuseKey(key: string, path: TreePath, secrets: SecretMatcher, faults: LayerFault[]): void {
  const named = referencedSecret(key);
  if (named !== undefined && !isSecretName(named)) faults.push(badName(path));
  if (named === undefined && secrets.matches(path, 'key')) {
    const message = 'this key is a secret and stands here in plain text';
    faults.push({ path, code: 'DESIRED_STATE_SECRET_IN_PLAIN_TEXT', message, hint: 'write secret:<name> as the key' });
  }
}

function readValue(value: Leaf | Tree, path: TreePath, secrets: SecretMatcher, faults: LayerFault[]): Leaf | Tree {
  const named = asReferenceMap(value);
  // `secret` is also a leaf of NVUE's own (a RADIUS server's): there, what stands in it is no name.
  const meant = secrets.matches(path, 'value') || !secrets.matches([...path, 'secret'], 'value');
  if (named !== undefined && meant && !named.startsWith('secret:')) {
    return readReference(`secret:${named}`, path, faults);
  }
  if (isTree(value)) return readReferences(value, path, secrets, faults);
  if (typeof value === 'string') {
    const text = unmarked(value);
    if (text === undefined) {
      faults.push(glued(path));
      return value;
    }
    if (referencedSecret(text) !== undefined) return readReference(text, path, faults);
  }
  if (value !== null && typeof value !== 'boolean' && secrets.matches(path, 'value')) {
    const message = `"${path.at(-1)}" is a secret and stands here in plain text`;
    faults.push({
      path,
      code: 'DESIRED_STATE_SECRET_IN_PLAIN_TEXT',
      message,
      hint: 'write { secret: <name> } instead',
    });
  }
  if (Array.isArray(value) && value.some(holdsReference)) faults.push(glued(path));
  return value;
}

/** A list is one value, so a secret cannot be a part of it. */
function holdsReference(item: Json): boolean {
  if (typeof item === 'string') return unmarked(item) !== item || referencedSecret(item) !== undefined;
  if (Array.isArray(item)) return item.some(holdsReference);
  return isTree(item) && (asReferenceMap(item) !== undefined || Object.values(item).some(holdsReference));
}

function readReference(text: string, path: TreePath, faults: LayerFault[]): string {
  const plain = unmarked(text) ?? text;
  if (!isSecretName(referencedSecret(plain) ?? '')) faults.push(badName(path));
  return plain;
}

function glued(path: TreePath): LayerFault {
  const message = 'a secret has to be the whole value or the whole key, not a part of it';
  return { path, code: 'DESIRED_STATE_SECRET_GLUED', message };
}

function badName(path: TreePath): LayerFault {
  const message = 'this does not name a secret: expected a name such as site/bgp-password';
  return { path, code: 'DESIRED_STATE_SECRET_NAME', message };
}
