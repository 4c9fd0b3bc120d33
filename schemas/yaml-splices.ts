/** What has to be put where in a text so that one edit of its value is made. */
import { isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { JsonEdit } from './edit-json.ts';
import { isBranch, type Json } from './json.ts';
import { placeAmong } from './key-places.ts';
import { readPlainScalar } from './yaml-scalar.ts';
import {
  colonOf,
  columnOf,
  endOf,
  endOfPair,
  keyText,
  lineStart,
  lineStop,
  spotAt,
  startOf,
  type YamlSource,
  type YamlSpot,
} from './yaml-source.ts';
import { isPlainYaml, renderYamlFlow, renderYamlText } from './yaml-text.ts';

/** A stretch of a text and what comes in its place. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** Whole lines, so that it does not matter what is done to the lines beside it. */
  readonly lines: boolean;
  /** Set where the text belongs further in than what is edited: it comes first of all that is put in at one place. */
  readonly inside?: true;
}

/** @returns `undefined` when there is no telling how. */
export function splicesFor(source: YamlSource, edit: JsonEdit): readonly Splice[] | undefined {
  const spot = spotAt(source, edit.path);
  if (edit.kind === 'set') return spot ? replaceValue(source, spot, edit.to) : add(source, edit);
  if (!spot?.pair || !isMap(spot.parent)) return undefined;
  return spot.inFlow ? removeMember(source, spot.parent, spot.pair) : removeLines(source, spot.parent, spot.pair);
}

function replaceValue(source: YamlSource, spot: YamlSpot, to: Json): readonly Splice[] | undefined {
  const { node, pair, inFlow } = spot;
  if (!node) {
    // `z` without a colon, in braces.
    return isNode(pair?.key)
      ? [within(endOf(source, pair.key), endOf(source, pair.key), `: ${flow(source, to)}`)]
      : undefined;
  }
  const colon = inFlow ? undefined : pair && colonOf(source, pair);
  const isBlock = !inFlow && (isMap(node) || isSeq(node)) && node.flow !== true;
  const hangs = isBlock && colon !== undefined && lineStart(source, startOf(node)) > colon;
  if (colon !== undefined && isMap(spot.parent) && isBranch(to)) {
    const lines = renderBlock(source, to, columnOf(source, startOf(spot.parent)) + source.indent);
    return hangs
      ? [replaceLines(source, node, lines)]
      : [withoutGap(source, node), { ...addAfter(source, endOf(source, node), lines), inside: true }];
  }
  if (hangs && isSeq(node) && Array.isArray(to) && to.length > 0 && !to.some(isBranch)) {
    const dash = `${' '.repeat(columnOf(source, startOf(node)))}- `;
    return [
      replaceLines(
        source,
        node,
        to.map((item: Json) => `${dash}${flow(source, item)}`),
      ),
    ];
  }
  const text = renderLike(source, node, to);
  if (hangs) {
    const at = behindAnchor(source, colon);
    return [within(at, at, ` ${text}`), cutLines(source, startOf(node), endOf(source, node))];
  }
  const [from, end] = [startOf(node), endOf(source, node)];
  return [within(from, end, from === end ? ` ${text}` : text)];
}

function add(source: YamlSource, { path, to }: Extract<JsonEdit, { kind: 'set' }>): readonly Splice[] | undefined {
  const element = path.at(-1);
  const parent = spotAt(source, path.slice(0, -1));
  if (element === undefined || !parent) return undefined;
  const { node } = parent;
  if (!isMap(node) && !isSeq(node)) return undefined;
  const inFlow = parent.inFlow || node.flow === true;
  if (isSeq(node)) return [inFlow ? addBetween(source, node, '[]', flow(source, to)) : addItem(source, node, to)];
  const key = renderKey(node, String(element));
  if (inFlow) return [addBetween(source, node, '{}', `${key}: ${flow(source, to)}`)];
  const lines = renderEntry(source, key, to, columnOf(source, startOf(node)));
  const gap = path.length === 1 && isBranch(to) && isSpaced(source, node) ? [''] : [];
  return [addMember(source, node, parent.pair, String(element), [...gap, ...lines])];
}

