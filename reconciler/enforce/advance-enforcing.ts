import type { Approval } from '../../approvals/approval.ts';
import { verdictsJson } from '../../approvals/render-decision.ts';
import type { StandingDecision } from '../../approvals/standing-approval.ts';
import type { RunEvent } from '../../ledger/events.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import { runFolder } from '../../ledger/run-name.ts';
import type { Plan } from '../../plans/plan.ts';
import { planFromJson, planToJson } from '../../plans/plan-json.ts';
import { renderPlanMarkdown } from '../../plans/render-plan-markdown.ts';
import { isApplied, whereItStands } from '../deploy/advance-deploy.ts';
import { stillToDo } from '../deploy/after-apply.ts';
import { runApplyStage } from '../deploy/apply-stage.ts';
import { askAndApply, goesOn, inputOf, isInterrupted, resumePart } from '../deploy/ask-and-apply.ts';
import { backUpWhatIsDone, waitingFor } from '../deploy/back-up-and-finish.ts';
import { type Advance, leftToAnother } from '../deploy/deploy-work.ts';
import { heldWork, partOf } from '../deploy/deploying.ts';
import { finishRun } from '../deploy/finish-run.ts';
import {
  APPLY,
  askedEvents,
  DIFF,
  ended,
  grantedEvents,
  moved,
  nothingAskedEvents,
  stagesOf,
} from '../deploy/run-events.ts';
import { byName, withRecognised } from '../deploy/subjects.ts';
import { appendUnlessMoved, failOrLeave, hasMoved } from '../deploy/without-apply.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { mayBeginAt } from '../hold.ts';
import { artifactEvents } from '../read/reading-events.ts';
import { renewTipRules, type TipRules } from '../tip-rules.ts';
import { askEnforcing, decideEnforcing, type Enforcing } from './decide-enforcing.ts';
import { type EnforcingWork, loadEnforcing } from './load-enforcing.ts';

const PLAN_JSON = 'plan.json';
const PLAN_PAGE = 'plan.md';

/**
 * Takes drift back as a rule of `automation.yaml` says: asks the switches, goes on only where the rule, as it is on the branch
 * now, covers every change, and then is a deploy like any other. Safe to call again after dying anywhere in it.
 */
export async function advanceEnforcing(
  deps: ReconcilerDeps,
  before: TipRules,
  work: EnforcingWork,
  signal: AbortSignal,
): Promise<Advance> {
  const view = await deps.ledger.view(signal);
  const run = await view.run(work.run);
  const standing = run && (await whereItStands(deps, work, run, signal));
  if (standing) return standing;
  const rules = await renewTipRules(deps, before, signal);
  try {
    const loaded = await loadEnforcing(deps, view, work);
    const mayBegin = mayBeginAt(rules, heldWork({ loaded }, []), () => deps.clock.now());
    return await goOn(deps, { work, run, view, loaded, rules, mayBegin }, signal);
  } catch (error) {
    return failOrLeave(deps, work, DIFF, error, signal);
  }
}

async function goOn(deps: ReconcilerDeps, enforcing: Enforcing, signal: AbortSignal): Promise<Advance> {
  const { run, view, work } = enforcing;
  if (run && isApplied(run)) return backUpAndEnd(deps, enforcing, view, signal);
  if (!run || (!isInterrupted(run) && !goesOn(run))) return askAndDecide(deps, enforcing, signal);

  const plan = await planOf(view, run);
  const decision = await decideEnforcing(deps, enforcing, plan, signal);
  const part = partOf(enforcing, plan);
  if (isInterrupted(run)) {
    const applied = await resumePart(deps, part, run, approvalOf(decision), signal);
    if (applied.kind === 'busy') return { kind: 'waiting', run: run.name, why: applied.why };
    return backUpAndEnd(deps, enforcing, applied.view, signal);
  }
  if (decision.kind === 'refused') {
    const event = moved(deps.clock.now(), APPLY, 'FAILED', decision.why);
    const written = await appendUnlessMoved(deps, work, run, `${run.name}: not gone on with`, [event], signal);
    return written ? backUpAndEnd(deps, enforcing, written, signal) : leftToAnother(work);
  }
  const devices = new Set(stillToDo(run).map(({ device }) => device));
  const applied = await askAndApply(deps, part, { devices, approval: decision.approval, eventsBefore: [] }, signal);
  if (applied.kind === 'busy') return { kind: 'waiting', run: run.name, why: applied.why };
  return backUpAndEnd(deps, enforcing, applied.view, signal);
}

