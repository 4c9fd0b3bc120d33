import type { ApprovalDecision } from '../approvals/approval.ts';
import { renderDecision, summarizeDecision } from '../approvals/render-decision.ts';
import type { PullRequest, StickyComment } from '../forge/forge.ts';
import type { Run } from '../ledger/run.ts';
import { runFolder } from '../ledger/run-name.ts';
import type { CommentContext } from '../plans/comment-context.ts';
import type { InvalidFleet, NotPlanned, Plan } from '../plans/plan.ts';
import { renderComment, STICKY_MARKER } from '../plans/render-comment.ts';
import type { Requested } from '../plans/simulation.ts';
import { shortDigest } from '../plans/words.ts';
import type { ApprovalRules } from '../schemas/fleet.ts';
import { recoveryOf, workflowNamed } from '../workflows/all-workflows.ts';
import { batchViews, type RunInBatches } from './batches/batch-views.ts';
import { checkEnd, checkHead } from './checks.ts';
import { expiryHoursOf } from './decide-for.ts';
import { ledgerBranch, type ReconcilerDeps } from './deps.ts';
import { runOfGate } from './gates/gate-words.ts';
import { togetherAsOne } from './runs-beside.ts';

/** What people are told on a pull request: the one comment, and with it the checks. */

export interface PlanReport {
  readonly pullRequest: PullRequest;
  readonly plan: Plan;
  readonly decision: ApprovalDecision;
  /** Of the base branch. */
  readonly rules: ApprovalRules;
  readonly replaces?: NonNullable<CommentContext['replaces']>;
  readonly closed?: NonNullable<CommentContext['closed']>;
  /** The runs that carry it out, once there are any. */
  readonly runs?: readonly Run[];
}

/** Writes the comment for a plan, before or after the merge, and the checks on the head. */
export async function reportPlan(
  deps: ReconcilerDeps,
  report: PlanReport,
  signal: AbortSignal,
): Promise<StickyComment> {
  const { pullRequest, plan, decision, runs } = report;
  const comment = await writeComment(deps, pullRequest, plan, contextFor(deps, report), signal);
  if (!runs) await checkHead(deps, pullRequest.head.commit, { kind: 'plan', plan, decision }, comment.url, signal);
  return comment;
}

/** Writes the comment for a fleet that is not valid at the head, and fails its checks. */
export async function reportInvalid(
  deps: ReconcilerDeps,
  pullRequest: PullRequest,
  invalid: InvalidFleet,
  signal: AbortSignal,
): Promise<void> {
  const { number, head } = pullRequest;
  const comment = await writeComment(deps, pullRequest, invalid, { pullRequest: number }, signal);
  await checkHead(deps, head.commit, { kind: 'invalid', invalid }, comment.url, signal);
}

/** Writes why no switch was asked, and what unlocks it. */
export async function reportNotPlanned(
  deps: ReconcilerDeps,
  pullRequest: PullRequest,
  notPlanned: NotPlanned,
  signal: AbortSignal,
): Promise<void> {
  const { number, head } = pullRequest;
  const comment = await writeComment(deps, pullRequest, notPlanned, { pullRequest: number }, signal);
  await checkHead(deps, head.commit, { kind: 'not-planned', notPlanned }, comment.url, signal);
}

/** Writes what requests that only read would do, and that nobody has to approve them. */
export async function reportRequested(
  deps: ReconcilerDeps,
  pullRequest: PullRequest,
  requested: Requested,
  signal: AbortSignal,
): Promise<void> {
  const { number, head } = pullRequest;
  const comment = await writeComment(deps, pullRequest, requested, { pullRequest: number }, signal);
  await checkHead(deps, head.commit, { kind: 'requested', requested }, comment.url, signal);
}

/** Sends the readers of a merged pull request to the gate that asks for what would change now. */
export async function reportMoved(
  deps: ReconcilerDeps,
  {
    pullRequest,
    plan,
    gate,
    why,
  }: {
    readonly pullRequest: PullRequest;
    readonly plan: Plan;
    readonly gate: PullRequest;
    readonly why: string;
  },
  signal: AbortSignal,
): Promise<void> {
  const movedTo = { pullRequest: gate.number, url: gate.url, why };
  await writeComment(deps, pullRequest, plan, { ...contextFor(deps, { pullRequest, plan }), movedTo }, signal);
}

