import type { CommentContext, RunView } from './comment-context.ts';
import { type CommentDetail, renderWithin } from './comment-detail.ts';
import type { InvalidFleet, NotPlanned, Plan } from './plan.ts';
import { renderBatches, renderRollout } from './render-batches.ts';
import { renderDeviceCounts, renderDeviceReasons, renderOtherDevices } from './render-devices.ts';
import { type LeftOut, renderGroups, renderGroupTable } from './render-groups.ts';
import { renderNotPlanned } from './render-not-planned.ts';
import { renderProblems } from './render-problems.ts';
import { renderOutlook, renderRequest } from './render-request.ts';
import { renderRequested } from './render-requested.ts';
import { renderRun } from './render-run.ts';
import { renderWhatFrom } from './render-source.ts';
import { rolloutNotes } from './rollout-words.ts';
import { code, link, prose, showsInvisible } from './safe-text.ts';
import type { Requested } from './simulation.ts';
import { verdictOf } from './verdict.ts';
import { count, durationOf, shortDigest } from './words.ts';

/** Our comment on a pull request is found again by this, in its first line. */
export const STICKY_MARKER = 'pointsman:plan';

/** Characters. The forge takes 65,536; the rest is for what it counts differently than we do. */
const BUDGET = 58_000;

/** How long a plan is good for: until what it was made from moves, whenever that is. */
const VALID = ' · valid as long as this head and what would change stay as they are';

/**
 * The one comment on a pull request: the verdict first, what would change and for whom, what is needed to go on, and later
 * what happened. Equal facts give equal text, so a comment is only edited when something is new.
 *
 * What does not fit the forge's limit is left out step by step, see {@link renderWithin}, and the comment says so.
 */
export function renderComment(subject: Plan | InvalidFleet | NotPlanned | Requested, context: CommentContext): string {
  const marker = renderMarker(context.pullRequest, 'digest' in subject ? subject.digest : undefined);
  return renderWithin(BUDGET, (detail) => {
    if ('digest' in subject && leastLength(subject, detail) > BUDGET) return undefined;
    return [marker, ...renderBody(subject, context, detail)].join('\n');
  });
}

function renderMarker(pullRequest: number, digest: string | undefined): string {
  return `<!-- ${STICKY_MARKER} v1 pr=${pullRequest}${digest === undefined ? '' : ` digest=${digest}`} -->`;
}

/** Shortest a line of a diff can be. What cannot fit is not rendered first to find out. */
const SHORTEST_LINE = 8;

function leastLength({ groups }: Plan, { diffLines, plainDiffs }: CommentDetail): number {
  return groups
    .slice(0, plainDiffs)
    .reduce((sum, { changes }) => sum + Math.min(changes.length, diffLines) * SHORTEST_LINE, 0);
}

function renderBody(
  subject: Plan | InvalidFleet | NotPlanned | Requested,
  context: CommentContext,
  detail: CommentDetail,
): readonly string[] {
  const missing = new Set<string>();
  const leftOut: LeftOut = (what) => missing.add(what);
  const sections =
    'digest' in subject
      ? renderPlan(subject, context, detail, leftOut)
      : 'reason' in subject
        ? renderNotPlanned(subject, detail)
        : 'simulations' in subject
          ? renderRequested(subject, detail, leftOut)
          : renderProblems(subject, detail, leftOut);
  return [
    ...sections,
    ...(sections.some(showsInvisible)
      ? ['Some text above holds invisible or direction-changing characters. They are shown as `⟨U+…⟩`.', '']
      : []),
    ...renderLosses(missing, context),
    ...renderLinks(context),
    ...('digest' in subject ? renderFooter(subject, context) : []),
  ];
}