/** The switches are asked again: what the check saw was then. */
async function askAndDecide(deps: ReconcilerDeps, enforcing: Enforcing, signal: AbortSignal): Promise<Advance> {
  const { work, run, view, loaded } = enforcing;
  const { plan, observations } = await askEnforcing(deps, enforcing, signal);
  if (hasMoved(run, await (await deps.ledger.view(signal)).run(work.run))) return leftToAnother(work);
  const at = deps.clock.now();
  if (!plan.devices.some(({ kind }) => kind === 'changing')) return nothingToDo(deps, enforcing, plan, signal);

  const decision = await decideEnforcing(deps, enforcing, plan, signal);
  if (decision.kind === 'refused') return refuse(deps, enforcing, plan, decision.why, signal);
  const granted = { kind: 'granted', approval: decision.approval, verdicts: [] } as const;
  const files = new Map([
    [PLAN_JSON, planToJson(plan)],
    [PLAN_PAGE, renderPlanMarkdown(plan)],
  ]);
  // The plan stands on the ledger before anything is done by it: whoever takes over has to have it.
  const asked = await deps.ledger.append(async (current) => {
    if (hasMoved(run, await current.run(work.run))) return undefined;
    const events = [...askedEvents(at, work, run, plan), ...artifactEvents(at, DIFF, files)];
    return {
      title: `${work.run}: plan ${plan.digest.slice(0, 15)}`,
      events: new Map([[work.run, events]]),
      artifacts: new Map([[work.run, files]]),
    };
  }, signal);
  const known = await asked.run(work.run);
  if (known?.digest !== plan.digest) return leftToAnother(work);
  const subjects = byName(withRecognised(loaded.subjects, plan));
  const applied = await runApplyStage(
    deps,
    inputOf(partOf(enforcing, plan), {
      approval: decision.approval,
      change: plan.devices.filter((device) => device.kind === 'changing'),
      subjects,
      observations,
      eventsBefore: [...grantedEvents(at, known, granted), ...settledEvents(at, plan)],
      verdictsJson: verdictsJson(granted),
    }),
    signal,
  );
  if (applied.kind === 'busy') return { kind: 'waiting', run: work.run, why: applied.why };
  deps.log.info({ run: work.run, rule: work.enforces.rule, from: view.tip }, 'drift taken back by a rule');
  return backUpAndEnd(deps, enforcing, applied.view, signal);
}

function approvalOf(decision: StandingDecision): Approval | undefined {
  return decision.kind === 'granted' ? decision.approval : undefined;
}

/** Switches that need nothing, or that nothing may be done to. */
function settledEvents(at: number, { devices }: Plan): readonly RunEvent[] {
  return devices.flatMap((device) => {
    const place = { site: device.site, device: device.device };
    if (device.kind === 'unchanged') return [ended(at, { ...place, outcome: { kind: 'in-sync' } })];
    return device.kind === 'blocked'
      ? [ended(at, { ...place, outcome: { kind: 'untouched', error: device.error } })]
      : [];
  });
}

/** Nothing is left to take back, or no switch of it could be asked. */
async function nothingToDo(
  deps: ReconcilerDeps,
  enforcing: Enforcing,
  plan: Plan,
  signal: AbortSignal,
): Promise<Advance> {
  const { work, run } = enforcing;
  const at = deps.clock.now();
  const events = [
    ...askedEvents(at, work, run, plan),
    ...nothingAskedEvents(at, run, 'no switch would change'),
    ...settledEvents(at, plan),
    moved(at, APPLY, 'UNREACHABLE', 'nothing to apply'),
  ];
  const written = await appendUnlessMoved(deps, work, run, `${work.run}: no switch would change`, events, signal);
  return written ? backUpAndEnd(deps, enforcing, written, signal) : leftToAnother(work);
}

/** The rule does not cover what would be done: nothing is, and people decide. */
async function refuse(
  deps: ReconcilerDeps,
  { work, run }: Enforcing,
  plan: Plan,
  why: string,
  signal: AbortSignal,
): Promise<Advance> {
  const at = deps.clock.now();
  const stages = stagesOf(work.workflow);
  const events: RunEvent[] = [
    ...askedEvents(at, work, run, plan),
    moved(at, DIFF, 'PENDING_APPROVAL'),
    { kind: 'decided', at, stage: DIFF, digest: plan.digest, decision: 'void', by: [], why },
    moved(at, DIFF, 'REJECTED', `the rule "${work.enforces.rule}" does not approve it: ${why}`),
    moved(at, DIFF, 'COMPLETE'),
    ...stages.slice(stages.indexOf(DIFF) + 1).map((stage) => moved(at, stage, 'UNREACHABLE', 'it was not approved')),
  ];
  const written = await appendUnlessMoved(deps, work, run, `${work.run}: not approved by its rule`, events, signal);
  return written ? finishRun(deps, work, signal) : leftToAnother(work);
}

/** As after every deploy, but that what failed is not kept open for another try: it is proposed instead. */
async function backUpAndEnd(
  deps: ReconcilerDeps,
  { work, loaded }: Enforcing,
  view: LedgerView,
  signal: AbortSignal,
): Promise<Advance> {
  const run = await view.run(work.run);
  if (!run) throw new RangeError(`${work.run} was carried out without having started`);
  const moreToCome = goesOn(run) || isInterrupted(run);
  const after = await backUpWhatIsDone(deps, work.commit, run, loaded, moreToCome, signal);
  return moreToCome ? waitingFor((await after.run(work.run)) ?? run) : finishRun(deps, work, signal);
}

async function planOf(view: LedgerView, run: Run): Promise<Plan> {
  const text = await view.file(`${runFolder(run)}/${PLAN_JSON}`);
  if (text === undefined) throw new RangeError(`${run.name} was approved by a rule and has no plan`);
  return planFromJson(text);
}
