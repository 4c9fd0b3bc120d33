import type { Kind } from './kinds.ts';
import { parseFleetFile, type ValidatedFile } from './validate-file.ts';

/** Remembers what files were read as, so that an unchanged one is never read twice in a process. */
export interface ParseCache {
  /** What `blob` was read as under this kind and path, if it still is known. */
  known<K extends Kind>(kind: K, file: string, blob: string): ValidatedFile<K> | undefined;
  parse<K extends Kind>(kind: K, file: string, blob: string, source: Uint8Array): ValidatedFile<K>;
}

/** @param limit Results kept; the least recently read go first. */
export function createParseCache(limit = 40_000): ParseCache {
  const results = new Map<string, ValidatedFile>();
  // The path is part of what was read: problems name it, and a device is named by it.
  const keyOf = (kind: Kind, file: string, blob: string) => `${kind} ${blob} ${file}`;

  function known<K extends Kind>(kind: K, file: string, blob: string): ValidatedFile<K> | undefined {
    const key = keyOf(kind, file, blob);
    const found = results.get(key);
    if (found) {
      results.delete(key);
      results.set(key, found);
    }
    // The key holds the kind, so what stands under it is of that kind.
    return found as ValidatedFile<K> | undefined;
  }

  return {
    known,
    parse(kind, file, blob, source) {
      const found = known(kind, file, blob);
      if (found) return found;
      const result = parseFleetFile(kind, source, file);
      results.set(keyOf(kind, file, blob), result);
      const [oldest] = results.keys();
      if (results.size > limit && oldest !== undefined) results.delete(oldest);
      return result;
    },
  };
}
