import { createHash, randomUUID } from 'node:crypto';
import { type Grant, requirePermission } from './app-permissions.ts';
import type { AppRoutes } from './app-routes.ts';
import type { BodyContext } from './bodies.ts';
import { GithubRefusal } from './errors.ts';
import type { Fault } from './faults.ts';
import { cutPage, ok, type RestAnswer } from './rest-answer.ts';
import type { RestRoute } from './rest-routes.ts';
import type { Account } from './state.ts';

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

interface RestRequest {
  readonly method: string;
  /** Whole, as the asker wrote it. */
  readonly url: URL;
  /** Path of `url` without `/api/v3` or `/api` in front. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
  /** As it was sent; empty when none was. */
  readonly token: string;
  /** Absent: no token, or none of ours. */
  readonly by?: Account;
  /** Set where the token was given only some permissions. */
  readonly grant?: Grant;
  readonly context: BodyContext;
}

export interface RestServer {
  answer(request: RestRequest): Promise<HttpReply>;
  /** What a fault answers, with the headers of every answer. */
  answerFault(fault: Extract<Fault, { kind: 'status' | 'text' | 'rate-limit' | 'secondary-limit' }>): HttpReply;
}

const HOUR_MS = 3_600_000;
const DOCUMENTATION = 'https://docs.github.com/rest';

/**
 * Everything about GitHub's REST answers that is not in a route: authentication, refusals, pages, entity tags, limits.
 *
 * Source: GitHub's REST documentation, "Authenticating", "Rate limits for the REST API", "Using pagination",
 * "Best practices" (conditional requests do not count against the limit).
 */
