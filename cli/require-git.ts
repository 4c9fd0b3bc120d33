import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GitNeededError } from './errors.ts';
import type { Io } from './io.ts';

/** `git merge-tree --write-tree`, which answers what a merge would give without a work tree. Source: Git 2.38 release notes. */
const NEEDED = { major: 2, minor: 38 } as const;

/**
 * Says so before anything is begun, instead of in the middle of it.
 *
 * @throws {GitNeededError}
 */
export async function requireGit({ environment }: Pick<Io, 'environment'>): Promise<void> {
  const needed = `${NEEDED.major}.${NEEDED.minor}`;
  const answer = await promisify(execFile)('git', ['--version'], { env: { PATH: environment['PATH'] } }).catch(
    (cause: unknown) => {
      throw new GitNeededError({ needed }, { cause });
    },
  );
  const found = answer.stdout.trim();
  const version = /^git version (?<major>\d+)\.(?<minor>\d+)/.exec(found)?.groups;
  const [major, minor] = [Number(version?.['major']), Number(version?.['minor'])];
  const enough = major > NEEDED.major || (major === NEEDED.major && minor >= NEEDED.minor);
  if (!enough) throw new GitNeededError({ needed, found: found.replace('git version ', '') });
}
