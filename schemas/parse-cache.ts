import type { Kind } from './kinds.ts';
import { parseFleetFile, type ValidatedFile } from './validate-file.ts';

/** What a file was read as. */
export interface KnownFile {
  readonly kind: Kind;
  readonly result: ValidatedFile;
}

/** Remembers what files were read as, so that an unchanged one is never read twice in a process. */
export interface ParseCache {
  known(file: string, blob: string): KnownFile | undefined;
  parse<K extends Kind>(kind: K, file: string, blob: string, source: Uint8Array): ValidatedFile<K>;
}

/** @param limit Results kept; those that were asked for longest ago go first. */
export function createParseCache(limit = 40_000): ParseCache {
  const results = new Map<string, KnownFile>();
  // The path is part of what was read: problems name it, and its place says what kind it is.
  const keyOf = (file: string, blob: string) => `${blob} ${file}`;

  return {
    known(file, blob) {
      const key = keyOf(file, blob);
      const found = results.get(key);
      if (!found) return undefined;
      results.delete(key);
      results.set(key, found);
      return found;
    },
    parse(kind, file, blob, source) {
      const result = parseFleetFile(kind, source, file);
      results.set(keyOf(file, blob), { kind, result });
      const [oldest] = results.keys();
      if (results.size > limit && oldest !== undefined) results.delete(oldest);
      return result;
    },
  };
}
