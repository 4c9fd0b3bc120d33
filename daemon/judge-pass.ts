import type { PassReport } from '../reconciler/pass.ts';
import { type ErrorDocument, PointsmanError } from '../schemas/errors.ts';

/**
 * How a pass went, as far as the next one is concerned. `again`: a later pass may succeed without anybody doing anything.
 */
export type PassVerdict =
  /** Nothing was left undone that a pass could have done. */
  | { readonly kind: 'done' }
  /** Some of it could not be done now. */
  | { readonly kind: 'partial'; readonly again: boolean; readonly error: ErrorDocument }
  /** Nothing came of it. `resetsAt`: and nothing can before that moment, milliseconds since the epoch. */
  | { readonly kind: 'failed'; readonly again: boolean; readonly error: ErrorDocument; readonly resetsAt?: number }
  /** Something nobody foresaw. */
  | { readonly kind: 'bug'; readonly thrown: unknown };

/** What came back from a pass, or what it threw. */
export type PassResult =
  | { readonly kind: 'returned'; readonly report: PassReport }
  | { readonly kind: 'threw'; readonly error: unknown };

/**
 * A pass where one pull request or one run stays behind is `partial`: the service works, and what it left shows on that pull
 * request. Only when nothing at all came of it has the service itself failed.
 */
export function judgePass(result: PassResult): PassVerdict {
  if (result.kind === 'threw') {
    const { error } = result;
    if (!(error instanceof PointsmanError)) return { kind: 'bug', thrown: error };
    const document = error.toJSON();
    return failed(document, [document]);
  }
  const { failures, ...came } = result.report;
  const errors = failures.map(({ error }) => error);
  const [first] = errors;
  if (!first) return { kind: 'done' };
  if (Object.values(came).every(({ length }) => length === 0)) return failed(first, errors);
  return { kind: 'partial', again: errors.some(mayPass), error: first };
}

function failed(error: ErrorDocument, errors: readonly ErrorDocument[]): PassVerdict {
  const resets = errors.map(({ details }) => Date.parse(String(details['resetsAt'] ?? ''))).filter(Number.isFinite);
  const again = errors.some(mayPass);
  return { kind: 'failed', again, error, ...(resets.length > 0 ? { resetsAt: Math.max(...resets) } : {}) };
}

function mayPass({ disposition }: ErrorDocument): boolean {
  return disposition === 'retry-later';
}

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** GitHub's limits start anew each hour; a clock that says otherwise is not believed. */
const LONGEST_LIMIT_MS = 60 * 60_000;

/**
 * When to try again: 5 s, 10 s, 20 s… up to five minutes, each between half of that and all of it.
 *
 * @param failuresInARow Including this one, from 1.
 * @param random From 0 up to 1.
 * @returns Milliseconds since the epoch; `undefined` when trying again by itself cannot help, or need not.
 */
export function retryAt(
  verdict: PassVerdict,
  failuresInARow: number,
  now: number,
  random: () => number,
): number | undefined {
  if (verdict.kind === 'done' || (verdict.kind !== 'bug' && !verdict.again)) return undefined;
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failuresInARow - 1, 10));
  const at = now + Math.ceil(longest * (0.5 + random() / 2));
  if (verdict.kind !== 'failed' || verdict.resetsAt === undefined) return at;
  return Math.max(at, Math.min(verdict.resetsAt, now + LONGEST_LIMIT_MS));
}
