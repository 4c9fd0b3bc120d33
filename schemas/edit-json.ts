import { isDeepStrictEqual } from 'node:util';
import { isBranch, isTree, type Json } from './json.ts';

/** Keys and list indexes from the root of a value. */
export type JsonPath = readonly (string | number)[];

/** One thing to change in a value. */
export type JsonEdit =
  /** Maps on the way that are missing are made. An index one beyond the end of a list appends. */
  | { readonly kind: 'set'; readonly path: JsonPath; readonly to: Json }
  | { readonly kind: 'delete'; readonly path: JsonPath };

/** What stands at a path; `undefined` when nothing does. */
export function valueAt(value: Json, path: JsonPath): Json | undefined {
  let node: Json | undefined = value;
  for (const element of path) {
    if (Array.isArray(node)) node = node[Number(element)];
    else node = isTree(node) && Object.hasOwn(node, element) ? (node[element] as Json) : undefined;
  }
  return node;
}

/** The value with one edit made; the rest of it is shared. Deleting what is not there changes nothing. */
export function applyEdit(value: Json, edit: JsonEdit): Json {
  return replaceAt(value, edit.path, edit.kind === 'set' ? edit.to : undefined) ?? null;
}

/**
 * The edits that turn one value into another, as few and as deep down as can be, in the order of the maps: what is new in a
 * map stands before what leaves it.
 */
export function computeEdits(before: Json, after: Json, path: JsonPath = []): readonly JsonEdit[] {
  if (before === after) return [];
  if (Array.isArray(before) && Array.isArray(after) && before.length > 0 && before.length <= after.length) {
    return after.flatMap((item: Json, index) =>
      index < before.length
        ? computeEdits(before[index] as Json, item, [...path, index])
        : [{ kind: 'set', path: [...path, index], to: item } as const],
    );
  }
  if (!isBranch(before) || !isBranch(after)) {
    return isDeepStrictEqual(before, after) ? [] : [{ kind: 'set', path, to: after }];
  }
  const there: readonly JsonEdit[] = Object.entries(after).flatMap(([key, value]) =>
    Object.hasOwn(before, key)
      ? computeEdits(before[key] as Json, value as Json, [...path, key])
      : [{ kind: 'set', path: [...path, key], to: value as Json } as const],
  );
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  return [...there, ...gone.map((key) => ({ kind: 'delete', path: [...path, key] }) as const)];
}

/** @param to Absent: what stands there goes away. */
function replaceAt(value: Json | undefined, path: JsonPath, to: Json | undefined): Json | undefined {
  const [element, ...rest] = path;
  if (element === undefined) return to;
  if (Array.isArray(value)) {
    const index = Number(element);
    const item = replaceAt(value[index], rest, to);
    return [...value.slice(0, index), ...(item === undefined ? [] : [item]), ...value.slice(index + 1)];
  }
  const map = isTree(value) ? value : {};
  const below = Object.hasOwn(map, element) ? (map[element] as Json) : undefined;
  if (to === undefined && below === undefined) return value;
  const member = replaceAt(below, rest, to);
  // A computed name, so that `__proto__` is a key like any other.
  if (member !== undefined) return { ...(map as Record<string, Json>), [element]: member };
  return Object.fromEntries(Object.entries(map).filter(([key]) => key !== element)) as Json;
}
