import type { PushOutcome } from './repository.ts';
import type { GitEnd } from './run-git.ts';

/** What the remote did with the one ref of a push. `unclear`: it said nothing we can rely on. */
export type PushReport =
  | PushOutcome
  /** The ref already was where we wanted it; somebody else put it there. */
  | { readonly kind: 'there-already' }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'unclear' };

/**
 * Reads `git push --porcelain`: `<flag>\t<from>:<to>\t<summary>[ (<reason>)]` for the ref, among other lines.
 *
 * @param end Of that push. A row that says *pushed* counts only when git itself was content.
 */
export function readPushReport(output: string, end: GitEnd, ref: string): PushReport {
  const rows = output.split('\n').map((line) => /^([ +*=!-])\t[^\t]*:([^\t]+)\t(.*)$/.exec(line));
  const [, flag, , text = ''] = rows.find((row) => row?.[2] === ref) ?? [];
  if (flag === '!') return rejection(text, end.said);
  if (end.exitCode !== 0 || flag === undefined) return { kind: 'unclear' };
  if (flag === ' ' || flag === '*' || flag === '+') return { kind: 'pushed' };
  return flag === '=' ? { kind: 'there-already' } : { kind: 'unclear' };
}

function rejection(text: string, said: string): PushReport {
  if (text.startsWith('[remote failure]')) return { kind: 'unclear' };
  if (STANDS_IN_THE_WAY.test(text) || STANDS_IN_THE_WAY.test(said)) return { kind: 'rejected', reason: text };
  if (MOVED.test(text)) return { kind: 'moved' };
  return { kind: 'rejected', reason: text };
}

/** A ref `a` and a ref `a/b` cannot both be: no retry helps. The row itself says no more than *failed to update ref*. */
const STANDS_IN_THE_WAY = /exists; cannot create/;

/**
 * The first line is git's own refusal before anything is sent; the second the remote's, when two pushes met at its lock
 * (Git, and the words GitHub and GitLab use for it).
 */
const MOVED = new RegExp(
  [
    '\\[rejected\\].*\\((?:fetch first|non-fast-forward|needs force|stale info|already exists|remote ref updated since checkout)\\)',
    '\\[remote rejected\\].*(?:cannot lock ref|failed to update ref|failed to lock|reference already exists|incorrect old value|non-fast-forward)',
  ].join('|'),
);
