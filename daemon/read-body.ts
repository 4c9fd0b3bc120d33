import type { IncomingMessage } from 'node:http';

export type Body =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  /** More than it may have; what came of it was let go. */
  | { readonly kind: 'too-large' }
  /** All requests together hold as much as they may. */
  | { readonly kind: 'too-many' }
  /** The sender went away in the middle. */
  | { readonly kind: 'cut' };

export interface BodyReader {
  read(request: IncomingMessage): Promise<Body>;
}

/**
 * Reads bodies and holds no more than it may: not of one request, nor of all that are being read. A length that is announced is
 * believed when it is too much, and never otherwise.
 */
export function createBodyReader(limits: {
  readonly largestBytes: number;
  readonly togetherBytes: number;
}): BodyReader {
  let held = 0;
  return {
    async read(request) {
      if (Number(request.headers['content-length'] ?? 0) > limits.largestBytes) return { kind: 'too-large' };
      const chunks: Buffer[] = [];
      let bytes = 0;
      try {
        for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
          bytes += chunk.length;
          held += chunk.length;
          if (bytes > limits.largestBytes) return { kind: 'too-large' };
          if (held > limits.togetherBytes) return { kind: 'too-many' };
          chunks.push(chunk);
        }
        return { kind: 'whole', bytes: Buffer.concat(chunks, bytes) };
      } catch {
        return { kind: 'cut' };
      } finally {
        held -= bytes;
      }
    },
  };
}
