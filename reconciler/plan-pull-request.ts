import type { PullRequest } from '../forge/forge.ts';
import type { LedgerView } from '../ledger/ledger.ts';
import type { SiteOutlook } from '../plans/comment-context.ts';
import type { InvalidFleet, NotPlanned, Plan } from '../plans/plan.ts';
import type { Simulation } from '../plans/simulation.ts';
import type { Problem } from '../schemas/problem.ts';
import { planConfiguration } from '../workflows/plan-configuration.ts';
import { closedSites } from './closed-sites.ts';
import { decideFor } from './decide-for.ts';
import type { RequestOfWork } from './deploy/deploy-work.ts';
import type { ReconcilerDeps } from './deps.ts';
import { FleetInvalidError } from './errors.ts';
import type { LoadedCommit } from './load-commit.ts';
import { partsFor } from './plan-parts.ts';
import { lastPublishedPlan, publishPlan } from './publish-plan.ts';
import { reportInvalid, reportNotPlanned, reportPlan, reportRequested } from './report.ts';
import { type Asked, loadAsked } from './requests/load-asked.ts';
import { simulateRequest } from './requests/simulate-request.ts';
import { readTipRules } from './tip-rules.ts';

export type PlannedPullRequest =
  | { readonly kind: 'planned'; readonly number: number; readonly plan: Plan }
  /** The plan that is shown still stands; only the state of its approval was brought up to date. */
  | { readonly kind: 'current'; readonly number: number; readonly plan: Plan }
  /** It only brings requests that read: there is no plan, and nothing to approve. */
  | { readonly kind: 'requested'; readonly number: number; readonly simulations: readonly Simulation[] }
  | { readonly kind: 'invalid'; readonly number: number; readonly problems: readonly Problem[] }
  | { readonly kind: 'skipped'; readonly number: number; readonly why: string };

export interface PlanOrder {
  readonly pullRequest: PullRequest;
  /** Tip of the fleet's branch. */
  readonly base: string;
  /** Also when the plan that is shown is recent. */
  readonly again?: boolean;
  /** The head of a fork that somebody with the right to say so allowed to be planned: exactly this commit. */
  readonly forkHead?: string;
}

/** Plans what merging a pull request would do, as the switches are now, and shows it there. */
export async function planPullRequest(
  deps: ReconcilerDeps,
  order: PlanOrder,
  signal: AbortSignal,
): Promise<PlannedPullRequest> {
  const { pullRequest, base, again = false } = order;
  const { number, head } = pullRequest;
  const ref = `refs/pull/${number}/head`;
  const fetched = (await deps.repository.fetch([ref], signal)).get(ref);
  if (fetched !== head.commit)
    return { kind: 'skipped', number, why: 'its head moved while we looked; the next pass plans it' };

  const merged = await deps.repository.mergeTrees(base, head.commit);
  if (merged.kind === 'conflict') return invalid(deps, pullRequest, base, conflicts(merged.paths), signal);

  const view = await deps.ledger.view(signal);
  let asked: Asked;
  try {
    asked = await loadAsked(deps, view, { before: base, after: merged.tree, accessFrom: 'before' });
  } catch (error) {
    if (error instanceof FleetInvalidError) return invalid(deps, pullRequest, base, error.details.problems, signal);
    throw error;
  }

  if (asked.kind === 'read') return requested(deps, view, order, { tree: merged.tree, asked: asked.requests }, signal);
  const { loaded } = asked;
  const shown = await lastPublishedPlan(view, pullRequest);
  const isFork = head.repository !== deps.settings.forge.repository;
  // A plan of this very head was on show, so somebody allowed it before.
  if (isFork && order.forkHead !== head.commit && !shown) {
    return notPlanned(deps, order, { reason: 'fork', tree: merged.tree, devices: namesOf(loaded) }, signal);
  }
  const parts = partsFor(deps, loaded, shown?.source.tree === merged.tree ? shown : undefined);
  if (!again && shown?.source.tree === merged.tree && parts.isFresh) {
    const rules = loaded.rulesBefore;
    const decision = await decideFor(deps, view, { pullRequest, plan: shown, rules }, signal);
    const closed = await outlookFor(deps, base, shown);
    await reportPlan(deps, { pullRequest, plan: shown, decision, rules, closed }, signal);
    return { kind: 'current', number, plan: shown };
  }

  const { plan } = await planConfiguration(
    deps.switches,
    {
      workflow: loaded.workflow,
      rollout: loaded.rollout,
      ...(loaded.request ? { request: loaded.request } : {}),
      source: { pullRequest: number, head: head.commit, base, tree: merged.tree, ...parts.read },
      subjects: parts.mine,
      others: parts.others,
      removed: loaded.removed,
      elsewhere: loaded.elsewhere,
      allowedHazards: loaded.allowedHazards,
      trial: true,
      ...(deps.onProgress
        ? { onRead: (done, of) => deps.onProgress?.(`#${number}: ${done} of ${of} switches asked`) }
        : {}),
    },
    signal,
  );
  const why =
    shown?.source.head === head.commit ? 'a switch or the base branch changed since' : 'new commits were pushed';
  const closed = await outlookFor(deps, base, plan);
  await publishPlan(deps, { pullRequest, plan, rules: loaded.rulesBefore, supersededBecause: why, closed }, signal);
  return { kind: 'planned', number, plan };
}

