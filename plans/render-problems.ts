import { renderProblems as renderAsText } from '../schemas/render-problems.ts';
import type { CommentDetail } from './comment-detail.ts';
import type { InvalidFleet } from './plan.ts';
import type { LeftOut } from './render-groups.ts';
import { code, cutMiddle, fenced } from './safe-text.ts';
import { count, shortCommit } from './words.ts';

/** Instead of a plan: everything wrong with the fleet, where, and what was expected. */
export function renderProblems(
  { source, problems }: InvalidFleet,
  detail: CommentDetail,
  leftOut: LeftOut,
): readonly string[] {
  const files = new Set(problems.map(({ file }) => file)).size;
  const shown = problems.slice(0, detail.rows);
  if (shown.length < problems.length) leftOut('some of the problems');
  return [
    `## Not planned: ${count(problems.length, 'problem')} in ${count(files, 'file')}`,
    '',
    `The fleet at ${code(shortCommit(source.head))} is not valid. No switch was contacted and nothing can be applied.`,
    '',
    ...fenced(
      'text',
      renderAsText(shown)
        .split('\n')
        .map((line) => cutMiddle(line, detail.sentence)),
    ),
    '',
    '**Next:** mend these and push; the plan is made again by itself.',
    '',
  ];
}
