import { GitCommandError, GitPathError } from './errors.ts';
import type { FileChange, TreeEntry } from './repository.ts';

/**
 * What `git ls-tree -r -z` prints: `<mode> <type> <id>\t<path>\0` for each entry.
 *
 * @throws {GitPathError} A path is not UTF-8: two of them could look the same to us.
 */
export function parseTreeListing(output: Buffer): readonly TreeEntry[] {
  return fieldsOf(output).map((line) => {
    const found = /^(\d{6}) (?:blob|commit) ([0-9a-f]{40})\t(.+)$/s.exec(line);
    const [, mode, blob, path] = found ?? [];
    if (!mode || !blob || !path) throw unreadable('ls-tree', line);
    return { path, mode, blob };
  });
}

/** What `git diff-tree -r -z --name-status` prints: `<letter>\0<path>\0` for each difference. */
export function parseNameStatus(output: Buffer): readonly FileChange[] {
  const fields = fieldsOf(output);
  if (fields.length % 2 !== 0) throw unreadable('diff-tree', fields.at(-1) ?? '');
  return Array.from({ length: fields.length / 2 }, (_, index) => {
    const letter = fields[index * 2] ?? '';
    const kind = KINDS[letter];
    if (!kind) throw unreadable('diff-tree', letter);
    return { path: fields[index * 2 + 1] ?? '', kind };
  });
}

/** `T` is a file that became a symlink, or the like. */
const KINDS: Readonly<Record<string, FileChange['kind']>> = {
  A: 'added',
  M: 'modified',
  T: 'modified',
  D: 'deleted',
};

/** NUL-terminated fields, each UTF-8. */
export function fieldsOf(output: Buffer): readonly string[] {
  if (output.length === 0) return [];
  if (output.at(-1) !== 0) throw unreadable('', output.subarray(-80).toString('latin1'));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(output.subarray(0, -1)).split('\0');
  } catch (cause) {
    const text = output.toString('utf8');
    const path = text.split('\0').find((field) => field.includes('\ufffd')) ?? '';
    throw new GitPathError({ path: path.replace(/^.*\t/s, ''), problem: 'is not UTF-8' }, { cause });
  }
}

function unreadable(command: string, found: string): GitCommandError {
  return new GitCommandError({
    command,
    exitCode: 0,
    said: `unreadable output: ${JSON.stringify(found.slice(0, 200))}`,
  });
}
