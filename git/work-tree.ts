import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitAt } from './git-at.ts';
import type { ObjectId } from './repository.ts';

/**
 * Adds everything to a copy of the index and writes that as a tree. A copy rather than an empty one: it keeps what is
 * tracked although ignored, and what it knows of unchanged files saves reading them.
 *
 * @param top The work tree's root.
 */
export async function writeWorkTree(git: GitAt, top: string): Promise<ObjectId> {
  const folder = await mkdtemp(join(git.gitDir, 'pointsman-index-'));
  try {
    const index = join(folder, 'index');
    await copyFile(join(git.gitDir, 'index'), index).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error; // Nothing was ever added.
    });
    const options = { folder: top, environment: { GIT_WORK_TREE: top, GIT_INDEX_FILE: index } };
    await git.read(['add', '--all', '--', '.'], options);
    return (await git.read(['write-tree'], options)).output.toString('latin1').trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
