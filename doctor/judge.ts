import { CHECKS } from './all-checks.ts';
import type { Check, Severity } from './check.ts';
import type { Observations } from './observations.ts';

/** One thing safety rests on that is not as it should be, or that could not be looked at. */
export type Finding = Pick<Check, 'code' | 'severity' | 'what' | 'allows' | 'close'> &
  (
    | { readonly kind: 'gap'; readonly found: readonly string[] }
    /** Never to be taken for fine. */
    | { readonly kind: 'unknown'; readonly question: string; readonly why: string; readonly next?: string }
  );

/** What doctor comes to: dangers first, then what is weak, each in the order of the checks. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** Checks that were made. */
  readonly checked: number;
}

/** Pure: the same observations give the same diagnosis. */
export function judge(observations: Observations): Diagnosis {
  const checks = Object.values(CHECKS).flat();
  const findings = checks.flatMap((check) => findingOf(check, observations));
  const rank = ({ severity }: Finding): number => SEVERITIES.indexOf(severity);
  return { findings: findings.toSorted((a, b) => rank(a) - rank(b)), checked: checks.length };
}

const SEVERITIES: readonly Severity[] = ['danger', 'weak'];

function findingOf({ question, look, ...check }: Check, observations: Observations): readonly Finding[] {
  const looked = look(observations);
  const { code, severity, what, allows, close } = check;
  const about = { code, severity, what, allows, close };
  if (looked.kind === 'unknown') return [{ ...about, ...looked, question }];
  return looked.found.length === 0 ? [] : [{ ...about, kind: 'gap', found: looked.found }];
}
