import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createRemote } from './create-remote.ts';
import { type Environment, gitEnvironment, type Setting } from './environment.ts';
import { GitNotARepositoryError } from './errors.ts';
import { createGitAt, type GitAt } from './git-at.ts';
import type { OpenOptions } from './open-repository.ts';
import { checkAddress, type TokenSettings, tokenSettings } from './remote-address.ts';
import type { RemoteAddress, RemoteRepository } from './repository.ts';
import { runGit } from './run-git.ts';

/**
 * A bare copy of a remote in `cacheFolder`, made when it is not there yet. Nothing is fetched by this. Several processes may
 * share a folder.
 *
 * @throws {GitAddressError} We do not go to such an address.
 * @throws {GitNotARepositoryError} The folder holds something else.
 */
export async function openRemote(
  address: RemoteAddress,
  cacheFolder: string,
  options: OpenOptions = {},
): Promise<RemoteRepository> {
  const checked = checkAddress(address);
  const gitDir = resolve(cacheFolder);
  const environment = options.environment ?? {};
  await makeBare(gitDir, checked.url, environment);

  const plain = createGitAt(gitDir, gitEnvironment(environment));
  await nameOrigin(plain, checked.url);
  const ssh = checked.transport === 'ssh' ? await sshSettings(plain, environment) : [];
  await tidyUp(gitDir, environment);
  return createRemote({
    local: plain,
    url: checked.url,
    async authorise(signal) {
      const token = typeof address.token === 'function' ? await address.token(signal) : address.token;
      const { settings, secrets } = token === undefined ? NO_TOKEN : tokenSettings(checked.url, token);
      return { git: createGitAt(gitDir, gitEnvironment(environment, [...settings, ...ssh])), secrets };
    },
  });
}

const NO_TOKEN: TokenSettings = { settings: [], secrets: [] };

/** Made elsewhere and moved here in one go: two processes that start together never see half a repository. */
async function makeBare(gitDir: string, url: string, environment: Environment): Promise<void> {
  const run = async (folder: string, args: readonly string[]): Promise<string> => {
    const variables = { ...gitEnvironment(environment), GIT_DIR: folder };
    const { exitCode, said, output } = await runGit({ args, folder, environment: variables });
    if (exitCode !== 0) throw new GitNotARepositoryError({ path: gitDir, said });
    return output.toString('utf8').trim();
  };

  if (!existsSync(join(gitDir, 'HEAD'))) {
    await mkdir(dirname(gitDir), { recursive: true });
    const fresh = await mkdtemp(join(dirname(gitDir), '.pointsman-new-'));
    try {
      await run(fresh, ['init', '--quiet', '--bare', '--template=', '--object-format=sha1', '--initial-branch=main']);
      await run(fresh, ['config', 'remote.origin.url', url]);
      await rename(fresh, gitDir).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // Something is there; looked at below.
      });
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }
  if ((await run(gitDir, ['rev-parse', '--is-bare-repository'])) !== 'true') {
    throw new GitNotARepositoryError({ path: gitDir, said: 'it is not bare' });
  }
}

/** The address alone, no fetch refspec: only what we ask for ever lands here. */
async function nameOrigin(git: GitAt, url: string): Promise<void> {
  const { text } = await git.ask(['config', '--get-all', 'remote.origin.url'], { answers: [1] });
  if (text !== `${url}\n`) await git.ask(['config', '--replace-all', 'remote.origin.url', url]);
}

/**
 * ssh must not ask for anything. Whoever has set up a command of their own has decided that for themselves: GIT_SSH_COMMAND
 * outranks what we set here by itself, the other two do not.
 */
async function sshSettings(git: GitAt, environment: Environment): Promise<readonly Setting[]> {
  if (environment['GIT_SSH'] !== undefined) return [];
  const { exitCode } = await git.ask(['config', '--get', 'core.sshCommand'], { answers: [1] });
  return exitCode === 0 ? [] : [['core.sshCommand', 'ssh -o BatchMode=yes']];
}

/**
 * What `gc.auto=0` puts off: packs what thousands of small commits have left behind. Costs milliseconds unless it is due, and
 * keeps everything younger than two weeks, so nobody else's work in this folder is in danger. A copy that cannot be tidied is no
 * reason to stop: what is broken in it shows when it is read.
 */
async function tidyUp(gitDir: string, environment: Environment): Promise<void> {
  const due: readonly Setting[] = [
    ['gc.auto', '6700'],
    ['gc.autoDetach', 'false'],
  ];
  await createGitAt(gitDir, gitEnvironment(environment, due))
    .ask(['gc', '--auto', '--quiet'])
    .catch(() => undefined);
}
