import type { Clock } from '../schemas/clock.ts';
import type { Log } from '../schemas/log.ts';
import { createGithubClient } from './github-client.ts';
import { createActionsInspector } from './inspect-actions.ts';
import { readGuards } from './inspect-rules.ts';
import { inspectToken } from './inspect-token.ts';
import type { RepositoryInspector } from './inspector.ts';
import { parseRepository } from './parse-repository.ts';

export interface GithubInspectorOptions {
  /** `owner/name` */
  readonly repository: string;
  /** Root of the REST API; `https://api.github.com` unless set. */
  readonly api?: string;
  readonly token: string;
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * Looks at the settings of a repository. Some are shown only to who may administer it.
 *
 * @throws {ForgeRequestInvalidError} The repository is not `owner/name`.
 */
export function createGithubInspector(options: GithubInspectorOptions): RepositoryInspector {
  const { token, log, clock } = options;
  const api = (options.api ?? 'https://api.github.com').replace(/\/+$/, '');
  const repository = parseRepository(options.repository);
  const client = createGithubClient({ api, token, log, clock });

  const readRepository = (signal: AbortSignal) => client.read('GET /repos/{owner}/{repo}', repository, signal);

  return {
    ...createActionsInspector(client, repository),

    async repository(signal) {
      const found = await readRepository(signal);
      const visibility = found.at('visibility').present ? found.at('visibility').text() : undefined;
      return {
        name: found.at('full_name').text(),
        visibility: visibility === 'internal' ? 'internal' : found.at('private').flag() ? 'private' : 'public',
        defaultBranch: found.at('default_branch').text(),
      };
    },

    guards: (branch, signal) => readGuards(client, repository, branch, signal),

    async writingKeys(signal) {
      const keys = await client.list('GET /repos/{owner}/{repo}/keys', repository, signal);
      return keys.filter((key) => !key.at('read_only').flag()).map((key) => key.at('title').text());
    },

    async codeOwnersErrors(branch, signal) {
      const route = 'GET /repos/{owner}/{repo}/codeowners/errors';
      const answer = await client.read(route, { ...repository, ref: branch }, signal);
      return answer
        .at('errors')
        .list()
        .map((error) => `line ${error.at('line').number()}: ${error.at('kind').text()}`);
    },

    async token(signal) {
      const login = await client.viewerLogin(signal);
      const admin = (await readRepository(signal)).at('permissions', 'admin');
      // Of an App GitHub says nothing useful there: what it may do is said by its installation.
      const person = !login.endsWith('[bot]') && admin.present;
      const administrator = person ? { administrator: admin.flag() } : {};
      return inspectToken({ api, token, login, clock, ...administrator }, signal);
    },
  };
}
