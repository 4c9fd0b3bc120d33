import { EVERYTHING } from './comment-detail.ts';
import type { Plan } from './plan.ts';
import { renderOtherDevices } from './render-devices.ts';
import { renderGroups, renderGroupTable } from './render-groups.ts';
import { code, showsInvisible } from './safe-text.ts';
import { count, shortCommit, spanOf } from './words.ts';

/** What switches were found to differ in, as a page: every diff in full, and nothing that asks for anything. */
export function renderDifference(plan: Plan): string {
  const nothing = () => {};
  const { devices, source } = plan;
  const differing = devices.filter(({ kind }) => kind === 'changing').length;
  const asked = devices.filter(({ kind }) => kind !== 'blocked').length;
  const read =
    source.readFrom === undefined ? '' : `, read ${spanOf(source.readFrom, source.readTo ?? source.readFrom)}`;
  const lines = [
    `# ${differing === 0 ? 'No difference' : `${differing} differ`}, ${count(asked, 'switch', 'switches')} asked`,
    '',
    `What they run${read}, beside what the fleet repo says at ${code(shortCommit(source.head))}. A line with + is intended and missing, one with − runs and is not intended. Nothing was sent to a switch but questions.`,
    '',
    ...renderGroupTable(plan, EVERYTHING, nothing),
    ...renderOtherDevices(plan, EVERYTHING, nothing),
    ...renderGroups(plan, EVERYTHING, nothing),
  ];
  const note = 'Some text above holds invisible or direction-changing characters. They are shown as `⟨U+…⟩`.';
  return `${[...lines, ...(lines.some(showsInvisible) ? [note] : [])].join('\n').trimEnd()}\n`;
}
