import type { ApprovalDecision } from '../../approvals/approval.ts';
import type { PullRequest } from '../../forge/forge.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import type { Plan } from '../../plans/plan.ts';
import { planFromJson } from '../../plans/plan-json.ts';
import { decideFor } from '../decide-for.ts';
import type { ReconcilerDeps } from '../deps.ts';
import type { LoadedCommit } from '../load-commit.ts';
import { askedOn, type DeployWork } from './deploy-work.ts';

/** What a run that was released carries out, the page that released it, and what is decided of it at a moment. */
export interface ReleasedRun {
  readonly asked: PullRequest;
  /** Of all sites; a run of a site with a runner does its part. */
  readonly whole: Plan;
  readonly decision: ApprovalDecision;
}

/**
 * Looks whether the approval a run was released by still holds.
 *
 * @param at The moment it has to be unexpired at. What was begun is finished though it has expired since; a dismissal or a
 *   request for changes stops it all the same.
 */
export async function approvalOfRun(
  deps: ReconcilerDeps,
  { view, work, run, loaded }: { view: LedgerView; work: DeployWork; run: Run; loaded: LoadedCommit },
  at: number | undefined,
  signal: AbortSignal,
): Promise<ReleasedRun> {
  const asked = askedOn(work);
  const text = asked && run.digest !== undefined ? await view.plan(asked.number, run.digest) : undefined;
  if (!asked || text === undefined) throw new RangeError(`${work.run} was released and has no plan`);
  const whole = planFromJson(text);
  const decision = await decideFor(
    deps,
    view,
    {
      pullRequest: asked,
      plan: whole,
      rules: loaded.rulesBefore,
      ...(work.gate ? { behind: work } : {}),
      ...(at === undefined ? {} : { at }),
    },
    signal,
  );
  return { asked, whole, decision };
}
