import type { Json } from '../../schemas/json.ts';

/** One request that changes something outside of the process, in the order the world performed it. */
export interface Effect {
  /** A switch's name, `github`, or `ledger` for a push. */
  readonly target: string;
  /** 1 for the first of its target since the merge. */
  readonly nth: number;
  /** In our words: `apply`, `confirm`, `comment`, or the title of the commit that was pushed. */
  readonly what: string;
  /** Method, path and body as they came: two equal ones are one request sent twice. */
  readonly request: string;
  readonly status: number;
  /** 1 for the first process since the merge. */
  readonly pass: number;
}

/** A border between two effects: right before the one named is performed, or right after it, before its answer leaves. */
export interface Boundary {
  readonly target: string;
  readonly nth: number;
  readonly phase: 'received' | 'performed';
}

/** What a mutating request to a switch is for. Source: the calls of drivers/nvue. */
export function nameOfSwitchRequest(method: string, path: string, body: Json | undefined): string {
  const text = body === undefined ? '' : JSON.stringify(body);
  if (/\/revision\/?$/.test(path)) return 'new draft';
  if (path.includes('/revision/')) {
    if (method === 'DELETE') return 'delete draft';
    const state = /"state":"(\w+)"/.exec(text)?.[1];
    if (state === 'confirm_yes') return 'confirm';
    return state ?? 'change revision';
  }
  return method === 'DELETE' ? 'unset all' : 'fill draft';
}

export function nameOfGithubRequest(method: string, path: string): string {
  if (path.includes('/comments')) return method === 'POST' ? 'new comment' : 'comment';
  if (path.includes('/check-runs')) return 'check';
  return `${method} ${path}`;
}

export function titleOf({ target, nth, phase }: Boundary, what: string): string {
  return `${target} ${nth}: ${phase === 'received' ? 'before' : 'after'} "${what}"`;
}
