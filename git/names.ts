import { GitArgumentError, GitPathError } from './errors.ts';
import type { ObjectId } from './repository.ts';

/** @throws {GitArgumentError} Not 40 lower-case hex digits. */
export function checkObjectId(id: ObjectId): ObjectId {
  if (!/^[0-9a-f]{40}$/.test(id)) throw new GitArgumentError({ argument: id, problem: 'is not a full object id' });
  return id;
}

/** @throws {GitArgumentError} Not a full ref name that `git check-ref-format` accepts. */
export function checkRef(ref: string): string {
  const parts = ref.split('/');
  const bad =
    parts[0] !== 'refs' ||
    parts.length < 3 ||
    parts.some((part) => part === '' || part.startsWith('.') || part.endsWith('.lock')) ||
    ref.endsWith('.') ||
    ref.includes('..') ||
    ref.includes('@{') ||
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    /[\x00-\x20\x7f~^:?*[\\]/.test(ref) ||
    !ref.isWellFormed();
  if (bad) throw new GitArgumentError({ argument: ref, problem: 'is not a full ref name' });
  return ref;
}

/** @throws {GitArgumentError} Empty, an option, or cut short by a NUL. */
export function checkRevision(revision: string): string {
  if (revision === '' || revision.startsWith('-') || /[\0\n]/.test(revision)) {
    throw new GitArgumentError({ argument: revision, problem: 'is not a revision' });
  }
  return revision;
}

/**
 * A path as Git stores it: relative, `/` between parts, nothing that leads out of the repo or into its Git folder on any
 * file system. A path we would not write is not read either: no file can be there.
 *
 * @throws {GitPathError}
 */
export function checkPath(path: string): string {
  const refuse = (problem: string): never => {
    throw new GitPathError({ path, problem });
  };
  if (path === '') refuse('is empty');
  if (path.startsWith('/')) refuse('is absolute');
  if (path.includes('\0')) refuse('holds a NUL');
  if (!path.isWellFormed()) refuse('cannot be written in UTF-8');
  for (const part of path.split('/')) {
    if (part === '') refuse('has an empty part');
    if (part === '.' || part === '..') refuse(`holds "${part}"`);
    if (isGitFolder(part)) refuse('leads into a Git folder');
  }
  return path;
}

/** `.git` for some file system: NTFS drops dots, spaces and streams and knows `git~1`; HFS+ ignores invisible characters. */
function isGitFolder(part: string): boolean {
  const seen = part
    .replaceAll(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '')
    .toLowerCase()
    .replace(/[:\\].*$/s, '')
    .replace(/[. ]+$/, '');
  return seen === '.git' || seen === 'git~1';
}
