import type { PullRequest } from '../../forge/forge.ts';
import type { Run } from '../../ledger/run.ts';
import type { Plan } from '../../plans/plan.ts';
import type { ApprovalRules } from '../../schemas/fleet.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { openGate } from '../gates/open-gate.ts';
import { publishPlan } from '../publish-plan.ts';
import { reportMoved } from '../report.ts';
import type { Advance, DeployWork } from './deploy-work.ts';
import { DIFF } from './run-events.ts';
import { rejectRun, waitForApproval } from './without-apply.ts';

export interface AskedByGate {
  readonly work: DeployWork;
  readonly run: Run | undefined;
  /** What would change now. */
  readonly now: Plan;
  /** What people were shown before, if anything. */
  readonly published?: Plan;
  readonly why: string;
  /** Of the commit before. */
  readonly rules: ApprovalRules;
}

/**
 * Nothing that was approved covers what would change now: a pull request of ours shows it and asks. The comment on it comes
 * before the ledger's line about it, as everywhere; the run then waits.
 */
export async function askByGate(
  deps: ReconcilerDeps,
  { work, run, now, published, why, rules }: AskedByGate,
  signal: AbortSignal,
): Promise<Advance> {
  const { run: name, commit, pullRequest } = work;
  const origin = pullRequest ? { origin: pullRequest.number } : {};
  const gate = await openGate(deps, { run: name, stage: DIFF, digest: now.digest, commit, why, ...origin }, signal);
  const gated: DeployWork = { ...work, gate };
  await publishPlan(deps, { pullRequest: gate, plan: now, rules, supersededBecause: why, behind: gated }, signal);
  if (pullRequest) await reportMoved(deps, { pullRequest, plan: published ?? now, gate, why }, signal);
  return waitForApproval(deps, gated, run, now, 'void', why, signal);
}

/** Closing a gate is a *no*, whoever could close it. */
export async function rejectByClosing(
  deps: ReconcilerDeps,
  work: DeployWork,
  gate: PullRequest,
  run: Run,
  signal: AbortSignal,
): Promise<Advance> {
  const by = [(await deps.forge.closedBy(gate.number, signal)) ?? 'somebody GitHub does not name'];
  return rejectRun(deps, work, run, undefined, { kind: 'rejected', by, verdicts: [] }, signal);
}

export function whyUnplanned({ pullRequest }: DeployWork): string {
  return pullRequest
    ? 'no plan of the commit that was merged was shown before'
    : 'it was pushed without a pull request, so nobody can have approved it';
}
