import { isTextPath } from '../schemas/text-form.ts';
import type { CommentDetail } from './comment-detail.ts';
import { careOf } from './group-devices.ts';
import type { DiffGroup, Plan } from './plan.ts';
import { renderPath } from './render-change.ts';
import { CARE_WORDS, type RenderedDiff, renderDiff, renderMark } from './render-diff.ts';
import { cellCode, cellProse, code, cutMiddle, fenced, htmlCode } from './safe-text.ts';
import { count, listNames } from './words.ts';

/** Told what a rendering had to leave out, in words: `the middle of long diffs`. */
export type LeftOut = (what: string) => void;

/** One row a diff group: who, how much, and what it does beyond itself. */
export function renderGroupTable(
  { groups }: Pick<Plan, 'groups'>,
  detail: CommentDetail,
  leftOut: LeftOut,
): readonly string[] {
  if (groups.length === 0) return [];
  const rows = groups.slice(0, detail.rows).map((group) => {
    const cells = [
      `**${group.name}** ${cellCode(topicOf(group))}`,
      devicesCell(group.devices),
      String(group.added),
      String(group.changed),
      String(group.removed),
      impactCell(group, detail),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const rest = groups.slice(detail.rows);
  if (rest.length > 0) {
    leftOut('rows of the table');
    const sum = (pick: (group: DiffGroup) => number) => rest.reduce((total, group) => total + pick(group), 0);
    const care = rest.filter((group) => careOf(group) > 0).length;
    const impact = care > 0 ? `**${care} of them need care**` : 'none known';
    rows.push(
      `| … ${count(rest.length, 'more group')} | ${sum(({ devices }) => devices.length)} | ${sum(({ added }) => added)} | ${sum(({ changed }) => changed)} | ${sum(({ removed }) => removed)} | ${impact} |`,
    );
  }
  return ['| Group | Devices | + | ~ | − | Impact |', '|---|---|--:|--:|--:|---|', ...rows, ''];
}

/** One folded diff a group. */
export function renderGroups(plan: Plan, detail: CommentDetail, leftOut: LeftOut): readonly string[] {
  let plain = 0;
  return plan.groups.slice(0, detail.rows).flatMap((group) => {
    if (careOf(group) === 0) plain += 1;
    if (detail.diffLines === 0 || (careOf(group) === 0 && plain > detail.plainDiffs)) {
      leftOut('the diffs of some groups');
      return [];
    }
    return renderGroup(group, plan.request?.backTo, detail, leftOut);
  });
}

function renderGroup(
  group: DiffGroup,
  backTo: string | undefined,
  detail: CommentDetail,
  leftOut: LeftOut,
): readonly string[] {
  const { name, devices, changesDigest } = group;
  const diff = renderDiff(group, detail);
  noteLosses(group, diff, detail, leftOut);
  const alike = devices.length === 1 ? '1 device' : `${devices.length} devices, identical diff`;
  return [
    `<details><summary>Group ${name}, ${CARE_WORDS[careOf(group)]}${alike} ${htmlCode(changesDigest.slice(0, 8))}</summary>`,
    '',
    listNames(devices, detail.names, code),
    '',
    ...fenced('diff', diff.lines),
    ...(group.changes.some(({ change, origin }) => change.kind === 'unset' && origin === undefined)
      ? [
          '',
          `What is unset stands on the switch and ${backTo === undefined ? 'nowhere in the fleet repo' : 'not in what it goes back to'}.`,
        ]
      : []),
    '</details>',
    '',
  ];
}

function noteLosses(
  { devices, changes }: DiffGroup,
  diff: RenderedDiff,
  detail: CommentDetail,
  leftOut: LeftOut,
): void {
  if (!detail.origins && changes.some(({ origin }) => origin !== undefined)) leftOut('the file each line comes from');
  if (diff.hiddenLines > 0) leftOut('the middle of long diffs');
  if (diff.cutLines) leftOut('the middle of long lines');
  if (devices.length > detail.names) leftOut('names of devices');
}

/** What a group is about: the path all its changes share, or the parts of the configuration it reaches into. */
function topicOf({ changes }: DiffGroup): string {
  const paths = changes.map(({ change }) => change.path);
  const [first = []] = paths;
  const shared = first.findIndex((key, index) => paths.some((path) => path[index] !== key));
  const common = shared === -1 ? first : first.slice(0, shared);
  const onlyTheFile = isTextPath(common) && common.length === 1;
  if (common.length > 0 && !onlyTheFile) return cutMiddle(renderPath(common), 80);
  const parts = [...new Set(paths.map((path) => renderPath(path.slice(0, 2))))];
  return cutMiddle(parts.length > 3 ? `${parts.slice(0, 3).join(', ')}, …` : parts.join(', '), 80);
}

function devicesCell(devices: readonly string[]): string {
  const [first = '', last = ''] = [devices[0], devices.at(-1)];
  if (devices.length <= 2) return devices.map(cellCode).join(', ');
  return `${devices.length}: ${cellCode(first)} … ${cellCode(last)}`;
}

/** Never more than this in one cell; every mark stands in the diff. */
const REASONS_IN_CELL = 3;

function impactCell({ changes }: DiffGroup, { sentence }: CommentDetail): string {
  const marks = new Map(changes.flatMap(({ marks }) => marks).map((mark) => [renderMark(mark), mark]));
  const sorted = [...marks.values()].sort((a, b) => (a.kind === b.kind ? 0 : a.kind === 'management' ? -1 : 1));
  if (sorted.length === 0) return 'none known';
  const shown = sorted.slice(0, REASONS_IN_CELL).map((mark) => {
    const [kind] = renderMark(mark).split(':');
    return `**${kind}**: ${cellProse(cutMiddle(mark.reason, Math.min(sentence, 200)))}`;
  });
  const more = sorted.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