export function createRestServer(
  routes: readonly RestRoute[],
  options: {
    readonly apps: AppRoutes;
    readonly now: () => number;
    readonly hourlyLimit: number;
    readonly largestPage: number;
  },
): RestServer {
  const { apps, now, hourlyLimit, largestPage } = options;
  let windowEnds = now() + HOUR_MS;
  let used = 0;

  function commonHeaders(): Readonly<Record<string, string>> {
    return {
      'content-type': 'application/json; charset=utf-8',
      date: new Date(now()).toUTCString(),
      'x-github-media-type': 'github.v3; format=json',
      'x-github-request-id': randomUUID(),
      'x-ratelimit-limit': String(hourlyLimit),
      'x-ratelimit-remaining': String(Math.max(0, hourlyLimit - used)),
      'x-ratelimit-used': String(used),
      'x-ratelimit-reset': String(Math.ceil(windowEnds / 1000)),
      'x-ratelimit-resource': 'core',
    };
  }

  function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpReply {
    return { status, headers: { ...commonHeaders(), ...headers }, body: JSON.stringify(body) };
  }

  function refusal({ details }: GithubRefusal): HttpReply {
    const { status, message, errors, acceptedPermissions } = details;
    const headers = acceptedPermissions ? { 'x-accepted-github-permissions': acceptedPermissions } : {};
    const body = { message, ...(errors ? { errors } : {}), documentation_url: DOCUMENTATION, status: String(status) };
    return json(status, body, headers);
  }

  /** Source: GitHub's REST API description, schema `rate-limit-overview`. */
  function rateLimits(): RestAnswer {
    const reset = Math.ceil(windowEnds / 1000);
    const core = { limit: hourlyLimit, used, remaining: Math.max(0, hourlyLimit - used), reset };
    const other = (limit: number) => ({ limit, used: 0, remaining: limit, reset });
    return ok({ resources: { core, search: other(30), graphql: other(5000) }, rate: core });
  }

  async function perform(request: RestRequest): Promise<RestAnswer> {
    const { method, path, url, body, by, grant, context, token } = request;
    const asApp = apps.answer({ method, path, token, context, input: () => parseInput(body) });
    if (asApp) return asApp;
    if (!by) throw new GithubRefusal({ status: 401, message: 'Bad credentials' });
    if (method === 'GET' && path === '/rate_limit') return rateLimits();
    for (const { method: accepted, pattern, handle } of routes) {
      const found = accepted === method ? pattern.exec(path) : null;
      if (!found) continue;
      const parts = decoded(found.groups ?? {});
      refuseStrangers(parts, by, context, path);
      if (grant) requirePermission(grant, method, path);
      return handle({ by, context, path: parts, query: url.searchParams, input: parseInput(body) });
    }
    throw new GithubRefusal({ status: 404, message: 'Not Found' });
  }

  function countRequest(): void {
    if (now() >= windowEnds) {
      windowEnds = now() + HOUR_MS;
      used = 0;
    }
    used++;
  }

  function render(answer: RestAnswer, { method, url, headers, token, by, context }: RestRequest): HttpReply {
    if (answer.kind === 'empty') return { status: answer.status, headers: commonHeaders(), body: '' };
    const page = answer.kind === 'list' ? cutPage(answer, url, largestPage) : undefined;
    const body = page ? page.body : answer.kind === 'body' ? answer.body : undefined;
    // GitHub makes them for the token that asked, so that another one is always answered in full.
    const etag = `W/"${createHash('sha256')
      .update(`${token}\n${JSON.stringify(body)}`)
      .digest('hex')}"`;
    // Said of classic tokens only.
    const scopes = by?.token.startsWith('ghp_') ? { 'x-oauth-scopes': context.state.protection.scopes.join(', ') } : {};
    const extra = { ...REVALIDATED, etag, ...scopes, ...(page?.link ? { link: page.link } : {}) };
    if (method === 'GET' && tagsIn(headers['if-none-match']).includes(etag)) {
      used--;
      // Without the Link header: RFC 9110 does not ask for it, so nobody may count on it.
      return { status: 304, headers: { ...commonHeaders(), ...REVALIDATED, etag }, body: '' };
    }
    return json(answer.kind === 'body' ? answer.status : 200, body, extra);
  }

  return {
    async answer(request) {
      if (!request.headers['user-agent']) {
        return {
          status: 403,
          headers: { 'content-type': 'text/plain' },
          body: 'Request forbidden by administrative rules.',
        };
      }
      // Asking how much is left costs nothing. What an App asks as itself is counted elsewhere at GitHub.
      const free = request.path === '/rate_limit' || request.token.split('.').length === 3;
      if (!free) countRequest();
      if (!free && used > hourlyLimit) {
        return refusal(new GithubRefusal({ status: 403, message: 'API rate limit exceeded for installation.' }));
      }
      try {
        return render(await perform(request), request);
      } catch (error) {
        if (error instanceof GithubRefusal) return refusal(error);
        throw error;
      }
    },

    answerFault(fault) {
      switch (fault.kind) {
        case 'status':
          return json(
            fault.status,
            { message: fault.message ?? 'Server Error', documentation_url: DOCUMENTATION },
            fault.headers,
          );
        case 'text':
          return {
            status: fault.status,
            headers: { 'content-type': fault.contentType, ...fault.headers },
            body: fault.text,
          };
        case 'rate-limit': {
          const reset = String(Math.ceil(now() / 1000) + fault.resetsInSeconds);
          const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
          return json(
            fault.status ?? 403,
            { message: 'API rate limit exceeded', documentation_url: DOCUMENTATION },
            headers,
          );
        }
        case 'secondary-limit': {
          const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
          const after = fault.retryAfterSeconds;
          const headers = after === undefined ? {} : { 'retry-after': String(after) };
          return json(403, { message, documentation_url: DOCUMENTATION }, headers);
        }
      }
    },
  };
}

const REVALIDATED = {
  'cache-control': 'private, max-age=60, s-maxage=60',
  vary: 'Accept, Authorization, Cookie, X-GitHub-OTP',
} as const;

/** Source: RFC 9110, `If-None-Match`. */
function tagsIn(header: string | readonly string[] | undefined): readonly string[] {
  return String(header ?? '').match(/(?:W\/)?"[^"]*"/g) ?? [];
}

function decoded(parts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, decodeURIComponent(value)]));
}

/** GitHub does not admit that there is a repository to those who may not read it. */
function refuseStrangers(
  parts: Readonly<Record<string, string>>,
  by: Account,
  { state }: BodyContext,
  path: string,
): void {
  if (parts['owner'] === undefined) return;
  const asked = `${parts['owner']}/${parts['repo']}`.toLowerCase();
  if (asked === `${state.owner}/${state.name}`.toLowerCase() && by.role !== 'none') return;
  // Of forks only what moved their branches is emulated.
  const fork = state.forks.get(asked);
  if (fork && path.endsWith('/activity') && (!fork.private || fork.owner === by.login)) return;
  throw new GithubRefusal({ status: 404, message: 'Not Found' });
}

function parseInput(body: Buffer): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Answered below, as any other body that is no object.
  }
  throw new GithubRefusal({ status: 400, message: 'Problems parsing JSON' });
}
