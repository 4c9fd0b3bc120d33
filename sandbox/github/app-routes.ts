import { verifyAppJwt } from './app-jwt.ts';
import type { Permissions } from './app-permissions.ts';
import type { AppRegistry, Installation } from './app-registry.ts';
import { GithubRefusal, notFound } from './errors.ts';
import { appBody, type BodyContext, fullRepository, isoTime, ownerBody } from './people-bodies.ts';
import { ok, pages, type RestAnswer } from './rest-answer.ts';

interface AppCall {
  /** Of the App that signed in; it has one. */
  readonly installation: Installation;
  readonly context: BodyContext;
  readonly path: Readonly<Record<string, string>>;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Requests that an App makes as itself, before it acts for anybody. */
export interface AppRoutes {
  /**
   * @returns `undefined` when it is none of these.
   * @throws {GithubRefusal} 401: it is, and whoever asks is no App.
   */
  answer(request: {
    readonly method: string;
    readonly path: string;
    readonly token: string;
    readonly context: BodyContext;
    readonly input: () => Readonly<Record<string, unknown>>;
  }): RestAnswer | undefined;
}

/** Source: GitHub's REST API description 2022-11-28, "Apps". */
export function createAppRoutes(registry: AppRegistry, now: () => number): AppRoutes {
  const table: Readonly<Record<string, (call: AppCall) => RestAnswer>> = {
    'GET /app': ({ installation, context }) => {
      const { appId, clientId, permissions } = installation;
      const body = { ...appBody(context, installation.login), id: appId, client_id: clientId };
      return ok({ ...body, permissions, installations_count: 1 });
    },
    'GET /app/installations': (call) => pages([installationBody(call)]),
    'GET /app/installations/{installation_id}': (call) => {
      requireOwn(call);
      return ok(installationBody(call));
    },
    'GET /repos/{owner}/{repo}/installation': (call) => {
      const { state } = call.context;
      const asked = `${call.path['owner']}/${call.path['repo']}`.toLowerCase();
      if (!call.installation.selected || asked !== `${state.owner}/${state.name}`.toLowerCase()) throw notFound();
      return ok(installationBody(call));
    },
    'POST /app/installations/{installation_id}/access_tokens': (call) => {
      requireOwn(call);
      const { installation, context, input } = call;
      if (installation.suspended)
        throw new GithubRefusal({ status: 403, message: 'This installation has been suspended' });
      const { token, endsAt, permissions } = registry.issue(installation, permissionsIn(input['permissions']));
      const repositories = input['repositories'];
      if (repositories === undefined) {
        return ok({ token, expires_at: isoTime(endsAt), permissions, repository_selection: 'all' }, 201);
      }
      const named = Array.isArray(repositories) ? repositories : [];
      if (!installation.selected || named.some((name) => name !== context.state.name)) {
        const message =
          'There is at least one repository that does not exist or is not accessible to the parent installation.';
        throw new GithubRefusal({ status: 422, message });
      }
      const body = { token, expires_at: isoTime(endsAt), permissions, repository_selection: 'selected' };
      return ok({ ...body, repositories: [fullRepository(context)] }, 201);
    },
  };
  const routes = Object.entries(table).map(([route, handle]) => {
    const [method = '', template = ''] = route.split(' ');
    return { method, pattern: new RegExp(`^${template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`), handle };
  });

  return {
    answer({ method, path, token, context, input }) {
      for (const route of routes) {
        const found = route.method === method ? route.pattern.exec(path) : null;
        if (!found) continue;
        const keyOf = (issuer: string) => registry.installationOf(issuer)?.key;
        const { issuer } = verifyAppJwt(token, keyOf, now());
        const installation = registry.installationOf(issuer);
        if (!installation) throw notFound();
        return route.handle({ installation, context, path: found.groups ?? {}, input: input() });
      }
      return undefined;
    },
  };
}

function requireOwn({ installation, path }: AppCall): void {
  if (path['installation_id'] !== String(installation.id)) throw notFound();
}

function permissionsIn(value: unknown): Permissions | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Permissions;
  throw new GithubRefusal({ status: 422, message: 'Invalid request.\n\n"permissions" is not an object.' });
}

function installationBody({ installation, context }: AppCall) {
  const { id, appId, clientId, login, permissions, suspended, installedAt } = installation;
  const owner = ownerBody(context);
  return {
    id,
    account: owner,
    repository_selection: 'selected',
    access_tokens_url: `${context.api}/app/installations/${id}/access_tokens`,
    repositories_url: `${context.api}/installation/repositories`,
    html_url: `${context.html}/organizations/${owner.login}/settings/installations/${id}`,
    app_id: appId,
    client_id: clientId,
    app_slug: login.replace('[bot]', ''),
    target_id: owner.id,
    target_type: owner.type,
    permissions,
    events: ['pull_request', 'pull_request_review', 'push'],
    created_at: isoTime(installedAt),
    updated_at: isoTime(installedAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: suspended ? owner : null,
    suspended_at: suspended ? isoTime(installedAt) : null,
  };
}
