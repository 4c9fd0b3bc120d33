import { Client } from 'undici';
import type { DriverDeps, Login, Target } from '../driver.ts';
import {
  AgentDownError,
  AuthenticationError,
  IdentityMismatchError,
  NotPermittedError,
  ReplyUnreadableError,
  RequestRefusedError,
  UnreachableError,
} from '../errors.ts';
import { MAX_REPLY_BYTES, TIMEOUTS_MS } from './facts.ts';
import type { Redactor } from './redact.ts';
import { refusalsOf, wordsOf } from './refusals.ts';
import { ConnectFailure, createVerifiedConnector } from './tls.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** What a switch answered: 2xx or 404. Everything else is an error. */
interface Reply {
  readonly status: number;
  /** Parsed JSON; `undefined` when the body was empty, or not JSON in answer to a request that changes something. */
  readonly json: unknown;
}

/** HTTP as NVUE wants it: one connection, one request at a time, verified before the password is sent. */
export interface NvueHttp {
  /**
   * @param attempts How often at most: looking is harmless, so a lost answer is asked for again. 3 unless given.
   * @throws {UnreachableError | AgentDownError | ReplyUnreadableError} After the last attempt.
   */
  get(path: string, signal: AbortSignal, attempts?: number): Promise<Reply>;

  /**
   * Sent once, whatever happens to the answer; with a 401 the switch has not acted, so the next login is tried.
   *
   * @throws {RequestRefusedError} Any 4xx but 401, 403 and 404.
   */
  send(method: Exclude<Method, 'GET'>, path: string, body: object | undefined, signal: AbortSignal): Promise<Reply>;

  pin(): string;
  close(): Promise<void>;
}

const ATTEMPTS = 3;
const FIRST_BACKOFF_MS = 500;
const QUOTED_CHARACTERS = 2_000;

export function createNvueHttp(
  target: Target,
  deps: Omit<DriverDeps, 'pollMilliseconds'>,
  redactor: Redactor,
): NvueHttp {
  const { device, host, port, logins } = target;
  const { clock, log } = deps;
  const { connector, pin } = createVerifiedConnector(target);
  const name = target.tls.serverName ?? host;
  // A client of our own: no proxy from the environment, no redirects, nothing shared with other switches.
  const client = new Client(`https://${name.includes(':') ? `[${name}]` : name}:${port}`, {
    connect: connector,
    // One request at a time, and the connection kept between them: a handshake a request doubles the cost of a stage.
    pipelining: 1,
    allowH2: false,
    maxResponseSize: MAX_REPLY_BYTES,
  });
  let accepted = 0;

  async function exchange(method: Method, path: string, body: object | undefined, signal: AbortSignal): Promise<Reply> {
    for (let tried = 0; tried < logins.length; tried += 1) {
      const index = (accepted + tried) % logins.length;
      const login = logins[index] as Login;
      const { status, text, json } = await once(method, path, body, login, signal);
      if (status === 401) continue;
      accepted = index;
      const request = `${method} ${path}`;
      if (status === 403) {
        throw new NotPermittedError({ device, username: login.username, request, words: words(json, text) });
      }
      if (status >= 500) {
        throw new AgentDownError({ device, request, status, words: words(json, text), mayHaveActed: method !== 'GET' });
      }
      if (status === 404 || (status >= 200 && status < 300)) {
        // Of an answer to a change only the status counts: the change itself is read back.
        if (method === 'GET' && status !== 404 && json === undefined) {
          throw new ReplyUnreadableError({ device, request, expected: 'JSON', found: describeText(text) });
        }
        return { status, json };
      }
      throw new RequestRefusedError({
        device,
        request,
        status,
        words: words(json, text),
        refusals: refusalsOf(json).map((refusal) => ({
          location: redactor.text(refusal.location),
          words: redactor.text(refusal.words),
        })),
      });
    }
    throw new AuthenticationError({ device, usernames: [...new Set(logins.map((login) => login.username))] });
  }

  async function once(method: Method, path: string, body: object | undefined, login: Login, signal: AbortSignal) {
    const limit = method !== 'GET' ? TIMEOUTS_MS.write : path.includes('/?') ? TIMEOUTS_MS.tree : TIMEOUTS_MS.read;
    const startedAt = clock.now();
    try {
      const reply = await client.request({
        method,
        path,
        headers: {
          accept: 'application/json',
          authorization: `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`,
          ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
        },
        ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
        headersTimeout: limit,
        bodyTimeout: limit,
        // The two limits above start again with every byte; this one does not.
        signal: AbortSignal.any([signal, AbortSignal.timeout(2 * limit)]),
      });
      const text = new TextDecoder('utf-8', { fatal: true }).decode(await reply.body.arrayBuffer());
      log.debug(
        { device, method, path, status: reply.statusCode, milliseconds: clock.now() - startedAt },
        'switch answered',
      );
      return { status: reply.statusCode, text, json: parseJson(text, reply.headers['content-type']) };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof IdentityMismatchError) throw error;
      const sent = !(error instanceof ConnectFailure);
      throw new UnreachableError(
        {
          device,
          host,
          port,
          request: `${method} ${path}`,
          reason: reasonOf(error),
          mayHaveActed: sent && method !== 'GET',
        },
        { cause: error },
      );
    }
  }

  const words = (json: unknown, text: string): string =>
    redactor.text(wordsOf(json) ?? text.slice(0, QUOTED_CHARACTERS));

  return {
    pin,

    async get(path, signal, attempts = ATTEMPTS) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await exchange('GET', path, undefined, signal);
        } catch (error) {
          if (!isPassing(error) || attempt >= attempts) throw error;
          log.debug({ device, path, attempt, code: error.code }, 'switch asked again');
          await clock.sleep(FIRST_BACKOFF_MS * 2 ** (attempt - 1), signal);
        }
      }
    },

    send: (method, path, body, signal) => exchange(method, path, body, signal),

    async close() {
      await client.destroy();
    },
  };
}

/** True for what may be gone a moment later: nginx restarts in the middle of an apply, and answers in HTML until it is up. */
export function isPassing(error: unknown): error is UnreachableError | AgentDownError | ReplyUnreadableError {
  return error instanceof UnreachableError || error instanceof AgentDownError || error instanceof ReplyUnreadableError;
}

/** True when the answer to a change was lost, so that nobody knows whether the switch made it. */
export function isLost(error: unknown): error is UnreachableError | AgentDownError {
  return (error instanceof UnreachableError || error instanceof AgentDownError) && error.details.mayHaveActed;
}

function parseJson(text: string, contentType: string | string[] | undefined): unknown {
  if (!String(contentType).includes('json')) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // Cut short, or not JSON whatever the header says: the caller finds it unreadable.
  }
}

function describeText(text: string): string {
  if (text === '') return 'an empty body';
  return /^\s*</.test(text) ? `${text.length} characters of HTML` : `${text.length} characters that are not JSON`;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
