import { fenced, visible } from '../../plans/safe-text.ts';
import { count } from '../../plans/words.ts';
import type { Problem } from '../../schemas/problem.ts';
import { renderProblems } from '../../schemas/render-problems.ts';
import type { ActionResult } from './action-result.ts';

const PROBLEMS_IN_THE_SUMMARY = 100;

/** A fleet that is not valid: every problem beside the line it stands on. */
export function showInvalid(problems: readonly Problem[]): ActionResult {
  const verdict = `Not valid: ${count(problems.length, 'problem')}, nothing was contacted`;
  const shown = problems.slice(0, PROBLEMS_IN_THE_SUMMARY);
  return {
    verdict,
    text: `${renderProblems(problems)}\n\n${verdict}\n`,
    summary: `${[
      `## ${verdict}`,
      '',
      ...fenced('', renderProblems(shown).split('\n')),
      ...(shown.length < problems.length ? ['', `and ${problems.length - shown.length} more`] : []),
    ].join('\n')}\n`,
    annotations: problems.map(({ file, line, column, code: name, message, hint }) => ({
      level: 'error',
      title: name,
      message: visible(hint === undefined ? message : `${message} (${hint})`),
      file,
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    })),
    outputs: { problems: String(problems.length) },
  };
}

/** A fleet that is. */
export function showValid(counts: {
  readonly devices: number;
  readonly sites: number;
  readonly roles: number;
}): ActionResult {
  const verdict = `Valid: ${count(counts.devices, 'device')}, ${count(counts.sites, 'site')}, ${count(counts.roles, 'role')}`;
  return {
    verdict,
    text: `${verdict}
`,
    summary: `## ${verdict}
`,
    annotations: [],
    outputs: { problems: '0' },
  };
}
