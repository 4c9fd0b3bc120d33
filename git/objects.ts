import { GitArgumentError, GitCommandError, GitObjectMissingError } from './errors.ts';
import type { GitAt } from './git-at.ts';
import { checkRevision } from './names.ts';
import type { ObjectId } from './repository.ts';

/** @returns `undefined` when nothing has that name. */
export async function resolveRevision(git: GitAt, revision: string): Promise<ObjectId | undefined> {
  // Read from stdin, a revision cannot be an option; and unlike rev-parse this also looks whether the object is there.
  const { output } = await git.read(['cat-file', '--batch-check'], { input: [`${checkRevision(revision)}\n`] });
  const answer = output.toString('utf8');
  if (answer === `${revision} ambiguous\n`) throw new GitArgumentError({ argument: revision, problem: 'is ambiguous' });
  return /^([0-9a-f]{40}) (?:commit|tree|blob|tag) \d+\n$/.exec(answer)?.[1];
}

/** @throws {GitObjectMissingError} */
export async function expectObject(git: GitAt, id: ObjectId): Promise<void> {
  if ((await resolveRevision(git, id)) === undefined) throw new GitObjectMissingError({ object: id });
}

/**
 * Runs `work`, and when git fails in it finds out whether one of `ids` is missing: looking is surer than reading git's words.
 *
 * @throws {GitObjectMissingError} Names the first of `ids` that is not here.
 */
export async function withObjects<T>(git: GitAt, ids: readonly ObjectId[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GitCommandError) for (const id of ids) await expectObject(git, id);
    throw error;
  }
}