/** At the end, inside the bracket. */
function addBetween(source: YamlSource, collection: YAMLMap | YAMLSeq, brackets: '{}' | '[]', text: string): Splice {
  const end = collection.items.length === 0 ? undefined : endOf(source, collection, 'content');
  if (end !== undefined) return within(end, end, `, ${text}`);
  const whole = brackets === '{}' ? `{ ${text} }` : `[${text}]`;
  return within(startOf(collection), endOf(source, collection), whole);
}

function addItem(source: YamlSource, list: YAMLSeq, to: Json): Splice {
  const column = columnOf(source, startOf(list));
  const [first = '', ...rest] = isBranch(to) ? renderBlock(source, to, column + 2) : [flow(source, to)];
  return addAfter(source, endOf(source, list), [`${' '.repeat(column)}- ${first.trimStart()}`, ...rest]);
}

function addMember(
  source: YamlSource,
  map: YAMLMap,
  under: Pair | undefined,
  key: string,
  lines: readonly string[],
): Splice {
  const place = placeAmong(
    map.items.map((pair) => keyText(pair.key)),
    key,
  );
  const before = map.items[place - 1];
  if (before) return addAfter(source, endWithComments(source, map, before), lines);
  const colon = under && colonOf(source, under);
  // Directly below the key of the map, so that a comment above its first member stays there.
  const isBelow = colon !== undefined && lineStart(source, startOf(map)) > colon;
  return addAfter(source, isBelow ? colon : endOf(source, map), lines);
}

