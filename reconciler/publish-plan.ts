import type { ApprovalDecision } from '../approvals/approval.ts';
import type { PullRequest } from '../forge/forge.ts';
import type { LedgerView } from '../ledger/ledger.ts';
import type { SiteOutlook } from '../plans/comment-context.ts';
import type { Plan } from '../plans/plan.ts';
import { planFromJson, planToJson } from '../plans/plan-json.ts';
import { renderPlanMarkdown } from '../plans/render-plan-markdown.ts';
import type { ApprovalRules } from '../schemas/fleet.ts';
import { decideFor } from './decide-for.ts';
import type { DeployWork } from './deploy/deploy-work.ts';
import type { ReconcilerDeps } from './deps.ts';
import { reportPlan } from './report.ts';

export interface Publishing {
  readonly pullRequest: PullRequest;
  readonly plan: Plan;
  /** Of the base branch. */
  readonly rules: ApprovalRules;
  /** Why the plan that was shown before does not hold any more. */
  readonly supersededBecause?: string;
  /** What a gate is about. */
  readonly behind?: DeployWork;
  /** Sites where nothing would be begun now. */
  readonly closed?: readonly SiteOutlook[];
  /** The stage it releases; the one that asks the switches unless given. */
  readonly stage?: string;
}

/**
 * Shows a plan to reviewers and records that it was shown: comment first, because the forge's clock on it is what reviews
 * are compared with, then the ledger, then the check. Dying in between, the next pass does the rest.
 */
export async function publishPlan(
  deps: ReconcilerDeps,
  publishing: Publishing,
  signal: AbortSignal,
): Promise<ApprovalDecision> {
  const { pullRequest, plan, rules, behind, stage, closed } = publishing;
  const view = await deps.ledger.view(signal);
  const shown = (await view.publications(pullRequest.number)).at(-1);
  const about = { ...(behind ? { behind } : {}), ...(stage === undefined ? {} : { stage }) };
  const decision = await decideFor(deps, view, { pullRequest, plan, rules, ...about }, signal);
  const comment = await reportPlan(
    deps,
    {
      pullRequest,
      plan,
      decision,
      rules,
      ...(closed ? { closed } : {}),
      ...(shown && shown.digest !== plan.digest && publishing.supersededBecause
        ? { replaces: { digest: shown.digest, why: publishing.supersededBecause } }
        : {}),
    },
    signal,
  );

  const planJson = planToJson(plan);
  await deps.ledger.append(async (current) => {
    const last = (await current.publications(pullRequest.number)).at(-1);
    const stands = last?.digest === plan.digest && last.head === pullRequest.head.commit;
    if (stands && (await current.plan(pullRequest.number, plan.digest)) === deps.redact(planJson)) return undefined;
    return {
      title: `#${pullRequest.number}: plan ${plan.digest.slice(0, 15)}${stands ? ', made again' : ''}`,
      publication: {
        pullRequest: pullRequest.number,
        publication: { digest: plan.digest, head: pullRequest.head.commit, publishedAt: comment.updatedAt },
        planJson,
        planMarkdown: renderPlanMarkdown(plan),
      },
    };
  }, signal);
  deps.log.info({ pullRequest: pullRequest.number, digest: plan.digest }, 'plan published');
  return decision;
}

/** The plan reviewers of this head were last shown. */
export async function lastPublishedPlan(view: LedgerView, { number, head }: PullRequest): Promise<Plan | undefined> {
  const last = (await view.publications(number)).at(-1);
  if (last?.head !== head.commit) return undefined;
  const text = await view.plan(number, last.digest);
  return text === undefined ? undefined : planFromJson(text);
}
