import type { ApprovalDecision } from '../approvals/approval.ts';
import { renderDecision, summarizeDecision } from '../approvals/render-decision.ts';
import type { CheckConclusion, PullRequest, StickyComment } from '../forge/forge.ts';
import type { Run } from '../ledger/run.ts';
import { runFolder } from '../ledger/run-name.ts';
import type { CommentContext } from '../plans/comment-context.ts';
import type { InvalidFleet, Plan } from '../plans/plan.ts';
import { renderCheckSummary } from '../plans/render-check-summary.ts';
import { renderComment, STICKY_MARKER } from '../plans/render-comment.ts';
import type { ApprovalRules } from '../schemas/fleet.ts';
import { configurationDeploy } from '../workflows/configuration-deploy.ts';
import { expiryHoursOf } from './decide-for.ts';
import { ledgerBranch, type ReconcilerDeps } from './deps.ts';

/** What people are told on a pull request: the one comment, and the checks. */

const PLAN_CHECK = 'pointsman / plan';
const DEPLOY_CHECK = 'pointsman / deploy';

export interface PlanReport {
  readonly pullRequest: PullRequest;
  readonly plan: Plan;
  readonly decision: ApprovalDecision;
  /** Of the base branch. */
  readonly rules: ApprovalRules;
  readonly replaces?: NonNullable<CommentContext['replaces']>;
  readonly run?: Run;
}

/** Writes the comment for a plan, before or after the merge, and the plan's check on the head. */
export async function reportPlan(
  deps: ReconcilerDeps,
  report: PlanReport,
  signal: AbortSignal,
): Promise<StickyComment> {
  const { pullRequest, plan, decision, run } = report;
  const comment = await writeComment(deps, pullRequest, plan, contextFor(deps, report), signal);
  if (!run) await reportPlanCheck(deps, pullRequest, plan, decision, comment, signal);
  return comment;
}

/** Writes the comment for a fleet that is not valid at the head, and fails its check. */
export async function reportInvalid(
  deps: ReconcilerDeps,
  pullRequest: PullRequest,
  invalid: InvalidFleet,
  signal: AbortSignal,
): Promise<StickyComment> {
  const comment = await writeComment(deps, pullRequest, invalid, { pullRequest: pullRequest.number }, signal);
  const count = invalid.problems.length;
  await deps.forge.reportCheck(
    {
      name: PLAN_CHECK,
      commit: pullRequest.head.commit,
      conclusion: 'failure',
      title: `${count} ${count === 1 ? 'problem' : 'problems'} in the fleet`,
      summary: deps.redact(renderCheckSummary(invalid)),
      detailsUrl: comment.url,
    },
    signal,
  );
  return comment;
}

/** Tells how a run ended: the comment, and the check on the commit that asked for it. */
export async function reportEnd(
  deps: ReconcilerDeps,
  { pullRequest, run, plan }: { readonly pullRequest?: PullRequest; readonly run: Run; readonly plan?: Plan },
  signal: AbortSignal,
): Promise<void> {
  let url: string | undefined;
  if (pullRequest && plan) {
    const context = contextFor(deps, { pullRequest, plan, run });
    url = (await writeComment(deps, pullRequest, plan, context, signal)).url;
  }
  const well = run.status === 'COMPLETED';
  await deps.forge.reportCheck(
    {
      name: DEPLOY_CHECK,
      commit: run.commit,
      conclusion: conclusionOf(run),
      title: deps.redact(`${run.status.toLowerCase()}: ${run.why ?? ''}`),
      summary: deps.redact(
        well
          ? 'Every switch runs what the merged commit says.'
          : 'Not every switch runs what the merged commit says. The comment on the pull request tells each switch’s state and what to do.',
      ),
      detailsUrl: url ?? ledgerUrl(deps, run),
    },
    signal,
  );
}

function conclusionOf({ status }: Run): CheckConclusion {
  if (status === 'COMPLETED') return 'success';
  return status === 'REJECTED' || status === 'TERMINATED' ? 'cancelled' : 'failure';
}

function contextFor(
  deps: ReconcilerDeps,
  { pullRequest, plan, decision, rules, replaces, run }: Partial<PlanReport> & Pick<PlanReport, 'pullRequest' | 'plan'>,
): CommentContext {
  const base = `${repositoryUrl(pullRequest)}/blob/${ledgerBranch(deps.settings)}`;
  const asksForApproval = plan.devices.some(({ kind }) => kind === 'changing');
  return {
    pullRequest: pullRequest.number,
    steps: configurationDeploy.stages.map(({ does }) => does),
    fullPlanUrl: `${base}/plans/pr-${pullRequest.number}/${plan.digest.replace(/^p1:/, '')}.md`,
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
    ...recoveryOf(run),
    ...(run ? { run, links: [{ label: 'record of the run', url: `${base}/${runFolder(run)}/README.md` }] } : {}),
  };
}

/** What the workflow says of the stage that failed: data beside the stage, so that every page says the same. */
function recoveryOf(run: Run | undefined): Pick<CommentContext, 'recovery'> {
  const failed = run?.stages.find(({ state }) => state === 'FAILED');
  const stage = configurationDeploy.stages.find(({ name }) => name === failed?.name);
  return stage ? { recovery: { stage: stage.name, ...stage.whenFailed } } : {};
}

async function writeComment(
  deps: ReconcilerDeps,
  { number }: PullRequest,
  subject: Plan | InvalidFleet,
  context: CommentContext,
  signal: AbortSignal,
): Promise<StickyComment> {
  return deps.forge.writeStickyComment(number, STICKY_MARKER, deps.redact(renderComment(subject, context)), signal);
}

async function reportPlanCheck(
  deps: ReconcilerDeps,
  pullRequest: PullRequest,
  plan: Plan,
  decision: ApprovalDecision,
  comment: StickyComment,
  signal: AbortSignal,
): Promise<void> {
  const changing = plan.devices.filter(({ kind }) => kind === 'changing').length;
  const blocked = plan.devices.filter(({ kind }) => kind === 'blocked').length;
  await deps.forge.reportCheck(
    {
      name: PLAN_CHECK,
      commit: pullRequest.head.commit,
      // No green with a partial failure: a device nothing can be said about is a reason to look.
      conclusion: blocked > 0 ? 'failure' : 'success',
      title: `${changing} to change, ${blocked} blocked: ${plan.digest.slice(0, 15)}${changing > 0 ? `, ${summarizeDecision(decision)}` : ''}`,
      summary: deps.redact(renderCheckSummary(plan)),
      detailsUrl: comment.url,
    },
    signal,
  );
}

function repositoryUrl({ url }: PullRequest): string {
  return url.replace(/\/pull\/\d+$/, '');
}

function ledgerUrl(deps: ReconcilerDeps, run: Run): string {
  return `https://github.com/${deps.settings.forge.repository}/blob/${ledgerBranch(deps.settings)}/${runFolder(run)}/README.md`;
}
