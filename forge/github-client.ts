import { Octokit, RequestError } from 'octokit';
import type { Clock } from '../schemas/clock.ts';
import type { Log } from '../schemas/log.ts';
import { type Answer, createAnswer } from './answer.ts';
import { classifyAnswer, type RawAnswer } from './classify-answer.ts';
import {
  ForgeAnswerUnreadableError,
  ForgeRateLimitedError,
  ForgeRefusedError,
  ForgeRequestInvalidError,
  ForgeUnavailableError,
} from './errors.ts';

export type Parameters = Readonly<Record<string, unknown>>;

/** GitHub's API with our manners: patient with reads, careful with writes, honest about what is not known. */
export interface GithubClient {
  /** @param route GitHub's own, for example `GET /repos/{owner}/{repo}/pulls/{pull_number}`. */
  read(route: string, parameters: Parameters, signal: AbortSignal): Promise<Answer>;

  /**
   * Every page of a list.
   *
   * @param itemsAt Where the list is when the answer is an object.
   * @throws The error of the first page that does not arrive; never a shorter list.
   */
  list(route: string, parameters: Parameters, signal: AbortSignal, itemsAt?: string): Promise<readonly Answer[]>;

  /**
   * @param repeatable True when doing it twice is the same as once. Otherwise it is sent once, and an answer that does not
   *   come leaves us not knowing: the caller has to look.
   */
  write(route: string, parameters: Parameters, signal: AbortSignal, repeatable: boolean): Promise<Answer>;

  /** The login behind the token, as REST writes it: `octocat`, `github-actions[bot]`. */
  viewerLogin(signal: AbortSignal): Promise<string>;

  budget(): { readonly sent: number; readonly remaining?: number; readonly limit?: number };
}

export interface GithubClientDeps {
  /** Root of the REST API, for example `https://api.github.com` or `https://github.example.com/api/v3`. */
  readonly api: string;
  readonly token: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds a single answer may take. 30 seconds unless set. */
  readonly answerWithinMilliseconds?: number;
}

const ANSWER_WITHIN_MS = 30_000;
const RETRIES = 3;
const RETRY_AFTER_MS = 1_000;
const LONGEST_LIMIT_WAIT_MS = 60_000;
const LIMIT_WAITS = 2;
/** 100,000 items. GitHub has no list we read that is longer; a next link that never ends is broken. */
const MOST_PAGES = 1_000;

interface Attempt {
  readonly request: string;
  readonly repeatable: boolean;
  readonly signal: AbortSignal;
  readonly perform: (signal: AbortSignal) => Promise<RawAnswer>;
}

