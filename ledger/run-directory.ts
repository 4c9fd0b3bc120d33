import type { ObjectId, Repository } from '../git/repository.ts';

/** Folder of each run by its name, sorted by folder. */
export type RunFolders = ReadonlyMap<string, string>;

const EVENTS = /^(runs\/\d{4}\/\d{2}\/([^/]+))\/events\.jsonl$/;

/**
 * Which runs the ledger holds at a commit, from its listing alone. The listing of a ledger of many years is long, and
 * steps are small, so the next commit's is made from the last one's and what changed between them.
 *
 * @returns A function of the ledger commit.
 */
export function createRunDirectory(repository: Repository): (tip: ObjectId) => Promise<RunFolders> {
  let last: { readonly tip: ObjectId; readonly folders: RunFolders } | undefined;

  async function listed(tip: ObjectId): Promise<RunFolders> {
    const entries = await repository.listFiles(tip, 'runs');
    return sortedByFolder(new Map(entries.flatMap(({ path }) => runAt(path))));
  }

  async function moved(
    from: { readonly tip: ObjectId; readonly folders: RunFolders },
    tip: ObjectId,
  ): Promise<RunFolders> {
    const changes = (await repository.changedFiles(from.tip, tip)).filter(({ kind }) => kind !== 'modified');
    const gone = new Set(
      changes.filter(({ kind }) => kind === 'deleted').flatMap(({ path }) => runAt(path).map(([name]) => name)),
    );
    const added = changes.filter(({ kind }) => kind === 'added').flatMap(({ path }) => runAt(path));
    if (gone.size === 0 && added.length === 0) return from.folders;
    return sortedByFolder(new Map([...[...from.folders].filter(([name]) => !gone.has(name)), ...added]));
  }

  return async (tip) => {
    if (last?.tip === tip) return last.folders;
    const folders = last ? await moved(last, tip) : await listed(tip);
    last = { tip, folders };
    return folders;
  };
}

function runAt(path: string): readonly (readonly [name: string, folder: string])[] {
  const [, folder, name] = EVENTS.exec(path) ?? [];
  return folder === undefined || name === undefined ? [] : [[name, folder]];
}

function sortedByFolder(folders: RunFolders): RunFolders {
  return new Map([...folders].sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
