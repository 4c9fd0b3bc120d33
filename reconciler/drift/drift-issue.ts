import type { DeviceDrift } from '../../ledger/ledger.ts';
import { wentBackLine } from '../../plans/render-drift.ts';
import { cellCode, cellProse, code, link, prose } from '../../plans/safe-text.ts';
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
  /** The rule that takes it back by itself, and the run it does so by. */
  readonly enforced?: { readonly by: string; readonly run: string; readonly url: string };
  /** Why its rule does not take it back by itself, though it may. May quote the fleet repo and a switch. */
  readonly notEnforced?: string;
}

const MOST_ROWS = 50;
const MOST_DIFFS = 10;
const MOST_NAMES = 8;
/** More in one cell push the others out of sight; the names stand above the difference as well. */
const MOST_NAMES_IN_ROW = 4;

/**
 * The one issue about all drift; `undefined` when there is none. Says nothing that changes by itself, or each look would edit
 * it.
 */
export function renderDriftIssue(
  shown: readonly FindingShown[],
  wentBack: readonly DeviceDrift[] = [],
): { readonly title: string; readonly body: string } | undefined {
  if (shown.length === 0) return undefined;
  const switches = new Set(shown.flatMap(({ finding }) => finding.devices)).size;
  return {
    title: `Pointsman: ${count(switches, 'switch runs', 'switches run')} something else than the fleet repo says`,
    body: [DRIFT_MARKER, ...renderFindings(shown), ...renderWentBack(wentBack)].join('\n'),
  };
}

/** What nobody has to decide about, so that whoever compares with the branch is not surprised. */
function renderWentBack(drifts: readonly DeviceDrift[]): readonly string[] {
  if (drifts.length === 0) return [];
  const rows = drifts.slice(0, MOST_ROWS).flatMap((drift) => wentBackLine(drift) ?? []);
  const hidden = drifts.length - MOST_ROWS;
  return [
    'No drift: these were taken back, and are compared with what they were taken back to. The next deploy that touches one ends that.',
    '',
    ...rows.map((row) => `- ${row}`),
    ...(hidden > 0 ? [`- … and ${hidden} more; \`pointsman drift\` lists all.`] : []),
    '',
  ];
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
    ...rows.slice(0, MOST_DIFFS).flatMap(({ finding }) => renderDifference(finding)),
    'In `-` is what the fleet repo says, in `+` what runs. **What to do:** merge or close the pull requests; where there is none, `/pointsman revert <device>` in a comment on any pull request opens one that takes the change back, `/pointsman adopt <device>` one that keeps it (in a terminal, `pointsman drift revert` and `pointsman drift adopt`). Rules are in `automation.yaml`. This issue closes by itself when nothing differs.',
    '',
  ];
}

/** What is done about a finding, as a table cell. */
export function doneAbout({ state, pullRequest, enforced, notEnforced }: FindingShown): string {
  if (enforced) return `taken back by ${cellProse(enforced.by)}, run ${link(cellCode(enforced.run), enforced.url)}`;
  const done = pullRequest ? `${state} ${link(`#${pullRequest.number}`, pullRequest.url)}` : cellProse(state);
  return notEnforced === undefined ? done : `${done}; not taken back by itself: ${cellProse(notEnforced)}`;
}

function renderRow(shown: FindingShown): string {
  const { id, devices, changes, more, since, by } = shown.finding;
  return `| ${[
    code(id),
    devicesCell(devices),
    String(changes.length + more),
    minuteOf(since),
    listNames(by, MOST_NAMES, cellCode),
    doneAbout(shown),
  ].join(' | ')} |`;
}

function devicesCell(devices: readonly string[]): string {
  const [first, last] = [devices[0], devices.at(-1)];
  if (devices.length <= MOST_NAMES_IN_ROW || first === undefined || last === undefined) {
    return devices.map(cellCode).join(', ');
  }
  return `${devices.length}: ${cellCode(first)} … ${cellCode(last)}`;
}

function renderDifference(finding: Finding): readonly string[] {
  const { id, devices, wentBack } = finding;
  const from = wentBack ? `, from ${prose(wentBack.to)}, to which ${code(wentBack.run)} took it back` : '';
  return [`${code(id)} on ${listNames(devices, MOST_NAMES_BELOW, code)}${from}`, '', ...driftLines(finding), ''];
}

const MOST_NAMES_BELOW = 40;
