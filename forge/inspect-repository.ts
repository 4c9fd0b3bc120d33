import type { Clock } from '../schemas/clock.ts';
import type { Log } from '../schemas/log.ts';
import { createGithubClient } from './github-client.ts';
import type { GithubMemory } from './github-memory.ts';
import { createActionsInspector } from './inspect-actions.ts';
import { readAppPage, readInstallation } from './inspect-app.ts';
import { readGuards } from './inspect-rules.ts';
import { inspectToken } from './inspect-token.ts';
import type { RepositoryInspector, TokenFacts } from './inspector.ts';
import { parseRepository } from './parse-repository.ts';
import type { SignIn } from './sign-in.ts';
import type { TokenSource } from './token-source.ts';

export interface GithubInspectorOptions {
  /** `owner/name` */
  readonly repository: string;
  /** Root of the REST API; `https://api.github.com` unless set. */
  readonly api?: string;
  readonly signIn: SignIn;
  readonly tokens: TokenSource;
  /** Of clients before this one; one of its own unless set. */
  readonly memory?: GithubMemory;
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * Looks at the settings of a repository. Some are shown only to who may administer it.
 *
 * @throws {ForgeRequestInvalidError} The repository is not `owner/name`.
 */
export function createGithubInspector(options: GithubInspectorOptions): RepositoryInspector {
  const { signIn, tokens, log, clock } = options;
  const api = (options.api ?? 'https://api.github.com').replace(/\/+$/, '');
  const repository = parseRepository(options.repository);
  const client = createGithubClient({
    api,
    tokens,
    log,
    clock,
    ...(options.memory ? { memory: options.memory } : {}),
  });

  const readRepository = (signal: AbortSignal) => client.read('GET /repos/{owner}/{repo}', { ...repository }, signal);

  async function behind(login: string, signal: AbortSignal): Promise<Pick<TokenFacts, 'app' | 'person'>> {
    if (signIn.kind === 'app') return readInstallation({ api, log, clock }, signIn, repository, signal);
    if (login.endsWith('[bot]')) return readAppPage(client, login, signal);
    const [user, found] = await Promise.all([client.read('GET /user', {}, signal), readRepository(signal)]);
    const admin = found.at('permissions', 'admin');
    return { person: { id: user.at('id').number(), administrator: admin.present && admin.flag() } };
  }

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
      const keys = await client.list('GET /repos/{owner}/{repo}/keys', { ...repository }, signal);
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
      const who = { login, ...(await behind(login, signal)) };
      return inspectToken({ api, token: await tokens.token('read', signal), behind: who, clock }, signal);
    },
  };
}
