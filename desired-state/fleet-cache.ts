import { createParseCache, type ParseCache } from '../schemas/parse-cache.ts';
import type { TemplateSet } from './template-set.ts';

/**
 * What a process remembers between looks at a fleet, so that what a commit did not touch is neither read nor rendered
 * again. Everything in it is found by the blob ids it was made from, so nothing in it can be stale.
 */
export interface FleetCache {
  readonly files: ParseCache;
  /** Template sources by blob id. */
  readonly texts: Remembered<string>;
  /** Engines with their templates in them, by these. */
  readonly templateSets: Remembered<TemplateSet>;
  /** SHA-256 of what a device renders to, by its inputs. */
  readonly digests: Remembered<string>;
  /** Finished configurations by their inputs; few, because they are big. */
  readonly renders: Remembered<unknown>;
}

interface Remembered<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
}

export function createFleetCache(): FleetCache {
  return {
    files: createParseCache(),
    texts: remember(10_000),
    templateSets: remember(8),
    digests: remember(100_000),
    renders: remember(64),
  };
}

/** Keeps the `limit` entries that were used last. */
function remember<T>(limit: number): Remembered<T> {
  const entries = new Map<string, T>();
  return {
    get(key) {
      const found = entries.get(key);
      if (found === undefined) return undefined;
      entries.delete(key);
      entries.set(key, found);
      return found;
    },
    set(key, value) {
      entries.set(key, value);
      const [oldest] = entries.keys();
      if (entries.size > limit && oldest !== undefined) entries.delete(oldest);
    },
  };
}
