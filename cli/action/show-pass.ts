import { cellCode, cellProse, visible } from '../../plans/safe-text.ts';
import { count } from '../../plans/words.ts';
import type { PassReport } from '../../reconciler/pass.ts';
import type { ActionResult } from './action-result.ts';

/** A pass on the page of the run: what went on, what waits, what could not be done. */
export function showPass(report: PassReport): ActionResult {
  const { runs, pullRequests, failures } = report;
  const waiting = runs.filter((run) => run.kind === 'waiting');
  const unwell = runs.filter((run) => run.kind === 'ended' && run.status !== 'COMPLETED');
  const ended = runs.length - waiting.length;
  const parts = [
    ...(failures.length > 0 ? [`${count(failures.length, 'thing')} could not be done`] : []),
    ...(unwell.length > 0 ? [`${count(unwell.length, 'run')} did not complete`] : []),
    ...(ended > unwell.length ? [`${count(ended - unwell.length, 'run')} completed`] : []),
    ...(waiting.length > 0 ? [`${count(waiting.length, 'run waits', 'runs wait')}`] : []),
    ...(pullRequests.length > 0 ? [`${count(pullRequests.length, 'pull request')} looked at`] : []),
  ];
  const verdict = `Pass: ${parts.length > 0 ? parts.join(', ') : 'nothing is due'}`;
  const summary = [
    `## ${verdict}`,
    ...table(
      ['Could not be done', 'Why', 'What to do'],
      failures.map(({ about, error }) => [cellProse(about), cellProse(error.message), cellProse(error.next)]),
    ),
    ...table(
      ['Run', 'State', 'Why', 'What to do'],
      runs.map((run) =>
        run.kind === 'ended'
          ? [cellCode(run.run), run.status.toLowerCase(), '', '']
          : [cellCode(run.run), 'waits', cellProse(run.why), nextCell(run.next)],
      ),
    ),
    ...table(
      ['Pull request', 'What was found'],
      pullRequests.map((found) => [
        `#${found.number}`,
        'why' in found ? cellProse(`${found.kind}: ${found.why}`) : found.kind,
      ]),
    ),
  ];
  const text = [
    verdict,
    ...failures.map(({ about, error }) => `  ${visible(about)}: ${visible(error.message)} (${error.code})`),
    ...runs.map(
      (run) =>
        `  ${visible(run.run)}: ${run.kind === 'ended' ? run.status.toLowerCase() : `waits, ${visible(run.why)}${run.next === undefined ? '' : `. Next: ${visible(run.next)}`}`}`,
    ),
  ];
  return {
    verdict,
    text: `${text.join('\n')}\n`,
    summary: `${summary.join('\n')}\n`,
    annotations: failures.map(({ about, error }) => ({
      level: 'error',
      title: `${visible(about)}: not done`,
      message: `${visible(error.message)} (${error.code})\n${visible(error.next)}`,
    })),
    outputs: { waiting: String(waiting.length), failures: String(failures.length + unwell.length) },
  };
}

function nextCell(next: string | undefined): string {
  return next === undefined ? 'nothing; the next pass looks again' : cellProse(next);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return ['', line(head), line(head.map(() => '---')), ...rows.map(line)];
}
