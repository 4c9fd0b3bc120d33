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
import type { RequestBudget } from './forge.ts';
import { createGithubMemory, type GithubMemory } from './github-memory.ts';
import type { Hold } from './pace.ts';
import { isFullLastPage, nextPage, PER_PAGE } from './pages.ts';
import { budgetIn } from './request-budget.ts';
import type { TokenSource } from './token-source.ts';

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

  /**
   * Reads what REST does not tell.
   *
   * @returns What stands under `data`.
   */
  graphql(query: string, variables: Parameters, signal: AbortSignal): Promise<Answer>;

  /** The login behind the token, as REST writes it: `octocat`, `github-actions[bot]`. */
  viewerLogin(signal: AbortSignal): Promise<string>;

  budget(): RequestBudget;
}

export interface GithubClientDeps {
  /** Root of the REST API, for example `https://api.github.com` or `https://github.example.com/api/v3`. */
  readonly api: string;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly log: Log;
  /** Of clients before this one; one of its own unless set. */
  readonly memory?: GithubMemory;
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
  readonly url: string;
  /** Writes are sent with a stronger token, and not all at once. */
  readonly kind: 'read' | 'write';
  /** What was answered before may stand for what is answered now, when GitHub says that it is the same. */
  readonly conditional: boolean;
  readonly repeatable: boolean;
  readonly signal: AbortSignal;
  readonly send: (headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<RawAnswer>;
}

/** The only file that knows octokit. It gives us addresses and transport; signing in, waiting and repeating are ours. */
export function createGithubClient(deps: GithubClientDeps): GithubClient {
  const { clock, log, tokens } = deps;
  const { answers, pace } = deps.memory ?? createGithubMemory(clock);
  const api = deps.api.replace(/\/+$/, '');
  let budget: RequestBudget = { sent: 0, unchanged: 0 };

  const octokit = new Octokit({
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
    budget = { ...budget, sent: budget.sent + 1 };
    const response = await fetch(url, options);
    budget = { ...budget, ...budgetIn(response.headers) };
    // Read to the end here, so that an answer cut short is a failed request and not an empty answer.
    const body = await response.arrayBuffer();
    const headers = new Headers(response.headers);
    headers.set('content-length', String(body.byteLength));
    return new Response(body.byteLength > 0 ? body : null, { status: response.status, headers });
  }

  async function perform(attempt: Attempt): Promise<RawAnswer> {
    const { request, repeatable, signal } = attempt;
    let failures = 0;
    let limits = 0;
    let refusals = 0;
    for (;;) {
      signal.throwIfAborted();
      await waitForHold(request, signal);
      const token = await tokens.token(attempt.kind === 'read' ? 'read' : 'work', signal);
      const answer = await pace.inTurn(attempt.kind, signal, () => exchange(attempt, token));
      const verdict =
        typeof answer === 'string' ? { kind: 'broken' as const, reason: answer } : classifyAnswer(answer, clock.now());
      const status = typeof answer === 'string' ? undefined : answer.status;
      log.debug({ request, status, verdict: verdict.kind, ...budget }, 'github asked');

      switch (verdict.kind) {
        case 'answered':
          return answer as RawAnswer;
        case 'refused': {
          if (status === 401 && refusals < RETRIES && tokens.refused(token)) {
            refusals++;
            await clock.sleep(RETRY_AFTER_MS * refusals, signal);
            break;
          }
          const { reason, acceptedPermissions, answeredAt } = verdict;
          throw new ForgeRefusedError({
            request,
            status: status ?? 0,
            reason: withoutTokens(reason),
            ...(acceptedPermissions ? { acceptedPermissions } : {}),
            ...(status === 401 && answeredAt !== undefined ? { answeredAt } : {}),
          });
        }
        case 'limited': {
          const hold = { limit: verdict.limit, until: clock.now() + verdict.waitMilliseconds };
          pace.hold(hold);
          if (limits >= LIMIT_WAITS) throw limited(request, hold);
          limits++;
          break;
        }
        case 'broken': {
          const reason = withoutTokens(verdict.reason);
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

  /** Whoever goes on sending while limited is limited for longer, so a limit that one request met is everybody's. */
  async function waitForHold(request: string, signal: AbortSignal): Promise<void> {
    for (let hold = pace.held(); hold; hold = pace.held()) {
      const waitMilliseconds = hold.until - clock.now();
      if (waitMilliseconds > LONGEST_LIMIT_WAIT_MS) throw limited(request, hold);
      log.warn({ request, limit: hold.limit, waitMilliseconds }, 'github rate limit waited for');
      await clock.sleep(waitMilliseconds, signal);
    }
  }

  /** One request, and what was answered before in place of "as before". */
  async function exchange(attempt: Attempt, token: string): Promise<RawAnswer | string> {
    const { url, conditional } = attempt;
    const before = conditional ? answers.find(token, url) : undefined;
    const answer = await attempted(attempt, {
      authorization: `Bearer ${token}`,
      ...(before ? { 'if-none-match': before.etag } : {}),
    });
    if (typeof answer === 'string') return answer;
    if (before && answer.status === 304) {
      budget = { ...budget, unchanged: budget.unchanged + 1 };
      return before.answer;
    }
    if (conditional && answer.status === 200 && !isFullLastPage(answer)) answers.keep(token, url, answer);
    return answer;
  }

  /** @returns A text instead of an answer when none came: why. Octokit's own errors hold headers, so they end here. */
  async function attempted(
    { send, signal }: Attempt,
    headers: Readonly<Record<string, string>>,
  ): Promise<RawAnswer | string> {
    signal.throwIfAborted();
    const deadline = AbortSignal.timeout(deps.answerWithinMilliseconds ?? ANSWER_WITHIN_MS);
    try {
      return await send(headers, AbortSignal.any([signal, deadline]));
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.aborted) return 'no answer in time';
      if (error instanceof RequestError) return error.response ?? whyNotSent(error);
      throw error;
    }
  }

  function withoutTokens(text: string): string {
    return tokens.known().reduce((left, token) => left.replaceAll(token, '«token»'), text);
  }

  function call(kind: Attempt['kind'], route: string, parameters: Parameters, signal: AbortSignal): Attempt {
    refuseTraversal(route, parameters);
    const { method, url } = octokit.request.endpoint(route, { ...parameters });
    const path = new URL(url).pathname.replace(/^\/api(\/v3)?(?=\/)/, '');
    return {
      request: `${method} ${path}`,
      url,
      kind,
      conditional: method === 'GET',
      repeatable: true,
      signal,
      send: (headers, deadline) => octokit.request(route, { ...parameters, headers, request: { signal: deadline } }),
    };
  }

  async function read(route: string, parameters: Parameters, signal: AbortSignal): Promise<Answer> {
    const attempt = call('read', route, parameters, signal);
    return createAnswer((await perform(attempt)).data, attempt.request);
  }

  async function graphql(query: string, variables: Parameters, signal: AbortSignal): Promise<Answer> {
    const address = `${api.replace(/\/v3$/, '')}/graphql`;
    return (await read(`POST ${address}`, { query, variables }, signal)).at('data');
  }

  return {
    read,

    async list(route, parameters, signal, itemsAt) {
      const items: Answer[] = [];
      let attempt = call('read', route, { ...parameters, per_page: PER_PAGE }, signal);
      const { request } = attempt;
      for (let page = 1; page <= MOST_PAGES; page++) {
        const raw = await perform(attempt);
        const answer = createAnswer(raw.data, request);
        items.push(...(itemsAt ? answer.at(itemsAt) : answer).list());

        const next = nextPage(raw, api);
        if (!next) return items;
        if (next === 'elsewhere') break;
        attempt = {
          ...attempt,
          url: next,
          send: (headers, deadline) => octokit.request(`GET ${next}`, { headers, request: { signal: deadline } }),
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
      const attempt = { ...call('write', route, parameters, signal), repeatable };
      return createAnswer((await perform(attempt)).data, attempt.request);
    },

    graphql,

    async viewerLogin(signal) {
      // REST `GET /user` is closed to the tokens of GitHub Actions and of Apps; GraphQL tells each of them who it is.
      return (await graphql('{ viewer { login } }', {}, signal)).at('viewer', 'login').text();
    },

    budget: () => budget,
  };
}

function ignore(): void {}

function limited(request: string, { limit, until }: Hold): ForgeRateLimitedError {
  return new ForgeRateLimitedError({ request, limit, resetsAt: new Date(until).toISOString() });
}

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
