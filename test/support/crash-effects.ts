import type { Json } from '../../schemas/json.ts';

/** One request that changes something outside of the process, in the order the world performed it. */
export interface Effect {
  /** A switch's name, `github`, or `git` for a push. */
  readonly target: string;
  /** 1 for the first of its target since the scene began. */
  readonly nth: number;
  /** In our words: `apply`, `confirm`, `comment`, the title of the commit that was pushed to the ledger. */
  readonly what: string;
  /** Method, path and body as they came: two equal ones are one request sent twice. */
  readonly request: string;
  readonly status: number;
  /** 1 for the first process since the scene began. */
  readonly pass: number;
}

/**
 * A border between two effects: right before the one named is performed, or right after it, before its answer leaves.
 * `arrived`: it is performed, and nobody is there any more who listens.
 */
export interface Boundary {
  readonly target: string;
  readonly nth: number;
  readonly phase: 'received' | 'arrived' | 'performed';
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

/** Source: the calls of forge/. Numbers stand as `n`, the repository in front is left out. */
const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'POST issues/n/comments': 'new comment',
    'PATCH issues/comments/n': 'comment',
    'POST issues/comments/n/reactions': 'reaction',
    'POST check-runs': 'new check',
    'PATCH check-runs/n': 'check',
    'POST deployments': 'new deployment',
    'POST deployments/n/statuses': 'deployment',
    'POST pulls': 'new pull request',
    'PATCH pulls/n': 'pull request',
    'POST issues': 'new issue',
    'PATCH issues/n': 'issue',
    'DELETE git/refs/heads': 'delete branch',
  }),
);

export function nameOfGithubRequest(method: string, path: string): string {
  const [, , , , ...rest] = path.replace(/\?.*$/, '').split('/');
  const what = rest
    .join('/')
    .replace(/\b\d+\b/g, 'n')
    .replace(/(refs\/heads).*/, '$1');
  return NAMES.get(`${method} ${what}`) ?? `${method} ${what}`;
}

export function titleOf({ target, nth, phase }: Boundary, what: string): string {
  const words = { received: 'before', arrived: 'during', performed: 'after' };
  return `${target} ${nth}: ${words[phase]} "${what}"`;
}
