import type { CommentDetail } from './comment-detail.ts';
import type { Batch, Plan } from './plan.ts';
import type { LeftOut } from './render-groups.ts';
import { batchesInWords, expectedInWords } from './rollout-words.ts';
import { cellCode, code } from './safe-text.ts';
import { count, listNames } from './words.ts';

/** How a plan is worked through: the rollout in words, one row a batch, and folded which switch is in which. */
export function renderBatches(plan: Plan, detail: CommentDetail, leftOut: LeftOut): readonly string[] {
  const { batches = [] } = plan;
  return [
    ...renderRollout(plan, detail),
    ...(batches.length === 0 ? [] : renderTable(plan, batches, detail, leftOut)),
    ...(batches.length < 2 ? [] : renderMembers(batches, detail, leftOut)),
  ];
}

/** The rollout in words, for where its batches are told of in another way. */
export function renderRollout(plan: Plan, detail: CommentDetail): readonly string[] {
  const [first, ...more] = batchesInWords(plan);
  const expected = expectedInWords(plan.rollout, detail);
  return [
    ...(first === undefined ? [] : [`**In batches**: ${[first, ...more].join('; ')}.`, '']),
    ...(expected === undefined ? [] : [expected, '']),
  ];
}

function renderTable(
  { groups }: Plan,
  batches: readonly Batch[],
  detail: CommentDetail,
  leftOut: LeftOut,
): readonly string[] {
  const groupOf = new Map(groups.flatMap(({ name, devices }) => devices.map((device) => [device, name] as const)));
  const rest = batches.slice(detail.batchRows);
  if (rest.length > 0) leftOut('rows of the table of batches');
  const asking = rest.filter(({ gate }) => gate).length;
  const switches = rest.reduce((sum, { devices }) => sum + devices.length, 0);
  return [
    '| Batch | Switches | Groups | Asks |',
    '|---|---|---|---|',
    ...batches.slice(0, detail.batchRows).map(({ number, canary, gate, devices }) => {
      const cells = [
        `**${number}**${canary ? ' canaries' : ''}`,
        switchesCell(devices),
        groupsCell(devices, groupOf),
        gate ? '**an approval of its own**' : 'nothing more',
      ];
      return `| ${cells.join(' | ')} |`;
    }),
    ...(rest.length > 0
      ? [
          `| … ${count(rest.length, 'more batch', 'more batches')} | ${switches} | | ${asking > 0 ? `**${asking} of them**` : 'nothing more'} |`,
        ]
      : []),
    '',
  ];
}

/** Members of a batch seldom follow each other, so first and last would say something that is not so. */
function switchesCell(devices: readonly string[]): string {
  return devices.length <= 2 ? devices.map(cellCode).join(', ') : String(devices.length);
}

/** Never more than this in one cell; who is in which group stands in the diffs. */
const GROUPS_IN_CELL = 8;

/** `A 20, B 5` */
function groupsCell(devices: readonly string[], groupOf: ReadonlyMap<string, string>): string {
  const counts = new Map<string, number>();
  for (const device of devices) {
    const group = groupOf.get(device) ?? '?';
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  // In the order of the groups, which is that of care.
  const sorted = [...new Set(groupOf.values())].filter((group) => counts.has(group));
  return listNames(
    sorted.map((group) => `${group} ${counts.get(group)}`),
    GROUPS_IN_CELL,
    (text) => text,
  );
}

function renderMembers(batches: readonly Batch[], detail: CommentDetail, leftOut: LeftOut): readonly string[] {
  if (batches.length > detail.rows || batches.some(({ devices }) => devices.length > detail.names)) {
    leftOut('names of devices');
  }
  return [
    '<details><summary>Which switch is in which batch</summary>',
    '',
    ...batches
      .slice(0, detail.rows)
      .map(({ number, devices }) => `- **${number}**: ${listNames(devices, detail.names, code)}`),
    ...(batches.length > detail.rows ? [`- … and ${batches.length - detail.rows} more`] : []),
    '</details>',
    '',
  ];
}
