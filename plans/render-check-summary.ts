import { renderWithin } from './comment-detail.ts';
import type { InvalidFleet, Plan } from './plan.ts';
import { renderRollout } from './render-batches.ts';
import { renderOtherDevices } from './render-devices.ts';
import { renderGroupTable } from './render-groups.ts';
import { renderProblems } from './render-problems.ts';
import { renderWhatFrom } from './render-source.ts';
import { prose } from './safe-text.ts';
import { verdictOf } from './verdict.ts';

/** Characters. The forge takes 65,535. */
const BUDGET = 58_000;

/** The verdict, the table and what is blocked, for a check; the diffs are in the comment. */
export function renderCheckSummary(subject: Plan | InvalidFleet): string {
  return renderWithin(BUDGET, (detail) => {
    const short = { ...detail, names: Math.min(detail.names, 20) };
    let cut = false;
    const leftOut = () => {
      cut = true;
    };
    const lines =
      'digest' in subject
        ? [
            `## ${prose(verdictOf(subject, {}))}`,
            '',
            renderWhatFrom(subject),
            '',
            ...renderGroupTable(subject, short, leftOut),
            ...renderOtherDevices(subject, short, leftOut),
            ...renderRollout(subject, short),
            `Digest \`${subject.digest}\``,
          ]
        : renderProblems(subject, short, leftOut);
    return [
      ...lines,
      ...(cut ? ['', 'Not everything fits here; the comment on the pull request links to all of it.'] : []),
    ].join('\n');
  });
}
