/** A YAML text as the nodes it is made of, each with its place, so that a part of it can be changed by itself. */
import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { JsonPath } from './edit-json.ts';
import type { YamlManner } from './yaml-text.ts';

/** A text that {@link parseYaml} reads, taken apart. */
export interface YamlSource {
  readonly text: string;
  readonly root: Node | null;
  /** `\r\n` where the text has any. */
  readonly lineEnd: string;
  /** Columns one level stands further in. */
  readonly indent: number;
  readonly manner: YamlManner;
}

export type Collection = YAMLMap | YAMLSeq;

/** Where a path leads: the node, what holds it, and whether all of it stands between brackets. */
export interface YamlSpot {
  readonly node: Node | undefined;
  readonly parent: Collection | undefined;
  /** In a map. */
  readonly pair?: Pair;
  /** True between braces or brackets of a collection above the node. */
  readonly inFlow: boolean;
}

export function parseSource(text: string): YamlSource {
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    prettyErrors: false,
    logLevel: 'silent',
    keepSourceTokens: true,
  });
  return {
    text,
    root: document.contents,
    lineEnd: text.includes('\r\n') ? '\r\n' : '\n',
    indent: indentOf(text),
    manner: { plainWords: /:[ \t]+(?:on|off|yes|no)[ \t]*\r?$/m.test(text) },
  };
}

function indentOf(text: string): number {
  const lines = text.split('\n').filter((line) => /^\s*[^\s#]/.test(line));
  const steps = lines.map((line, index) => {
    const above = /^[ -]*/.exec(lines[index - 1] ?? line)?.[0].length ?? 0;
    return (/^ */.exec(line)?.[0].length ?? 0) - above;
  });
  return steps.find((step) => step > 0) ?? 2;
}

/** `undefined` when nothing stands at the path, or an alias stands in the way. */
export function spotAt(source: YamlSource, path: JsonPath): YamlSpot | undefined {
  let spot: YamlSpot = { node: source.root ?? undefined, parent: undefined, inFlow: false };
  for (const element of path) {
    const parent: Node | undefined = spot.node;
    if (!isCollection(parent)) return undefined;
    const inFlow = spot.inFlow || parent.flow === true;
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => keyText(key) === element);
      if (!pair) return undefined;
      spot = { node: asNode(pair.value), parent, pair, inFlow };
    } else if (isSeq(parent)) {
      const item = parent.items[Number(element)];
      if (item === undefined) return undefined;
      spot = { node: asNode(item), parent, inFlow };
    }
  }
  return spot;
}

/** A key as our reader has it: NVUE's `10:` is the text "10". */
export function keyText(key: unknown): string {
  if (!isScalar(key)) return '';
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

export interface Reference {
  readonly path: JsonPath;
  /** Of the anchor. */
  readonly name: string;
}

/** Every alias and every anchor, in the order of the text. */
export function referencesIn({ root }: YamlSource): {
  readonly aliases: readonly Reference[];
  readonly anchors: readonly Reference[];
} {
  const aliases: Reference[] = [];
  const anchors: Reference[] = [];
  const walk = (node: unknown, path: JsonPath): void => {
    if (isAlias(node)) aliases.push({ path, name: node.source });
    if (!isScalar(node) && !isCollection(node)) return;
    if (node.anchor !== undefined) anchors.push({ path, name: node.anchor });
    if (isMap(node)) for (const { key, value } of node.items) walk(value, [...path, keyText(key)]);
    if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...path, index]);
  };
  walk(root, []);
  return { aliases, anchors };
}

/** Offset where a node's text begins: of a collection its bracket or its first key or dash. */
export function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/**
 * Offset behind the last character of a node that says something: comments and line ends after it are not its.
 *
 * @param of `content`: of what stands between brackets.
 */
export function endOf(source: YamlSource, node: Node, of: 'node' | 'content' = 'node'): number {
  if (isCollection(node) && (node.flow !== true || of === 'content')) {
    const last: unknown = node.items.at(-1);
    return isPair(last) ? endOfPair(source, last) : isNode(last) ? endOf(source, last) : startOf(node);
  }
  const start = startOf(node);
  // A block of text has its last line break in it.
  return start + source.text.slice(start, node.range?.[1]).trimEnd().length;
}

export function endOfPair(source: YamlSource, { key, value }: Pair): number {
  return isNode(value) ? endOf(source, value) : isNode(key) ? endOf(source, key) : 0;
}

/** Offset of the colon behind a key. */
export function colonOf(source: YamlSource, { key }: Pair): number | undefined {
  const at = isNode(key) ? source.text.indexOf(':', endOf(source, key)) : -1;
  return at < 0 ? undefined : at;
}

export function lineStart({ text }: YamlSource, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset of the line break that ends a line, or of the end of the text. */
export function lineStop({ text }: YamlSource, offset: number): number {
  const at = text.indexOf('\n', offset);
  return at < 0 ? text.length : at;
}

export function columnOf(source: YamlSource, offset: number): number {
  return offset - lineStart(source, offset);
}

function asNode(value: unknown): Node | undefined {
  return isNode(value) ? value : undefined;
}
