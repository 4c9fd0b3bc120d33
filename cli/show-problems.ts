import { count } from '../plans/words.ts';
import type { Problem } from '../schemas/problem.ts';
import { renderProblems } from '../schemas/render-problems.ts';

/** An invalid fleet, for people or for programs: every problem, and that nothing was done. */
export function showProblems(problems: readonly Problem[], { json }: { readonly json: boolean }): string {
  if (json) return `${JSON.stringify({ valid: false, problems }, undefined, 2)}\n`;
  return `${renderProblems(problems)}\n\n${count(problems.length, 'problem')}. Nothing was contacted.\n`;
}
