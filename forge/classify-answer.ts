/** What came back from one attempt, before anybody decides what to do about it. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly data: unknown;
}

export type Verdict =
  | { readonly kind: 'answered' }
  | { readonly kind: 'limited'; readonly limit: 'primary' | 'secondary'; readonly waitMilliseconds: number }
  | { readonly kind: 'broken'; readonly reason: string }
  | {
      readonly kind: 'refused';
      readonly reason: string;
      readonly acceptedPermissions?: string;
      /** By GitHub's clock, milliseconds since the epoch. */
      readonly answeredAt?: number;
    };

/** GitHub's GraphQL says in an answer of its own, with 200, that the hour is used up. */
const GRAPHQL_LIMITED = 'RATE_LIMITED';

/** How long GitHub wants to be left alone after a secondary limit that names no time. */
const SECONDARY_WAIT_MS = 60_000;

/**
 * What an answer means.
 *
 * Source: GitHub's REST documentation, "Rate limits" and "Best practices" (a 403 or 429 is a limit when it carries
 * `retry-after`, when `x-ratelimit-remaining` is 0, or when it speaks of a secondary rate limit) and "Troubleshooting"
 * (`x-accepted-github-permissions`).
 *
 * @param now Milliseconds since the epoch, to turn `x-ratelimit-reset` into a wait where GitHub does not tell its own time.
 */
export function classifyAnswer({ status, headers, data }: RawAnswer, now: number): Verdict {
  const answeredAt = timeOf(headers['date']);
  const untilReset = primaryWait(headers['x-ratelimit-reset'], answeredAt ?? now);
  if (status >= 200 && status < 300) {
    // GitHub's API answers in JSON. What stands between us may answer in its place, and with 200.
    if (isPage(data)) return { kind: 'broken', reason: PAGE };
    return saysLimited(data)
      ? { kind: 'limited', limit: 'primary', waitMilliseconds: untilReset }
      : { kind: 'answered' };
  }
  const reason = wordsOf(data);

  if (status === 403 || status === 429) {
    const retryAfterSeconds = Number(headers['retry-after']);
    const secondary = /\bsecondary rate limit|abuse detection/i.test(reason);
    if (headers['retry-after'] !== undefined && Number.isFinite(retryAfterSeconds)) {
      return { kind: 'limited', limit: 'secondary', waitMilliseconds: Math.max(0, retryAfterSeconds) * 1000 };
    }
    if (!secondary && String(headers['x-ratelimit-remaining']) === '0') {
      return { kind: 'limited', limit: 'primary', waitMilliseconds: untilReset };
    }
    if (secondary || status === 429)
      return { kind: 'limited', limit: 'secondary', waitMilliseconds: SECONDARY_WAIT_MS };
  }

  if (status >= 500 || status === 408) return { kind: 'broken', reason: `${status} ${reason}` };

  const accepted = headers['x-accepted-github-permissions'];
  return {
    kind: 'refused',
    reason,
    ...(accepted ? { acceptedPermissions: String(accepted) } : {}),
    ...(answeredAt === undefined ? {} : { answeredAt }),
  };
}

function timeOf(date: string | number | undefined): number | undefined {
  const at = Date.parse(String(date));
  return Number.isNaN(at) ? undefined : at;
}

/** @param now By GitHub's own clock if possible: ours may be minutes away, and the reset is a time of theirs. */
function primaryWait(reset: string | number | undefined, now: number): number {
  // One second more: both are in whole seconds.
  const wait = Math.max(0, Number(reset) * 1000 - now) + 1000;
  return Number.isNaN(wait) ? SECONDARY_WAIT_MS : wait;
}

function saysLimited(data: unknown): boolean {
  const { errors } = (data ?? {}) as { readonly errors?: unknown };
  return Array.isArray(errors) && errors.some((error: { readonly type?: unknown }) => error?.type === GRAPHQL_LIMITED);
}

/** Octokit hands on as text what is not JSON. */
function isPage(data: unknown): boolean {
  return typeof data === 'string' && /^\s*</.test(data);
}

const PAGE =
  'a web page came in place of an answer; a proxy or a sign-in page stands between, or the address is not that of the API';

/** GitHub's `message` and what its `errors` say, cut to 300 characters. A page of a proxy is not quoted. */
function wordsOf(data: unknown): string {
  if (isPage(data)) return PAGE;
  if (typeof data !== 'object' || data === null) return 'without words';
  const { message, errors } = data as { readonly message?: unknown; readonly errors?: unknown };
  const said = Array.isArray(errors) ? errors.map((error: unknown) => wordOf(error)).filter(Boolean) : [];
  const words = [typeof message === 'string' ? message : '', ...said].filter(Boolean).join(': ');
  return words.slice(0, 300) || 'without words';
}

function wordOf(error: unknown): string {
  if (typeof error === 'string') return error;
  const { message, resource, field, code } = (error ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof message === 'string') return message;
  // Of a field that is wrong GitHub says no more than which, and in what way.
  return [resource, field, code].filter((word) => typeof word === 'string').join(' ');
}
