import { isDeepStrictEqual } from 'node:util';
import { applyEdit, computeEdits, type JsonEdit, type JsonPath, valueAt } from './edit-json.ts';
import type { Json } from './json.ts';
import { parseYaml } from './parse-yaml.ts';
import { parseSource, referencesIn, type YamlSource } from './yaml-source.ts';
import { type Splice, splicesFor } from './yaml-splices.ts';

export type EditedYaml =
  | { readonly kind: 'edited'; readonly text: string }
  /** It is not YAML we read, or it is written in a way that cannot be changed in part. */
  | { readonly kind: 'refused' };

/**
 * Changes what a YAML text says and nothing else of it: comments, order, blank lines, quotes, indentation, line ends and the
 * style of every map stay as somebody wrote them. An alias whose meaning would change is written out.
 *
 * What a deleted key holds goes with it, comments inside and at the end of its lines included; comments above it stay.
 *
 * The result has been read again: it says exactly what the edits ask for.
 */
export function editYaml(text: string, edits: readonly JsonEdit[]): EditedYaml {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const before = readValue(text);
  if (before === undefined) return { kind: 'refused' };
  const wanted = edits.reduce(applyEdit, before);
  const edited = write(text.slice(mark.length), computeEdits(before, wanted), wanted);
  if (edited === undefined || !isDeepStrictEqual(readValue(edited), wanted)) return { kind: 'refused' };
  return { kind: 'edited', text: mark + edited };
}

function readValue(text: string): Json | undefined {
  const parsed = parseYaml(text, '');
  return parsed.kind === 'valid' ? parsed.document.value : undefined;
}

/** Makes all edits that do not get in each other's way, reads what came of it, and goes on with the rest. */
function write(text: string, edits: readonly JsonEdit[], wanted: Json): string | undefined {
  let source = parseSource(text);
  let pending = withAliasesWrittenOut(source, edits, wanted);
  while (pending.length > 0) {
    const later: JsonEdit[] = [];
    const made: PlacedSplice[] = [];
    for (const edit of pending) {
      const splices = splicesFor(source, edit)?.map((splice) => placed(splice, edit));
      if (splices === undefined) return undefined;
      if (splices.some((splice) => made.some((other) => collide(splice, other)))) later.push(edit);
      else made.push(...splices);
    }
    source = parseSource(spliced(source.text, made));
    pending = later;
  }
  return source.text;
}

interface PlacedSplice extends Splice {
  /** How far in its text belongs. */
  readonly depth: number;
}

function placed(splice: Splice, edit: JsonEdit): PlacedSplice {
  return { ...splice, depth: edit.path.length + (splice.inside ? 1 : 0) };
}

/** Whole lines may stand beside whole lines; within a line a comma may belong to either. */
function collide(a: Splice, b: Splice): boolean {
  return a.lines && b.lines ? a.from < b.to && b.from < a.to : a.from <= b.to && b.from <= a.to;
}

function spliced(text: string, splices: readonly PlacedSplice[]): string {
  let result = '';
  let at = 0;
  // What is put in at one place: first what belongs to the line that ends there, and what stands further in.
  for (const { from, to, text: put } of splices.toSorted(
    (a, b) => a.from - b.from || a.to - b.to || b.depth - a.depth,
  )) {
    result += text.slice(at, from) + put;
    at = Math.max(at, to);
  }
  return result + text.slice(at);
}

/**
 * Who edits a value edits whatever is an alias of it, which nobody asked for: those aliases get the value they are to have
 * written out.
 */
function withAliasesWrittenOut(source: YamlSource, edits: readonly JsonEdit[], wanted: Json): readonly JsonEdit[] {
  const { aliases, anchors } = referencesIn(source);
  const touched = new Set(
    anchors
      .filter(({ path }) => edits.some((edit) => isWithin(edit.path, path) || isWithin(path, edit.path)))
      .map(({ name }) => name),
  );
  const changed = aliases.filter(
    ({ path, name }) => touched.has(name) || edits.some((edit) => isWithin(edit.path, path)),
  );
  const writtenOut = changed.flatMap(({ path }): readonly JsonEdit[] => {
    const to = valueAt(wanted, path);
    const isReplaced = edits.some((edit) => isWithin(path, edit.path));
    return to === undefined || isReplaced ? [] : [{ kind: 'set', path, to }];
  });
  return [...writtenOut, ...edits.filter((edit) => !writtenOut.some(({ path }) => isWithin(edit.path, path)))];
}

/** At the path or below it. */
function isWithin(path: JsonPath, above: JsonPath): boolean {
  return above.length <= path.length && above.every((element, index) => element === path[index]);
}