/** Sites of a plan where nothing would begin if it were merged now. */
async function outlookFor(
  { repository, clock }: ReconcilerDeps,
  base: string,
  { devices, rollout, request }: Plan,
): Promise<readonly SiteOutlook[]> {
  const sites = devices.filter(({ kind }) => kind === 'changing').map(({ site }) => site);
  if (sites.length === 0) return [];
  const rules = await readTipRules(repository, base);
  return closedSites(rules, { sites, rollout, ...(request ? { request } : {}) }, clock.now());
}

/** Told instead of a plan: what the requests would do. No switch is asked for that. */
async function requested(
  deps: ReconcilerDeps,
  view: LedgerView,
  { pullRequest, base }: PlanOrder,
  { tree, asked }: { readonly tree: string; readonly asked: readonly RequestOfWork[] },
  signal: AbortSignal,
): Promise<PlannedPullRequest> {
  const { number, head } = pullRequest;
  const { repository, clock, switches } = deps;
  const nobody = { repository, clock, asked: { kind: 'nobody', switches } } as const;
  const simulations = await Promise.all(
    asked.map((request) => simulateRequest(nobody, view, { before: base, after: tree, request }, signal)),
  );
  const source = { pullRequest: number, head: head.commit, base, tree };
  await reportRequested(deps, pullRequest, { source, simulations }, signal);
  return { kind: 'requested', number, simulations };
}

/** Told instead of a plan, with what the files alone say. */
export async function notPlanned(
  deps: ReconcilerDeps,
  { pullRequest, base }: Pick<PlanOrder, 'pullRequest' | 'base'>,
  {
    reason,
    tree,
    devices,
  }: { readonly reason: NotPlanned['reason']; readonly tree: string; readonly devices: readonly string[] },
  signal: AbortSignal,
): Promise<PlannedPullRequest> {
  const { number, head } = pullRequest;
  const source = { pullRequest: number, head: head.commit, base, tree };
  const subject: NotPlanned = { source, reason, baseBranch: pullRequest.base.branch, devices };
  await reportNotPlanned(deps, pullRequest, subject, signal);
  const why = {
    fork: 'it comes from a fork; a maintainer can allow this head by a comment',
    'other-base': `it goes to ${pullRequest.base.branch}`,
  }[reason];
  return { kind: 'skipped', number, why };
}

function namesOf({ subjects }: LoadedCommit): readonly string[] {
  return subjects.map(({ device }) => device);
}

async function invalid(
  deps: ReconcilerDeps,
  pullRequest: PullRequest,
  base: string,
  problems: readonly Problem[],
  signal: AbortSignal,
): Promise<PlannedPullRequest> {
  const { number, head } = pullRequest;
  const subject: InvalidFleet = {
    source: { pullRequest: number, head: head.commit, base, tree: head.commit },
    problems,
  };
  await reportInvalid(deps, pullRequest, subject, signal);
  return { kind: 'invalid', number, problems };
}

function conflicts(paths: readonly string[]): readonly Problem[] {
  return paths.map((file) => ({
    file,
    code: 'RECONCILER_MERGE_CONFLICT',
    message: 'conflicts with the base branch, so it is not known what a merge would say',
    hint: 'merge the base branch into this one, or rebase',
  }));
}
