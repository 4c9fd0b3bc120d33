import { cellCode, cellProse, code, link } from '../../plans/safe-text.ts';
import { count, listNames, minuteOf } from '../../plans/words.ts';
import type { Finding } from './findings.ts';
import { driftLines } from './proposal-words.ts';

export const DRIFT_MARKER = '<!-- pointsman:alarm:drift -->';

/** A finding and what is done about it, in words. */
export interface FindingShown {
  readonly finding: Finding;
  /** Our own words. */
  readonly state: string;
  readonly pullRequest?: { readonly number: number; readonly url: string };
}

const MOST_ROWS = 50;
const MOST_DIFFS = 10;
const MOST_NAMES = 8;

/**
 * The one issue about all drift; `undefined` when there is none. Says nothing that changes by itself, or each look would edit
 * it.
 */
export function renderDriftIssue(
  shown: readonly FindingShown[],
): { readonly title: string; readonly body: string } | undefined {
  if (shown.length === 0) return undefined;
  const switches = new Set(shown.flatMap(({ finding }) => finding.devices)).size;
  return {
    title: `Pointsman: ${count(switches, 'switch runs', 'switches run')} something else than the fleet repo says`,
    body: [DRIFT_MARKER, ...renderFindings(shown)].join('\n'),
  };
}

/** Every finding in a table, then what differs. */
function renderFindings(shown: readonly FindingShown[]): readonly string[] {
  const rows = shown.slice(0, MOST_ROWS);
  const hidden = shown.length - rows.length;
  return [
    'Nobody merged these differences. One row is one difference, on all switches that have it.',
    '',
    '| | Switches | Settings | First seen | By | What is done |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map(renderRow),
    ...(hidden === 0 ? [] : ['', `And ${count(hidden, 'difference')} more; \`pointsman drift\` lists all.`]),
    '',
    ...rows.slice(0, MOST_DIFFS).flatMap(({ finding }) => [`${code(finding.id)}`, '', ...driftLines(finding), '']),
    'In `-` is what the fleet repo says, in `+` what runs. **What to do:** merge or close the pull requests; where there is none, `pointsman drift revert <device>` opens one that takes the change back, `pointsman drift adopt <device>` one that keeps it. Rules are in `automation.yaml`. This issue closes by itself when nothing differs.',
    '',
  ];
}

function renderRow({ finding, state, pullRequest }: FindingShown): string {
  const { id, devices, changes, more, since, by } = finding;
  const done = pullRequest ? `${state} ${link(`#${pullRequest.number}`, pullRequest.url)}` : cellProse(state);
  return `| ${[
    code(id),
    listNames(devices, MOST_NAMES, cellCode),
    String(changes.length + more),
    minuteOf(since),
    listNames(by, MOST_NAMES, cellCode),
    done,
  ].join(' | ')} |`;
}
