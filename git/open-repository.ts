import { createRepository } from './create-repository.ts';
import { type Environment, gitEnvironment } from './environment.ts';
import { GitNotARepositoryError } from './errors.ts';
import { createGitAt } from './git-at.ts';
import type { Repository } from './repository.ts';
import { runGit } from './run-git.ts';

export interface OpenOptions {
  /** Usually the process's own; what of it reaches git is decided here. Without it git sees no user settings. */
  readonly environment?: Environment;
}

/**
 * @param path A bare repository, or a folder in a work tree. It has to exist.
 * @throws {GitNotARepositoryError} Neither, or git does not trust its owner.
 */
export async function openRepository(path: string, options: OpenOptions = {}): Promise<Repository> {
  const environment = gitEnvironment(options.environment ?? {});
  const ask = async (question: string): Promise<string> => {
    const { exitCode, output, said } = await runGit({ args: ['rev-parse', question], folder: path, environment });
    if (exitCode !== 0) throw new GitNotARepositoryError({ path, said });
    return output.toString('utf8').replace(/\n$/, '');
  };

  const git = createGitAt(await ask('--absolute-git-dir'), environment);
  if ((await ask('--is-inside-work-tree')) !== 'true') return createRepository(git);
  return createRepository(git, await ask('--show-toplevel'));
}
