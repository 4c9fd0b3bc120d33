import type { BatchView, RunView } from './comment-context.ts';
import type { CommentDetail } from './comment-detail.ts';
import { countOutcomes, sumOutcomes } from './outcome-counts.ts';
import { link } from './safe-text.ts';
import { count } from './words.ts';

/** How the batches of a run stand: what needs a person above what is under way, what is done below. */
export function renderBatchProgress(
  { batches = [], endedAt }: Pick<RunView, 'batches' | 'endedAt'>,
  { batchRows }: CommentDetail,
): readonly string[] {
  const words = endedAt === undefined ? STATE_WORDS : { ...STATE_WORDS, waiting: 'not begun' };
  const rows = rowsOf(batches, batchRows);
  const shown = rows.slice(0, batchRows);
  const rest = rows.slice(batchRows).flat();
  return [
    '| Batch | State | Switches | How they came out |',
    '|---|---|--:|---|',
    ...shown.map((row) => renderRow(row, words)),
    ...(rest.length > 0
      ? [
          `| … ${count(rest.length, 'more batch', 'more batches')} | ${statesOf(rest, words)} | ${countSwitches(rest)} | ${outcomesCell(rest)} |`,
        ]
      : []),
    '',
  ];
}

type State = BatchView['state'];

type StateWords = Readonly<Record<State, string>>;

const STATE_WORDS: StateWords = {
  failed: '**failed**',
  asks: '**asks for an approval**',
  held: 'held',
  running: 'under way',
  waiting: 'waiting',
  done: 'done',
};

const CARE = Object.keys(STATE_WORDS) as readonly State[];

/** One row a batch, the worst first. Those that wait are alike, so they are one; so are those done where there are many. */
function rowsOf(batches: readonly BatchView[], most: number): readonly (readonly BatchView[])[] {
  const of = (state: State) => batches.filter((batch) => batch.state === state);
  const waiting = of('waiting');
  const alone = CARE.filter((state) => state !== 'waiting' && state !== 'done').flatMap(of);
  const done = of('done');
  const isTooMuch = alone.length + done.length + (waiting.length > 0 ? 1 : 0) > most;
  return [
    ...alone.map((batch) => [batch]),
    ...(waiting.length > 0 ? [waiting] : []),
    ...(isTooMuch && done.length > 0 ? [done] : done.map((batch) => [batch])),
  ];
}

function renderRow(batches: readonly BatchView[], words: StateWords): string {
  const [first] = batches;
  const gate = batches.length === 1 ? first?.gate : undefined;
  const state = first ? words[first.state] : '';
  const cells = [
    `**${rangesOf(batches)}**${batches.every(({ canary }) => canary) ? ' canaries' : ''}`,
    gate ? `${state}: ${link(`#${gate.pullRequest}`, gate.url)}` : state,
    String(countSwitches(batches)),
    outcomesCell(batches),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** `1`, `2 to 4, 7`: numbers of batches in their order. */
function rangesOf(batches: readonly BatchView[]): string {
  const ranges: { readonly from: number; to: number }[] = [];
  for (const { number } of batches) {
    const last = ranges.at(-1);
    if (last && last.to === number - 1) last.to = number;
    else ranges.push({ from: number, to: number });
  }
  const words = ranges.map(({ from, to }) => (from === to ? String(from) : `${from} to ${to}`));
  return words.length > 3 ? `${words.slice(0, 3).join(', ')}, …` : words.join(', ');
}

function statesOf(batches: readonly BatchView[], words: StateWords): string {
  return CARE.flatMap((state) => {
    const number = batches.filter((batch) => batch.state === state).length;
    return number > 0 ? [`${number} ${words[state]}`] : [];
  }).join(', ');
}

function countSwitches(batches: readonly BatchView[]): number {
  return batches.reduce((sum, { devices }) => sum + devices, 0);
}

function outcomesCell(batches: readonly BatchView[]): string {
  return countOutcomes(sumOutcomes(batches.map(({ outcomes }) => outcomes))).join(', ');
}