function renderPlan(plan: Plan, context: CommentContext, detail: CommentDetail, leftOut: LeftOut): readonly string[] {
  const { replaces, movedTo, run } = context;
  return [
    `## ${movedTo && !run ? verdictOf(plan, context) : prose(verdictOf(plan, context))}`,
    '',
    ...(movedTo === undefined
      ? []
      : [
          `**What was approved here was not applied**: ${prose(movedTo.why)}. ${link(`#${movedTo.pullRequest}`, movedTo.url)} shows what would change now and asks for its approval.`,
          '',
        ]),
    ...(replaces === undefined
      ? []
      : [
          `**This plan replaces ${code(shortDigest(replaces.digest))}**: ${prose(replaces.why)}. An approval of the old one does not hold for this one.`,
          '',
        ]),
    run || plan.groups.length === 0 ? renderWhatFrom(plan) : `${renderWhatFrom(plan)}${VALID}`,
    '',
    ...renderRequest(plan, detail),
    ...(run || plan.groups.length === 0 ? [] : renderOutlook(context, detail)),
    ...(run?.batches
      ? renderRunInBatches(plan, run, context, detail, leftOut)
      : renderWhatChanges(plan, context, detail, leftOut)),
    ...renderGroups(plan, detail, leftOut),
    ...renderSteps(plan, context, detail, leftOut),
    ...renderApproval(context, detail, leftOut),
    ...renderNext(plan, context),
  ];
}

function renderWhatChanges(
  plan: Plan,
  context: CommentContext,
  detail: CommentDetail,
  leftOut: LeftOut,
): readonly string[] {
  const { run, recovery } = context;
  return [
    ...(run ? renderRun(run, recovery, detail, leftOut) : []),
    ...renderGroupTable(plan, detail, leftOut),
    ...renderOtherDevices(plan, detail, leftOut),
    ...renderBatches(plan, detail, leftOut),
  ];
}

/** How the batches stand is what people come for then; what was approved is folded. */
function renderRunInBatches(
  plan: Plan,
  run: RunView,
  { recovery }: CommentContext,
  detail: CommentDetail,
  leftOut: LeftOut,
): readonly string[] {
  return [
    ...renderRun(run, recovery, detail, leftOut),
    ...renderDeviceCounts(plan),
    `<details><summary>What was planned: ${count(plan.groups.length, 'group')} in ${count(plan.batches?.length ?? 1, 'batch', 'batches')}</summary>`,
    '',
    ...renderGroupTable(plan, detail, leftOut),
    ...renderDeviceReasons(plan, detail, leftOut),
    ...renderRollout(plan, detail),
    '</details>',
    '',
  ];
}

function renderSteps(
  plan: Plan,
  { steps, run }: CommentContext,
  detail: CommentDetail,
  leftOut: LeftOut,
): readonly string[] {
  if (plan.groups.length === 0 || run?.endedAt !== undefined) return [];
  if (!detail.steps) {
    leftOut('what will happen, stage by stage');
    return [];
  }
  const { devicesAtOnce, confirmWithinSeconds, barrier } = plan.rollout;
  const alone = barrier
    ? 'The switches of a batch are confirmed when all of them are proven; one that is not takes its batch back. This comment will say what each one runs.'
    : 'Each device succeeds or fails by itself, nothing is confirmed that was not proven, and this comment will say what each one runs.';
  const changing = plan.groups.reduce((sum, { devices }) => sum + devices.length, 0);
  return [
    '<details><summary>What will happen, in order</summary>',
    '',
    ...(steps ?? plan.stages.map((stage) => code(stage))).map((step, index) => `${index + 1}. ${step}`),
    '',
    `At most ${count(Math.min(devicesAtOnce, changing), 'device')} at a time. A switch waits ${durationOf(confirmWithinSeconds)} for the confirmation; without it, it goes back to its old configuration by itself.`,
    alone,
    ...rolloutNotes(plan, detail),
    '</details>',
    '',
  ];
}