/** True when a blank line stands before one of the members, other than the first. */
function isSpaced(source: YamlSource, map: YAMLMap): boolean {
  return map.items.slice(1).some(({ key }) => {
    const above = isNode(key) ? source.text.slice(0, lineStart(source, startOf(key))) : '';
    return /\n[ \t]*\r?\n(?:[ \t]*#.*\n)*$/.test(above);
  });
}

function removeLines(source: YamlSource, map: YAMLMap, pair: Pair): readonly Splice[] | undefined {
  if (!isNode(pair.key)) return undefined;
  const from = startOf(pair.key);
  const isAlone = source.text.slice(lineStart(source, from), from).trim() === '';
  if (isAlone) return [cutLines(source, from, endWithComments(source, map, pair))];
  // The first member of a map that begins behind a dash: the next one moves up.
  const next = map.items[map.items.indexOf(pair) + 1]?.key;
  if (!isNode(next) || source.text.slice(endOfPair(source, pair), startOf(next)).includes('#')) return undefined;
  return [within(from, startOf(next), '')];
}

function removeMember(source: YamlSource, map: YAMLMap, pair: Pair): readonly Splice[] | undefined {
  const index = map.items.indexOf(pair);
  const [previous, next] = [map.items[index - 1], map.items[index + 1]];
  if (!isNode(pair.key)) return undefined;
  const [from, end] = [startOf(pair.key), endOfPair(source, pair)];
  const [before, after] = [previous ? endOfPair(source, previous) : from, isNode(next?.key) ? startOf(next.key) : end];
  const isBare = (start: number, stop: number) => !source.text.slice(start, stop).includes('#');
  if (after > end) return [within(from, isBare(end, after) ? after : source.text.indexOf(',', end) + 1, '')];
  if (isBare(before, from)) return [within(before, end, '')];
  // The comma in front of it stays, so the one behind it, if the last member has one, must not.
  return [within(from, end + (/^\s*,/.exec(source.text.slice(end))?.[0].length ?? 0), '')];
}

/** The end of a member, with the comments below it that stand further in than its key: they are about what it holds. */
function endWithComments(source: YamlSource, map: YAMLMap, pair: Pair): number {
  const column = columnOf(source, startOf(map));
  let end = endOfPair(source, pair);
  let line = lineStop(source, end) + 1;
  while (line < source.text.length) {
    const stop = lineStop(source, line);
    const text = source.text.slice(line, stop);
    const comment = /^ *(?=#)/.exec(text)?.[0];
    if (text.trim() !== '' && (comment === undefined || comment.length <= column)) break;
    if (comment !== undefined) end = stop;
    line = stop + 1;
  }
  return end;
}

function within(from: number, to: number, text: string): Splice {
  return { from, to, text, lines: false };
}

/** Takes the lines from one place to another away, with what ends them. */
function cutLines(source: YamlSource, from: number, to: number): Splice {
  const end = Math.min(lineStop(source, to) + 1, source.text.length);
  return { from: lineStart(source, from), to: end, text: '', lines: true };
}

function replaceLines(source: YamlSource, node: Node, lines: readonly string[]): Splice {
  return {
    ...cutLines(source, startOf(node), endOf(source, node)),
    text: lines.map((line) => line + source.lineEnd).join(''),
  };
}

/** Lines below the one a place is in. */
function addAfter(source: YamlSource, offset: number, lines: readonly string[]): Splice {
  const stop = lineStop(source, offset);
  const { lineEnd, text } = source;
  const isLast = stop === text.length;
  const at = isLast ? stop : stop + 1;
  const put = lines.map((line) => (isLast ? lineEnd + line : line + lineEnd)).join('');
  return { from: at, to: at, text: put, lines: true };
}

/** Takes a value away with the blanks before it on its line. */
function withoutGap(source: YamlSource, node: Node): Splice {
  const head = source.text.slice(lineStart(source, startOf(node)), startOf(node));
  return within(startOf(node) - (head.length - head.trimEnd().length), endOf(source, node), '');
}

/** Where a value would begin on the line of its key. */
function behindAnchor({ text }: YamlSource, colon: number): number {
  return colon + 1 + (/^[ \t]+&[^\s,[\]{}]+/.exec(text.slice(colon + 1))?.[0].length ?? 0);
}

/** Lines of a map's members, each level further in. */
function renderBlock(source: YamlSource, tree: Json, column: number): readonly string[] {
  return Object.entries(tree ?? {}).flatMap(([key, value]) =>
    renderEntry(source, renderYamlText(key), value as Json, column),
  );
}

function renderEntry(source: YamlSource, key: string, value: Json, column: number): readonly string[] {
  const name = `${' '.repeat(column)}${key}:`;
  if (isBranch(value)) return [name, ...renderBlock(source, value, column + source.indent)];
  return [`${name} ${flow(source, value)}`];
}

/** A new key in the manner of the keys beside it: NVUE's VLANs stand as `10:` or as `'10':`. */
function renderKey(map: YAMLMap, key: string): string {
  const alike = map.items.find((pair) => WHOLE_NUMBER.test(keyText(pair.key)))?.key;
  if (!WHOLE_NUMBER.test(key) || !isScalar(alike)) return renderYamlText(key);
  return alike.type === 'PLAIN' ? key : alike.type === 'QUOTE_SINGLE' ? `'${key}'` : renderYamlText(key);
}

const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,14})$/;

/** A value in the quotes of the text it replaces, or in none where that had none. */
function renderLike(source: YamlSource, node: Node, to: Json): string {
  if (typeof to !== 'string' || !isScalar(node) || typeof node.value !== 'string') return flow(source, to);
  if (node.type === 'QUOTE_SINGLE' && PRINTABLE.test(to)) return `'${to.replaceAll("'", "''")}'`;
  if (node.type === 'QUOTE_DOUBLE' && PRINTABLE.test(to)) return JSON.stringify(to);
  if (node.type !== 'PLAIN') return flow(source, to);
  // Somebody writes words such as `on`, addresses and times without quotes here.
  const isDaring = !isPlainYaml(node.value) && DARING.test(to) && readPlainScalar(to) === to;
  return isDaring ? to : flow(source, to);
}

const PRINTABLE = /^[\x20-\x7e]+$/;
const DARING = /^[A-Za-z0-9](?:[A-Za-z0-9:._/+-]*[A-Za-z0-9])?$/;

function flow(source: YamlSource, value: Json): string {
  return renderYamlFlow(value, source.manner);
}
