import { EVERYTHING } from './comment-detail.ts';
import type { ChangingDevice, Plan } from './plan.ts';
import { renderBatches } from './render-batches.ts';
import { renderOtherDevices } from './render-devices.ts';
import { renderGroups, renderGroupTable } from './render-groups.ts';
import { renderRequest } from './render-request.ts';
import { renderWhatFrom } from './render-source.ts';
import { rolloutNotes } from './rollout-words.ts';
import { cellCode, code, prose, showsInvisible } from './safe-text.ts';
import { verdictOf } from './verdict.ts';
import { count, durationOf } from './words.ts';

/** The whole plan as a page of the ledger: every diff in full, and the evidence the digest stands on. */
export function renderPlanMarkdown(plan: Plan): string {
  const nothing = () => {};
  const { rollout, workflow, stages, source } = plan;
  const lines = [
    `# ${prose(verdictOf(plan, {}))}`,
    '',
    renderWhatFrom(plan),
    '',
    `Digest ${code(plan.digest)}, workflow ${code(workflow)}: ${stages.map(code).join(' → ')}.`,
    `At most ${count(rollout.devicesAtOnce, 'device')} at a time, each confirmed within ${durationOf(rollout.confirmWithinSeconds)} or reverted by itself.`,
    ...rolloutNotes(plan, EVERYTHING),
    '',
    ...renderRequest(plan, EVERYTHING),
    ...renderGroupTable(plan, EVERYTHING, nothing),
    ...renderOtherDevices(plan, EVERYTHING, nothing),
    ...renderBatches(plan, EVERYTHING, nothing),
    ...renderGroups(plan, EVERYTHING, nothing),
    ...renderEvidence(plan.devices.filter((device) => device.kind === 'changing')),
    `Head ${code(source.head)}, base ${code(source.base)}, tree ${code(source.tree)}.`,
  ];
  const note = 'Some text above holds invisible or direction-changing characters. They are shown as `⟨U+…⟩`.';
  return `${[...lines, ...(lines.some(showsInvisible) ? ['', note] : [])].join('\n')}\n`;
}

const TRIAL_WORDS: Readonly<Record<ChangingDevice['trial'], string>> = {
  accepted: 'accepted',
  'not-permitted': 'not permitted to the plan login',
  'not-asked': 'not asked',
};

function renderEvidence(devices: readonly ChangingDevice[]): readonly string[] {
  if (devices.length === 0) return [];
  return [
    '## Evidence',
    '',
    '| Device | Serial | Version | Certificate | Digest | Running | Base | Trial |',
    '|---|---|---|---|---|---|---|---|',
    ...devices.map(({ device, identity, digest, runningDigest, baseToken, trial }) => {
      const cells = [device, identity.serial, identity.version, identity.pin, digest, runningDigest, baseToken];
      return `| ${cells.map(cellCode).join(' | ')} | ${TRIAL_WORDS[trial]} |`;
    }),
    '',
  ];
}
