import { createHash } from 'node:crypto';
import type { RawAnswer } from './classify-answer.ts';

/** Answers to reads, by the token that was answered and the address: a 304 then means "as that one was". */
export interface ConditionalCache {
  find(token: string, url: string): { readonly etag: string; readonly answer: RawAnswer } | undefined;
  /** Without an entity tag there is nothing to keep. */
  keep(token: string, url: string, answer: RawAnswer): void;
}

const MOST_BYTES = 32 * 1024 * 1024;
/** What an entry costs beside its body. */
const ENTRY_BYTES = 1024;

/**
 * The answer that was not asked for longest goes first when there is no more room. GitHub makes entity tags for one token, so
 * nothing is found with another one, and nobody can be given what somebody else may see.
 *
 * @param mostBytes Of bodies as they were sent; in memory they take a few times that.
 */
export function createConditionalCache(mostBytes: number = MOST_BYTES): ConditionalCache {
  const entries = new Map<string, { readonly etag: string; readonly answer: RawAnswer; readonly bytes: number }>();
  let bytes = 0;

  function remove(key: string): void {
    bytes -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  }

  return {
    find(token, url) {
      const key = keyOf(token, url);
      const found = entries.get(key);
      if (!found) return undefined;
      entries.delete(key);
      entries.set(key, found); // Now the newest.
      return found;
    },

    keep(token, url, answer) {
      const key = keyOf(token, url);
      remove(key);
      const etag = answer.headers['etag'];
      const size = ENTRY_BYTES + Number(answer.headers['content-length'] ?? Number.NaN);
      if (typeof etag !== 'string' || !(size <= mostBytes)) return;
      entries.set(key, { etag, answer, bytes: size });
      bytes += size;
      for (const oldest of entries.keys()) {
        if (bytes <= mostBytes) break;
        remove(oldest);
      }
    },
  };
}

/** Tokens are not kept longer than they are used. */
function keyOf(token: string, url: string): string {
  return `${createHash('sha256').update(token).digest('base64url')} ${url}`;
}
