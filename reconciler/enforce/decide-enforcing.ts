import { decideStandingApproval, type StandingDecision } from '../../approvals/standing-approval.ts';
import type { Plan } from '../../plans/plan.ts';
import { type PlanResult, planConfiguration } from '../../workflows/plan-configuration.ts';
import type { Deploying } from '../deploy/deploying.ts';
import { DIFF } from '../deploy/run-events.ts';
import { withinDeadline } from '../deploy/within-deadline.ts';
import { withoutSuperseded } from '../deploy/without-superseded.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { type EnforcingWork, fleetAt } from './load-enforcing.ts';
import { namedWindow, pausedFor, ruleInForce } from './rule-in-force.ts';

/** A run that takes drift back by a rule, as it is, and what was loaded for it. */
export type Enforcing = Deploying & { readonly work: EnforcingWork };

/** What would change now, tried on the switches. */
export async function askEnforcing(
  deps: ReconcilerDeps,
  { work, view, loaded }: Enforcing,
  signal: AbortSignal,
): Promise<PlanResult> {
  const subjects = await withoutSuperseded(deps, view, work, loaded.subjects);
  return withinDeadline(work.run, DIFF, signal, (limited) =>
    planConfiguration(
      deps.switches,
      {
        workflow: loaded.workflow,
        rollout: loaded.rollout,
        source: { base: work.commit, head: work.commit, tree: work.commit },
        subjects,
        removed: [],
        elsewhere: loaded.elsewhere,
        allowedHazards: loaded.allowedHazards,
        trial: true,
      },
      limited,
    ),
  );
}

/** By the branch as it is now: a rule that was taken away approves nothing any more. */
export async function decideEnforcing(
  deps: ReconcilerDeps,
  { work, loaded, rules }: Enforcing,
  plan: Plan,
  signal: AbortSignal,
): Promise<StandingDecision> {
  signal.throwIfAborted();
  const fleet = await fleetAt(deps.repository, rules.tip);
  const rule = ruleInForce(fleet, work.enforces.rule);
  const sites = [...new Set(plan.devices.map(({ site }) => site))].sort();
  const now = deps.clock.now();
  const secondsNeeded = loaded.rollout.confirmWithinSeconds;
  return decideStandingApproval({
    plan,
    tip: rules.tip,
    rule,
    found: { devices: new Set(work.enforces.devices), changesDigest: work.enforces.digest },
    window: namedWindow(fleet, rule ?? { windows: [] }, { sites, secondsNeeded }, now),
    paused: pausedFor(fleet, { workflow: work.workflow, sites }),
    now,
  });
}
