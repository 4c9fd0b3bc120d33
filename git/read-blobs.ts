import { GitBlobUnreadableError, GitCommandError, GitObjectMissingError } from './errors.ts';
import type { GitAt } from './git-at.ts';
import { checkObjectId } from './names.ts';
import type { ObjectId } from './repository.ts';

/** Larger than any file of a fleet; smaller than what would end the process. */
export const BLOB_LIMIT_BYTES = 64 * 1024 * 1024;

/** Ids in one write to git: 41 bytes each, so a write stays about the size of a pipe. */
const IDS_PER_WRITE = 1500;

/** All contents from one `git cat-file --batch`, which answers while it is asked. */
export async function readBlobs(git: GitAt, blobs: readonly ObjectId[]): Promise<ReadonlyMap<ObjectId, Buffer>> {
  const wanted = [...new Set(blobs.map(checkObjectId))];
  const contents = new Map<ObjectId, Buffer>();
  if (wanted.length === 0) return contents;

  const reader = createBatchReader((id, content) => contents.set(id, content));
  await git.stream(['cat-file', '--batch'], reader.take, { input: questions(wanted) });
  reader.end();

  const lost = wanted.find((id) => !contents.has(id));
  if (lost) throw unreadable(`no answer about ${lost}`);
  return contents;
}

function* questions(ids: readonly ObjectId[]): Generator<string> {
  for (let start = 0; start < ids.length; start += IDS_PER_WRITE) {
    yield `${ids.slice(start, start + IDS_PER_WRITE).join('\n')}\n`;
  }
}

/**
 * Understands `<id> blob <size>\n<content>\n` in pieces of any length. Holds one unfinished content and nothing else.
 *
 * @param onBlob Called once for each content; the buffer is the caller's to keep.
 */
export function createBatchReader(onBlob: (id: ObjectId, content: Buffer) => void): {
  take(chunk: Buffer): void;
  /** @throws {GitCommandError} The last answer is unfinished. */
  end(): void;
} {
  let header = Buffer.alloc(0);
  let current: { readonly id: ObjectId; readonly content: Buffer; filled: number } | undefined;

  /** @returns How much of `chunk` was used. */
  const takeHeader = (chunk: Buffer): number => {
    const end = chunk.indexOf(10);
    if (end === -1) {
      header = Buffer.concat([header, chunk]);
      if (header.length > 200) throw unreadable(header.toString('latin1'));
      return chunk.length;
    }
    const { id, size } = parseHeader(Buffer.concat([header, chunk.subarray(0, end)]).toString('latin1'));
    header = Buffer.alloc(0);
    current = { id, content: Buffer.allocUnsafe(size), filled: 0 };
    return end + 1;
  };

  const takeContent = (chunk: Buffer, blob: NonNullable<typeof current>): number => {
    const used = chunk.copy(blob.content, blob.filled);
    blob.filled += used;
    if (used === chunk.length) return used;
    if (chunk[used] !== 10) throw unreadable(`${blob.id} is longer than announced`);
    onBlob(blob.id, blob.content);
    current = undefined;
    return used + 1;
  };

  return {
    take(chunk) {
      let rest = chunk;
      while (rest.length > 0) rest = rest.subarray(current ? takeContent(rest, current) : takeHeader(rest));
    },
    end() {
      if (current || header.length > 0) throw unreadable('it ended in the middle of an answer');
    },
  };
}

function parseHeader(line: string): { readonly id: ObjectId; readonly size: number } {
  const [, id, type, digits] = /^([0-9a-f]{40}) (?:(\w+) (\d+)|missing)$/.exec(line) ?? [];
  if (!id) throw unreadable(line);
  if (!digits) throw new GitObjectMissingError({ object: id });
  if (type !== 'blob') throw new GitBlobUnreadableError({ object: id, problem: `is a ${type}, not a file` });
  const size = Number(digits);
  if (size > BLOB_LIMIT_BYTES) {
    throw new GitBlobUnreadableError({ object: id, problem: `has ${size} bytes, more than ${BLOB_LIMIT_BYTES}` });
  }
  return { id, size };
}

function unreadable(found: string): GitCommandError {
  return new GitCommandError({ command: 'cat-file', exitCode: 0, said: `unreadable output: ${found.slice(0, 200)}` });
}