/** Tells how a run ended: the comments of all its pull requests, and the check on the commit that asked for it. */
export async function reportEnd(
  deps: ReconcilerDeps,
  {
    pages,
    run,
    beside,
    plan,
    plannedOn,
    inBatches = [],
  }: {
    readonly pages: readonly PullRequest[];
    readonly run: Run;
    /** Those that carry out the same commit elsewhere, this one among them. */
    readonly beside: readonly Run[];
    readonly plan?: Plan;
    /** The pull request the plan is kept under. */
    readonly plannedOn?: number;
    /** Those beside it that are carried out batch by batch. */
    readonly inBatches?: readonly RunInBatches[];
  },
  signal: AbortSignal,
): Promise<void> {
  let url = ledgerUrl(deps, run);
  for (const pullRequest of plan ? pages : []) {
    if (!plan) continue;
    const runs = runOfGate(pullRequest, deps.settings) === undefined ? beside : [run];
    const shown = inBatches.filter(({ run: { name } }) => runs.some((one) => one.name === name));
    const context = contextFor(deps, {
      pullRequest,
      plan,
      runs,
      inBatches: shown,
      ...(plannedOn === undefined ? {} : { plannedOn }),
    });
    url = (await writeComment(deps, pullRequest, plan, context, signal)).url;
  }
  const [first = run, ...others] = beside;
  await checkEnd(deps, run.commit, togetherAsOne([first, ...others]), url, signal);
}

type Shown = Pick<PlanReport, 'pullRequest' | 'plan'> &
  Partial<PlanReport> & { readonly plannedOn?: number; readonly inBatches?: readonly RunInBatches[] };

function contextFor(
  deps: ReconcilerDeps,
  {
    pullRequest,
    plan,
    decision,
    rules,
    replaces,
    closed,
    runs = [],
    plannedOn = pullRequest.number,
    inBatches = [],
  }: Shown,
): CommentContext {
  const isGate = runOfGate(pullRequest, deps.settings) !== undefined;
  const base = `${repositoryUrl(pullRequest)}/blob/${ledgerBranch(deps.settings)}`;
  const asksForApproval = plan.devices.some(({ kind }) => kind === 'changing');
  return {
    pullRequest: pullRequest.number,
    isGate,
    steps: workflowNamed(plan.workflow)?.stages.map(({ does }) => does) ?? plan.stages,
    fullPlanUrl: `${base}/plans/pr-${plannedOn}/${plan.digest.replace(/^p1:/, '')}.md`,
    ...(decision && rules && asksForApproval
      ? {
          approval: {
            kind: decision.kind,
            summary: summarizeDecision(decision),
            lines: renderDecision(decision),
            expiresAfterHours: expiryHoursOf(rules),
          },
        }
      : {}),
    ...(replaces ? { replaces } : {}),
    ...(closed ? { closed } : {}),
    ...(decision && !hasSome(runs)
      ? { commands: [...(asksForApproval ? [approving(plan)] : []), ...(isGate ? [] : COMMANDS)] }
      : {}),
    ...recoveryOfRuns(runs),
    ...(hasSome(runs)
      ? {
          run: {
            ...togetherAsOne(runs),
            ...(plan.batches && inBatches.length > 0
              ? { batches: batchViews(plan, inBatches, (number) => `${repositoryUrl(pullRequest)}/pull/${number}`) }
              : {}),
          },
          links: runs.map((run) => ({
            label: run.shard === undefined ? 'record of the run' : `record of the run at ${run.shard}`,
            url: `${base}/${runFolder(run)}/README.md`,
          })),
        }
      : {}),
  };
}

/** What people most often want to say of a plan; `help` names the rest. */
const COMMANDS = ['/pointsman plan', '/pointsman explain <device>', '/pointsman help'] as const;

/** The digest makes it exact: where another plan is on show by then, it is void. */
function approving({ digest }: Plan): string {
  return `/pointsman approve ${shortDigest(digest)}`;
}

/** What the workflow says of the stage that failed: data beside the stage, so that every page says the same. */
function recoveryOfRuns(runs: readonly Run[]): Pick<CommentContext, 'recovery'> {
  const [recovery] = runs.flatMap((run) => recoveryOf(run) ?? []);
  return recovery ? { recovery } : {};
}

function hasSome(runs: readonly Run[]): runs is readonly [Run, ...Run[]] {
  return runs.length > 0;
}

async function writeComment(
  deps: ReconcilerDeps,
  { number }: PullRequest,
  subject: Plan | InvalidFleet | NotPlanned | Requested,
  context: CommentContext,
  signal: AbortSignal,
): Promise<StickyComment> {
  return deps.forge.writeStickyComment(number, STICKY_MARKER, deps.redact(renderComment(subject, context)), signal);
}

function repositoryUrl({ url }: PullRequest): string {
  return url.replace(/\/pull\/\d+$/, '');
}

/** The page of a run on the ledger, for people. */
export function ledgerUrl(deps: ReconcilerDeps, run: Run): string {
  return `${deps.forge.webUrl}/blob/${ledgerBranch(deps.settings)}/${runFolder(run)}/README.md`;
}
