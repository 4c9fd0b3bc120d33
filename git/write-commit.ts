import { randomUUID } from 'node:crypto';
import { GitCommandError } from './errors.ts';
import { fastImportStream } from './fast-import-stream.ts';
import type { GitAt } from './git-at.ts';
import { expectObject } from './objects.ts';
import type { NewCommit, ObjectId } from './repository.ts';

/**
 * Any number of these may run at once: each has its own `git fast-import`, which writes its own pack (or, under a hundred
 * objects, loose ones), and none writes a ref.
 */
export async function writeCommit(git: GitAt, commit: NewCommit): Promise<ObjectId> {
  const input = fastImportStream(commit, `refs/pointsman/${randomUUID()}`);
  // fast-import would find out too, and leave a crash report in the Git folder.
  if (commit.parent !== undefined) await expectObject(git, commit.parent);

  const { output } = await git.read(['fast-import', '--quiet', '--done', '--date-format=raw'], { input });
  const [, id] = /^([0-9a-f]{40})\n$/.exec(output.toString('latin1')) ?? [];
  if (!id) throw new GitCommandError({ command: 'fast-import', exitCode: 0, said: 'it did not name the commit' });
  return id;
}
