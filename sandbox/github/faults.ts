/** One request as observers and faults see it. */
export interface GithubRequest {
  readonly method: string;
  /** With the query; REST paths without the `/api/v3` in front. */
  readonly path: string;
  /** Absent when the token was none of ours. */
  readonly user?: string;
  readonly kind: 'rest' | 'git';
  /** It would change something: a POST, PATCH, PUT or DELETE, or a push that carries something. */
  readonly mutating: boolean;
}

/** All that is given must hold. */
export interface RequestMatch {
  readonly method?: string;
  readonly path?: RegExp | string;
  readonly user?: string;
  readonly kind?: GithubRequest['kind'];
  readonly mutating?: boolean;
}

export type Fault =
  /** Answered like this instead of being performed. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Answered with this text instead of being performed. */
  | {
      readonly kind: 'text';
      readonly status: number;
      readonly contentType: string;
      readonly text: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection ends without an answer, and nothing was done. */
  | { readonly kind: 'drop-before' }
  /** It was done, and the connection ends without an answer. */
  | { readonly kind: 'drop-after' }
  /** Done and answered, but not at once. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** The hourly limit is used up. */
  | { readonly kind: 'rate-limit'; readonly resetsInSeconds: number; readonly status?: 403 | 429 }
  /** Too fast. Without `retryAfterSeconds` GitHub only says so in words. */
  | { readonly kind: 'secondary-limit'; readonly retryAfterSeconds?: number };

export interface Faults {
  /**
   * @param times How many matching requests it befalls; once unless given, `Infinity` until lifted.
   * @returns Lifts it.
   */
  inject(match: RequestMatch, fault: Fault, times?: number): () => void;
  /** The fault for this request, used up by asking. Of several the oldest. */
  take(request: GithubRequest): Fault | undefined;
}

export function createFaults(): Faults {
  const armed: { readonly match: RequestMatch; readonly fault: Fault; left: number }[] = [];
  return {
    inject(match, fault, times = 1) {
      const entry = { match, fault, left: times };
      armed.push(entry);
      return () => {
        entry.left = 0;
      };
    },
    take(request) {
      const found = armed.find(({ match, left }) => left > 0 && matches(request, match));
      if (found) found.left--;
      return found?.fault;
    },
  };
}

function matches(request: GithubRequest, match: RequestMatch): boolean {
  const { method, path, user, kind, mutating } = match;
  return (
    (method === undefined || method === request.method) &&
    (path === undefined || (typeof path === 'string' ? request.path.includes(path) : path.test(request.path))) &&
    (user === undefined || user === request.user) &&
    (kind === undefined || kind === request.kind) &&
    (mutating === undefined || mutating === request.mutating)
  );
}
