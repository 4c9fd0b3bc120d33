import type { Json } from './json.ts';
import { readYaml, type YamlPlace } from './yaml-reader.ts';

/** A YAML file that could be read: its value, and where each of its nodes stands. */
export interface YamlDocument {
  /** Path in the fleet repo. */
  readonly file: string;
  /** Without a byte order mark. */
  readonly text: string;
  readonly value: Json;
  /** Where the root stands. Worked out when first asked for: a file without problems never pays for it. */
  place(): YamlPlace;
}

/** 1-based; columns count UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export function createYamlDocument(file: string, text: string, value: Json): YamlDocument {
  let place: YamlPlace | undefined;
  return {
    file,
    text,
    value,
    place() {
      place ??= readYaml(text, { places: true }).place ?? { value: 0 };
      return place;
    },
  };
}

/**
 * Where the node at `path` stands; the nearest node above it when there is none.
 *
 * @param path Keys and list indexes from the root.
 * @param at `key`: of a map's member, the key; `value`: what follows it.
 */
export function positionOf(
  document: YamlDocument,
  path: readonly (string | number)[],
  at: 'key' | 'value' = 'key',
): Position {
  let place = document.place();
  let reached = 0;
  for (const element of path) {
    const member = place.members?.get(String(element));
    if (!member) break;
    place = member;
    reached += 1;
  }
  // A node that is not there is missing from the one above it, which is named by its key.
  const offset = at === 'value' && reached === path.length ? place.value : (place.key ?? place.value);
  return positionAt(document.text, offset);
}

export function positionAt(text: string, offset: number): Position {
  const before = text.lastIndexOf('\n', offset - 1);
  let line = 1;
  for (let next = text.indexOf('\n'); next >= 0 && next < offset; next = text.indexOf('\n', next + 1)) line += 1;
  return { line, column: offset - before };
}
