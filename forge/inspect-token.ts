import type { Clock } from '../schemas/clock.ts';
import { createAnswer } from './answer.ts';
import { ForgeRefusedError, ForgeUnavailableError } from './errors.ts';
import type { TokenFacts } from './inspector.ts';

export interface TokenInspection {
  /** Root of the REST API, without a slash at its end. */
  readonly api: string;
  readonly token: string;
  /** Who is behind it. */
  readonly behind: Pick<TokenFacts, 'login' | 'app' | 'person'>;
  readonly clock: Clock;
}

const REQUEST = 'GET /rate_limit';
const ANSWER_WITHIN_MS = 30_000;

/**
 * What a token is, from its prefix and from the headers of an answer that costs nothing.
 *
 * Source: GitHub's documentation, "About authentication to GitHub" (prefixes of tokens), "Scopes for OAuth apps"
 * (`X-OAuth-Scopes`, only for classic tokens), RFC 9110 (`Date`, to the second).
 */
export async function inspectToken(inspection: TokenInspection, signal: AbortSignal): Promise<TokenFacts> {
  const { api, token, behind, clock } = inspection;
  const askedAt = clock.now();
  const response = await ask(api, token, signal);
  const ourTime = Math.round((askedAt + clock.now()) / 2);
  if (!response.ok) {
    throw new ForgeRefusedError({ request: REQUEST, status: response.status, reason: response.statusText });
  }
  const scopes = response.headers.get('x-oauth-scopes');
  return {
    kind: kindOf(token),
    ...behind,
    ...(scopes === null
      ? {}
      : {
          scopes: scopes
            .split(',')
            .map((scope) => scope.trim())
            .filter(Boolean),
        }),
    forgeTime: createAnswer(response.headers.get('date'), `${REQUEST}, header Date`).time(),
    ourTime,
  };
}

async function ask(api: string, token: string, signal: AbortSignal): Promise<Response> {
  try {
    const response = await fetch(`${api}/rate_limit`, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json', 'user-agent': 'pointsman' },
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    await response.arrayBuffer();
    return response;
  } catch {
    signal.throwIfAborted();
    throw new ForgeUnavailableError({ request: REQUEST, reason: 'the connection failed', mayHaveActed: false });
  }
}

function kindOf(token: string): TokenFacts['kind'] {
  if (token.startsWith('ghs_')) return 'installation';
  if (token.startsWith('github_pat_')) return 'fine-grained';
  return token.startsWith('ghp_') ? 'classic' : 'other';
}