/** The only file that knows octokit. It gives us addresses, authentication and transport; waiting and repeating are ours. */
export function createGithubClient(deps: GithubClientDeps): GithubClient {
  const { clock, log } = deps;
  const api = deps.api.replace(/\/+$/, '');
  const budget: { sent: number; remaining?: number; limit?: number } = { sent: 0 };

  const octokit = new Octokit({
    auth: deps.token,
    baseUrl: api,
    userAgent: 'pointsman',
    // A redirected write turns into a read on the way: better to hear of the move than to follow it.
    request: { fetch: countedFetch, redirect: 'manual' },
    // Both bundled plugins wait on the machine's own timers, which nothing can drive or abort, and both repeat a write
    // whose answer was lost.
    throttle: { enabled: false },
    retry: { enabled: false },
    log: {
      debug: ignore,
      info: ignore,
      warn: (message: string) => log.warn({ message }, 'github warned'),
      error: ignore,
    },
  });

  async function countedFetch(url: string, options: RequestInit): Promise<Response> {
    budget.sent++;
    const response = await fetch(url, options);
    readBudget(response.headers);
    // Read to the end here, so that an answer cut short is a failed request and not an empty answer.
    const body = await response.arrayBuffer();
    return new Response(body.byteLength > 0 ? body : null, { status: response.status, headers: response.headers });
  }

  function readBudget(headers: Headers): void {
    const remaining = Number(headers.get('x-ratelimit-remaining') ?? Number.NaN);
    const limit = Number(headers.get('x-ratelimit-limit') ?? Number.NaN);
    if (Number.isFinite(remaining)) budget.remaining = remaining;
    if (Number.isFinite(limit)) budget.limit = limit;
  }

  async function perform({ request, repeatable, signal, perform }: Attempt): Promise<RawAnswer> {
    let failures = 0;
    let limits = 0;
    for (;;) {
      signal.throwIfAborted();
      const answer = await attempt(perform, signal);
      const verdict =
        typeof answer === 'string' ? { kind: 'broken' as const, reason: answer } : classifyAnswer(answer, clock.now());
      const status = typeof answer === 'string' ? undefined : answer.status;
      log.debug({ request, status, verdict: verdict.kind, remaining: budget.remaining }, 'github asked');

      switch (verdict.kind) {
        case 'answered':
          return answer as RawAnswer;
        case 'refused': {
          const { reason, acceptedPermissions } = verdict;
          throw new ForgeRefusedError({
            request,
            status: status ?? 0,
            reason: withoutToken(reason),
            ...(acceptedPermissions ? { acceptedPermissions } : {}),
          });
        }
        case 'limited': {
          const { limit, waitMilliseconds } = verdict;
          if (waitMilliseconds > LONGEST_LIMIT_WAIT_MS || limits >= LIMIT_WAITS) {
            const resetsAt = new Date(clock.now() + waitMilliseconds).toISOString();
            throw new ForgeRateLimitedError({ request, limit, resetsAt });
          }
          limits++;
          log.warn({ request, limit, waitMilliseconds }, 'github rate limit waited for');
          await clock.sleep(waitMilliseconds, signal);
          break;
        }
        case 'broken': {
          const reason = withoutToken(verdict.reason);
          if (!repeatable || failures >= RETRIES) {
            throw new ForgeUnavailableError({
              request,
              reason,
              ...(status ? { status } : {}),
              mayHaveActed: !repeatable,
            });
          }
          await clock.sleep(RETRY_AFTER_MS * 2 ** failures, signal);
          failures++;
        }
      }
    }
  }

  /** @returns A text instead of an answer when none came: why. Octokit's own errors hold headers, so they end here. */
  async function attempt(perform: Attempt['perform'], signal: AbortSignal): Promise<RawAnswer | string> {
    const deadline = AbortSignal.timeout(deps.answerWithinMilliseconds ?? ANSWER_WITHIN_MS);
    try {
      return await perform(AbortSignal.any([signal, deadline]));
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.aborted) return 'no answer in time';
      if (error instanceof RequestError) return error.response ?? whyNotSent(error);
      throw error;
    }
  }

  function withoutToken(text: string): string {
    return text.replaceAll(deps.token, '«token»');
  }

  function call(route: string, parameters: Parameters, signal: AbortSignal, repeatable: boolean): Attempt {
    refuseTraversal(route, parameters);
    const { method, url } = octokit.request.endpoint(route, { ...parameters });
    const path = new URL(url).pathname.replace(/^\/api(\/v3)?(?=\/)/, '');
    return {
      request: `${method} ${path}`,
      repeatable,
      signal,
      perform: (deadline) => octokit.request(route, { ...parameters, request: { signal: deadline } }),
    };
  }

  async function read(route: string, parameters: Parameters, signal: AbortSignal): Promise<Answer> {
    const attempt = call(route, parameters, signal, true);
    return createAnswer((await perform(attempt)).data, attempt.request);
  }

  return {
    read,

    async list(route, parameters, signal, itemsAt) {
      const items: Answer[] = [];
      let attempt = call(route, { ...parameters, per_page: 100 }, signal, true);
      const { request } = attempt;
      for (let page = 1; page <= MOST_PAGES; page++) {
        const { data, headers } = await perform(attempt);
        const answer = createAnswer(data, request);
        items.push(...(itemsAt ? answer.at(itemsAt) : answer).list());

        const next = nextPage(headers['link'], api);
        if (!next) return items;
        if (next === 'elsewhere') break;
        attempt = {
          ...attempt,
          perform: (deadline) => octokit.request(`GET ${next}`, { request: { signal: deadline } }),
        };
      }
      throw new ForgeAnswerUnreadableError({
        request,
        at: 'the Link header',
        expected: 'a next page at the same address, and an end',
        found: 'another',
      });
    },

    async write(route, parameters, signal, repeatable) {
      const attempt = call(route, parameters, signal, repeatable);
      return createAnswer((await perform(attempt)).data, attempt.request);
    },

    async viewerLogin(signal) {
      // REST `GET /user` is closed to the tokens of GitHub Actions and of Apps; GraphQL tells each of them who it is.
      const graphql = `${api.replace(/\/v3$/, '')}/graphql`;
      const answer = await read(`POST ${graphql}`, { query: '{ viewer { login } }' }, signal);
      return answer.at('data', 'viewer', 'login').text();
    },

    budget: () => ({ ...budget }),
  };
}

function ignore(): void {}

function whyNotSent(error: RequestError): string {
  const cause = error.cause instanceof Error ? (error.cause.cause ?? error.cause) : undefined;
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'the connection failed';
}

/** Octokit percent-encodes what it puts into a path, but `..` survives that and would name another resource. */
function refuseTraversal(route: string, parameters: Parameters): void {
  for (const [, name = ''] of route.matchAll(/\{(\w+)\}/g)) {
    const value = String(parameters[name] ?? '');
    if (value === '' || value === '.' || value === '..') {
      throw new ForgeRequestInvalidError({ what: name, expected: 'a name', found: JSON.stringify(value) });
    }
  }
}

/** The address of the next page by the Link header (RFC 8288); `elsewhere` when following it would take the token to another host. */
function nextPage(link: string | number | undefined, api: string): string | undefined {
  const next = /<([^<>]+)>;\s*rel="next"/.exec(String(link ?? ''))?.[1];
  if (!next) return undefined;
  return URL.canParse(next) && new URL(next).origin === new URL(api).origin ? next : 'elsewhere';
}
