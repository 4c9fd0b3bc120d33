import type { Observations, Seen } from './observations.ts';

/**
 * - `danger`: somebody can get a change onto a switch, or rewrite the record, without the approval it needs.
 * - `weak`: one line of defence less, or something will stop working.
 */
export type Severity = 'danger' | 'weak';

/** What a check makes of the observations: one line for each thing that is not as it should be; none when all is well. */
export type Look =
  | { readonly kind: 'looked'; readonly found: readonly string[] }
  | Extract<Seen<never>, { kind: 'unknown' }>;

/** One thing safety rests on. What it says is also its row in docs/doctor.md. */
export interface Check {
  /** `DOCTOR_WHAT_IS_WRONG`. Stable: never reused, never renamed. */
  readonly code: string;
  readonly severity: Severity;
  /** What is asked, for where it cannot be answered: `does the fleet branch need a pull request?` */
  readonly question: string;
  /** What is wrong when something was found. One sentence. */
  readonly what: string;
  /** What somebody, or an accident, could then do. */
  readonly allows: string;
  /** The exact setting or command. */
  readonly close: string;
  readonly look: (observations: Observations) => Look;
}

export const FINE: Look = { kind: 'looked', found: [] };

export function found(...lines: readonly string[]): Look {
  return { kind: 'looked', found: lines };
}

/** Judges what was seen; what was not seen stays unknown. */
export function whenSeen<T>(seen: Seen<T>, judge: (value: T) => Look): Look {
  return seen.kind === 'unknown' ? seen : judge(seen.value);
}

/** The lines of one finding for every item that has one. */
export function eachOf<T>(items: readonly T[], lineOf: (item: T) => string | undefined): Look {
  return found(...items.flatMap((item) => lineOf(item) ?? []));
}
