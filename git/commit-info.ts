import { GitCommandError } from './errors.ts';
import type { CommitInfo, ObjectId, Signature } from './repository.ts';

/**
 * Reads a commit object as `git cat-file commit` prints it: headers, an empty line, the message.
 *
 * @throws {GitCommandError} A header we rely on is missing or unreadable.
 */
export function parseCommit(id: ObjectId, raw: Buffer): CommitInfo {
  const end = raw.indexOf('\n\n');
  const head = end === -1 ? raw : raw.subarray(0, end);
  const body = end === -1 ? Buffer.alloc(0) : raw.subarray(end + 2);

  // Names of headers are ASCII; a continuation line (of a signature) begins with a space, so its name is empty.
  const encoding = /^encoding (.+)$/m.exec(head.toString('latin1'))?.[1] ?? 'utf-8';
  const decode = decoderFor(encoding);
  const headers = decode(head)
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const);
  const one = (name: string): string => {
    const value = headers.find(([key]) => key === name)?.[1];
    if (value === undefined) throw unreadable(id, `no ${name}`);
    return value;
  };

  return {
    id,
    tree: one('tree'),
    parents: headers.filter(([key]) => key === 'parent').map(([, value]) => value),
    author: parseSignature(id, one('author')),
    committer: parseSignature(id, one('committer')),
    message: decode(body),
  };
}

function parseSignature(id: ObjectId, text: string): Signature {
  const [, name, email, seconds] = /^(.*?) ?<([^>]*)> (-?\d+) [+-]\d+$/s.exec(text) ?? [];
  if (name === undefined || email === undefined) throw unreadable(id, `signature ${JSON.stringify(text)}`);
  return { name, email, at: Number(seconds) * 1000 };
}

/** Messages are for people: a byte that does not fit its encoding becomes `�` rather than an error. */
function decoderFor(encoding: string): (bytes: Buffer) => string {
  try {
    const decoder = new TextDecoder(encoding, { ignoreBOM: true });
    return (bytes) => decoder.decode(bytes);
  } catch {
    return (bytes) => bytes.toString('utf8');
  }
}

function unreadable(id: ObjectId, problem: string): GitCommandError {
  return new GitCommandError({ command: 'cat-file', exitCode: 0, said: `commit ${id} is unreadable: ${problem}` });
}