function renderApproval({ approval }: CommentContext, detail: CommentDetail, leftOut: LeftOut): readonly string[] {
  if (!approval) return [];
  const rest = approval.lines.length - detail.rows;
  if (rest > 0) leftOut('some reviews');
  return [
    '**Approval**',
    '',
    ...approval.lines.slice(0, detail.rows),
    ...(rest > 0 ? [`- … and ${rest} more`] : []),
    '',
  ];
}

function renderNext(plan: Plan, { approval, run, isGate, movedTo }: CommentContext): readonly string[] {
  if (run?.endedAt !== undefined) return [];
  if (movedTo) return [`**Next:** review ${link(`#${movedTo.pullRequest}`, movedTo.url)}.`, ''];
  if (plan.groups.length === 0) {
    const advice = new Set(plan.devices.flatMap((device) => (device.kind === 'blocked' ? [device.error.next] : [])));
    const [only, ...others] = advice;
    if (only === undefined) return ['**Next:** nothing to do.', ''];
    return [`**Next:** ${others.length === 0 ? prose(only) : 'clear what blocks the devices above.'}`, ''];
  }
  if (!approval) return run?.stages.some(({ state }) => state === 'FAILED') ? [`**Next:** ${nextOfRun(run)}`, ''] : [];
  const hours = `An approval holds for ${count(approval.expiresAfterHours, 'hour')}.`;
  const next = {
    granted: run
      ? nextOfRun(run)
      : isGate
        ? 'nothing to do, the next pass applies it.'
        : 'merge. Nothing is changed before.',
    waiting: isGate
      ? `approve this pull request to let it go on, or close it to reject. ${hours}`
      : run
        ? `approve this pull request to go on: it is merged and waits. ${hours}`
        : `approve this pull request, then merge. ${hours}`,
    rejected: 'settle what the review asks for. Nothing is changed until then.',
    void: `review again: approve this pull request for the plan shown here. ${hours}`,
  }[approval.kind];
  return [`**Next:** ${next}`, ''];
}

/** What there is to do about an approved run that has not ended. */
function nextOfRun({ name, status, stages, hold, batches = [] }: RunView): string {
  // Of several runs that are told as one the command can be given to each.
  const named = name.includes(', ') ? '<run>' : name;
  const stopped = stages.findLast(({ state }) => state === 'FAILED');
  if (stopped) return `${code(`/pointsman retry ${named} ${stopped.name}`)} goes on, once you have seen what failed.`;
  const asks = batches.find(({ state, gate }) => state === 'asks' && gate);
  if (asks?.gate) {
    return `review ${link(`#${asks.gate.pullRequest}`, asks.gate.url)}: batch ${asks.number} begins when that is approved.`;
  }
  if (status === 'PAUSED') return `${code(`/pointsman resume ${named}`)} lets it go on.`;
  return hold ? 'nothing to do, it goes on by itself.' : 'nothing to do, the change is being applied.';
}

function renderLosses(missing: ReadonlySet<string>, { fullPlanUrl }: CommentContext): readonly string[] {
  if (missing.size === 0) return [];
  const where = fullPlanUrl === undefined ? '' : ` All of it is in the ${link('full plan', fullPlanUrl)}.`;
  return [`**Left out to fit into a comment:** ${[...missing].join(', ')}.${where}`, ''];
}

function renderLinks({ commands = [], links = [], fullPlanUrl }: CommentContext): readonly string[] {
  const all = [
    ...commands.map(code),
    ...(fullPlanUrl === undefined ? [] : [link('full plan', fullPlanUrl)]),
    ...links.map(({ label, url }) => link(label, url)),
  ];
  return all.length === 0 ? [] : [all.join(' · '), ''];
}

function renderFooter({ digest, groups }: Plan, { run }: CommentContext): readonly string[] {
  if (groups.length === 0) return [];
  const means =
    run?.endedAt === undefined
      ? `Approving accepts digest <code>${digest}</code> only.`
      : `Digest <code>${digest}</code>.`;
  return [`<sub>Edited in place. ${means}</sub>`];
}
