import { blameLine } from './blame.ts';
import { parseCommit } from './commit-info.ts';
import { GitArgumentError, GitBlobUnreadableError, GitCommandError } from './errors.ts';
import type { GitAt } from './git-at.ts';
import { checkObjectId, checkPath } from './names.ts';
import { resolveRevision, withObjects } from './objects.ts';
import { fieldsOf, parseNameStatus, parseTreeListing } from './parse-listings.ts';
import { readBlobs } from './read-blobs.ts';
import type { ObjectId, Repository, TreeEntry } from './repository.ts';
import { writeWorkTree } from './work-tree.ts';
import { writeCommit } from './write-commit.ts';

/** @param top Root of the work tree; absent for a bare repository. */
export function createRepository(git: GitAt, top?: string): Repository {
  const listed = async (commit: ObjectId, paths: readonly string[]) => {
    const args = ['ls-tree', '-r', '-z', '--full-tree', checkObjectId(commit), '--', ...paths];
    return parseTreeListing((await withObjects(git, [commit], () => git.read(args))).output);
  };

  const readFiles: Repository['readFiles'] = async (commit, paths) => {
    const wanted = new Set(paths.map(checkPath));
    const entries: TreeEntry[] = [];
    for (const some of inChunks([...wanted], PATHS_PER_COMMAND)) entries.push(...(await listed(commit, some)));
    const files = entries.filter(({ path, mode }) => wanted.has(path) && (mode === '100644' || mode === '100755'));
    const contents = await readBlobs(
      git,
      files.map(({ blob }) => blob),
    );
    return new Map(
      files.flatMap(({ path, blob }) => {
        const content = contents.get(blob);
        return content ? [[path, decodeText(content, blob, path)] as const] : [];
      }),
    );
  };

  const readFile: Repository['readFile'] = async (commit, path) => (await readFiles(commit, [path])).get(path);

  return {
    gitDir: git.gitDir,
    listFiles: async (commit, under = '') => listed(commit, below(under)),
    readFile,
    readFiles,

    resolve: (revision) => resolveRevision(git, revision),

    async commitInfo(commit) {
      const args = ['cat-file', 'commit', checkObjectId(commit)];
      return parseCommit(commit, (await withObjects(git, [commit], () => git.read(args))).output);
    },

    readBlobs: (blobs) => readBlobs(git, blobs),

    async findText(commit, text, under) {
      if (text === '' || /[\n\0]/.test(text)) {
        throw new GitArgumentError({ argument: text.slice(0, 80), problem: 'is not a piece of one line' });
      }
      const flags = [
        '--fixed-strings',
        '--text',
        '--files-with-matches',
        '-z',
        '--no-color',
        '--no-recurse-submodules',
      ];
      const args = ['grep', ...flags, '-e', text, checkObjectId(commit), '--', ...below(under)];
      // 1: nothing found.
      const { output } = await withObjects(git, [commit], () => git.read(args, { answers: [1] }));
      return fieldsOf(output).map((field) => field.slice(`${commit}:`.length));
    },

    async changedFiles(from, to) {
      const flags = ['-r', '-z', '--no-renames', '--name-status', '--ignore-submodules=none'];
      const args = ['diff-tree', ...flags, checkObjectId(from), checkObjectId(to), '--'];
      return parseNameStatus((await withObjects(git, [from, to], () => git.read(args))).output);
    },

    async firstParents(to, { from, limit }) {
      if (!Number.isSafeInteger(limit) || limit < 0) {
        throw new GitArgumentError({ argument: String(limit), problem: 'is not a number of commits' });
      }
      const excluded = from === undefined ? [] : [`^${checkObjectId(from)}`];
      const args = ['rev-list', '--first-parent', `--max-count=${limit}`, checkObjectId(to), ...excluded, '--'];
      const ids = from === undefined ? [to] : [to, from];
      const { text } = await withObjects(git, ids, () => git.ask(args));
      return text.split('\n').filter(Boolean).reverse();
    },

    async lastChange(commit, path) {
      const args = ['rev-list', '--max-count=1', checkObjectId(commit), '--', checkPath(path)];
      const { text } = await withObjects(git, [commit], () => git.ask(args));
      return text.trim() || undefined;
    },

    async mergeBase(a, b) {
      const args = ['merge-base', checkObjectId(a), checkObjectId(b)];
      // 1: they share no history.
      const { text } = await withObjects(git, [a, b], () => git.ask(args, { answers: [1] }));
      return text.trim() || undefined;
    },

    async mergeTrees(base, head) {
      const flags = ['--write-tree', '-z', '--name-only', '--no-messages'];
      const args = ['merge-tree', ...flags, checkObjectId(base), checkObjectId(head)];
      const { exitCode, fields } = await withObjects(git, [base, head], async () => {
        // 1: conflicts; the tree then holds markers. Or it could not begin: then there is no tree.
        const { exitCode, output } = await git.read(args, { answers: [1] });
        if (output.length === 0)
          throw new GitCommandError({ command: 'merge-tree', exitCode, said: 'it named no tree' });
        return { exitCode, fields: fieldsOf(output) };
      });
      const [tree = '', ...paths] = fields;
      return exitCode === 0 ? { kind: 'merged', tree } : { kind: 'conflict', paths: [...new Set(paths)] };
    },

    async blame(commit, path, line) {
      const text = await readFile(commit, path);
      if (text === undefined || line < 1 || line > lineCount(text)) return undefined;
      return blameLine(git, commit, path, line);
    },

    async writeWorkTree() {
      if (top === undefined) throw new GitArgumentError({ argument: git.gitDir, problem: 'has no work tree' });
      return writeWorkTree(git, top);
    },

    writeCommit: (commit) => writeCommit(git, commit),
  };
}

/** A command line holds a lot more; a path can be long. */
const PATHS_PER_COMMAND = 500;

function inChunks<T>(values: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}

/** A pathspec for a folder, or none for the whole tree. */
function below(under: string): readonly string[] {
  const folder = under.replace(/\/$/, '');
  return folder === '' ? [] : [checkPath(folder)];
}

function decodeText(content: Buffer, object: ObjectId, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch (cause) {
    throw new GitBlobUnreadableError({ object, path, problem: 'is not UTF-8' }, { cause });
  }
}

/** As Git counts: a last line without a line end is one too. */
function lineCount(text: string): number {
  return text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
