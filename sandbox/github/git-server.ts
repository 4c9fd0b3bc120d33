import type { Actions } from './actions.ts';
import { allows, type Grant } from './app-permissions.ts';
import { performGitHttp } from './git-http.ts';
import type { GitStore } from './git-store.ts';
import type { HttpReply } from './rest-server.ts';
import type { Account, GithubState } from './state.ts';

interface GitRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
  readonly by?: Account;
  /** Set where the token was given only some permissions. */
  readonly grant?: Grant;
}

/** The repository over smart HTTP: who may, and what GitHub does when a branch moved. */
export interface GitServer {
  serves(path: string): boolean;
  /** False for the four bytes git sends first to see whether it may push. */
  isPush(method: string, path: string, body: Buffer): boolean;
  answer(request: GitRequest): Promise<HttpReply>;
}

const HEADS = 'refs/heads/';

export function createGitServer(deps: {
  readonly state: GithubState;
  readonly store: GitStore;
  readonly actions: Actions;
}): GitServer {
  const { state, store, actions } = deps;
  const repository = `/${state.owner}/${state.name}`.toLowerCase();

  /** The part of the address behind the repository; `undefined` when it is not one of Git's. */
  function serviceOf(path: string): string | undefined {
    if (!path.toLowerCase().startsWith(repository)) return undefined;
    return /^(?:\.git)?(\/(?:info\/refs|git-upload-pack|git-receive-pack))$/.exec(path.slice(repository.length))?.[1];
  }

  function isPush(method: string, path: string, body: Buffer): boolean {
    return method === 'POST' && path.endsWith('/git-receive-pack') && body.length > 4;
  }

  async function pushed(by: Account, before: ReadonlyMap<string, string>): Promise<void> {
    const after = await store.refs();
    for (const ref of new Set([...before.keys(), ...after.keys()])) {
      if (!ref.startsWith(HEADS) || before.get(ref) === after.get(ref)) continue;
      await actions.branchMoved(by, ref.slice(HEADS.length), before.get(ref), after.get(ref));
    }
  }

  return {
    serves: (path) => serviceOf(path) !== undefined,
    isPush,

    async answer({ method, url, headers, body, by, grant }) {
      if (!by) return plain(401, 'Bad credentials', { 'www-authenticate': 'Basic realm="GitHub"' });
      const may = (level: string): boolean => !grant || allows(grant.permissions, 'contents', level);
      if (by.role === 'none' || !may('read')) return plain(404, 'Repository not found.');
      const writes =
        url.pathname.endsWith('/git-receive-pack') || url.searchParams.get('service') === 'git-receive-pack';
      const mayWrite = by.role === 'admin' || by.role === 'maintain' || by.role === 'write';
      if (writes && !(mayWrite && may('write')))
        return plain(403, `Permission to ${state.owner}/${state.name}.git denied to ${by.login}.`);

      const path = serviceOf(url.pathname) ?? '';
      const request = { method, path, query: url.search.slice(1), user: by.login, headers, body };
      if (!isPush(method, url.pathname, body)) return performGitHttp(store.gitDir, request);
      const before = await store.refs();
      const reply = await performGitHttp(store.gitDir, request);
      await pushed(by, before);
      return reply;
    },
  };
}

function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): HttpReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: text };
}
