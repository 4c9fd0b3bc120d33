import type { Approval, ApprovalDecision } from '../../approvals/approval.ts';
import { summarizeDecision, verdictsJson } from '../../approvals/render-decision.ts';
import type { PullRequest } from '../../forge/forge.ts';
import type { RunEvent } from '../../ledger/events.ts';
import { hasEnded, isPaused } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import { makePlan } from '../../plans/make-plan.ts';
import type { Batch, Plan } from '../../plans/plan.ts';
import { batchDeploy } from '../../workflows/batch-deploy.ts';
import { decideFor } from '../decide-for.ts';
import { approvalOfRun } from '../deploy/approval-of-run.ts';
import type { Advance } from '../deploy/deploy-work.ts';
import { APPLY, BACKUP, childEnded, moved, REVIEW, stageState } from '../deploy/run-events.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { openGate } from '../gates/open-gate.ts';
import { publishPlan } from '../publish-plan.ts';
import { reportPlan } from '../report.ts';
import type { Batching } from './batching.ts';

/** What lets a batch begin, and what is written with its intent; or how it stands instead. */
export type Release =
  | {
      readonly kind: 'released';
      readonly approval: Approval;
      readonly events: readonly RunEvent[];
      readonly verdictsJson?: string;
    }
  | { readonly kind: 'not-released'; readonly advance: Advance };

/** Whether a batch may begin now: by an approval of its own where the rollout asks for one, by that of the whole otherwise. */
export async function releaseBatch(
  deps: ReconcilerDeps,
  batching: Batching,
  batch: Batch,
  child: Run,
  signal: AbortSignal,
): Promise<Release> {
  return batch.gate
    ? releaseByGate(deps, batching, batch, child, signal)
    : releaseWithTheWhole(deps, batching, child, signal);
}

/** The approval a batch was begun under: that it has expired since is no reason to stop half way, a no since is. */
export async function approvalWhenBegun(
  deps: ReconcilerDeps,
  batching: Batching,
  batch: Batch,
  child: Run,
  signal: AbortSignal,
): Promise<Approval | undefined> {
  const begunAt = child.stages
    .find(({ name }) => name === APPLY)
    ?.history.find(({ state }) => state === 'IN_PROGRESS')?.at;
  const gate = batch.gate && child.gate !== undefined ? await deps.forge.pullRequest(child.gate, signal) : undefined;
  const decision = gate
    ? await decideGate(deps, batching, gate, planOfBatch(batching.plan, batch), begunAt, signal)
    : (await approvalOfRun(deps, batching, begunAt, signal)).decision;
  return decision.kind === 'granted' ? decision.approval : undefined;
}

async function releaseWithTheWhole(
  deps: ReconcilerDeps,
  { released: { decision, asked } }: Batching,
  child: Run,
  signal: AbortSignal,
): Promise<Release> {
  if (decision.kind === 'granted') return granted(deps, decision, child, 'approved with the whole, by');
  const why = `the approval of the whole does not hold any more: ${summarizeDecision(decision)}`;
  await appendTo(deps, child, `waiting, ${why}`, (now, at) => asking(now, at, why), signal);
  const next = `Approve #${asked.number} again to let it go on.`;
  return { kind: 'not-released', advance: { kind: 'waiting', run: child.name, why, next } };
}

async function releaseByGate(
  deps: ReconcilerDeps,
  batching: Batching,
  batch: Batch,
  child: Run,
  signal: AbortSignal,
): Promise<Release> {
  const { work, loaded } = batching;
  const plan = planOfBatch(batching.plan, batch);
  const rules = loaded.rulesBefore;
  const known = child.gate === undefined ? undefined : await deps.forge.pullRequest(child.gate, signal);
  if (known && known.state !== 'open') {
    const by = (await deps.forge.closedBy(known.number, signal)) ?? 'somebody GitHub does not name';
    return reject(deps, batching, child, plan.digest, [by], signal);
  }
  const gate = known ?? (await ask(deps, batching, batch, child, plan, signal));
  const decision = await decideGate(deps, batching, gate, plan, undefined, signal);
  if (decision.kind === 'granted') return granted(deps, decision, child, 'approved by');
  if (decision.kind === 'rejected') return reject(deps, batching, child, plan.digest, decision.by, signal);
  await reportPlan(deps, { pullRequest: gate, plan, decision, rules }, signal);
  return {
    kind: 'not-released',
    advance: {
      kind: 'waiting',
      run: work.run,
      why: `batch ${batch.number} of ${batching.plan.batches?.length} waits for approval`,
      next: `Approve #${gate.number} to let it go on, or close it to reject.`,
    },
  };
}

/** The page comes before the ledger's line about it, as everywhere. */
async function ask(
  deps: ReconcilerDeps,
  batching: Batching,
  batch: Batch,
  child: Run,
  plan: Plan,
  signal: AbortSignal,
): Promise<PullRequest> {
  const { work, loaded } = batching;
  const kind = batch.canary ? 'the canaries' : 'its switches';
  const why = `batch ${batch.number} of ${batching.plan.batches?.length} (${kind}: ${batch.devices.length}) asks for an approval of its own`;
  const origin = work.pullRequest ? { origin: work.pullRequest.number } : {};
  const asked = { run: child.name, stage: REVIEW, digest: plan.digest, commit: work.commit, why, ...origin };
  const gate = await openGate(deps, asked, signal);
  await publishPlan(deps, { pullRequest: gate, plan, rules: loaded.rulesBefore, behind: work, stage: REVIEW }, signal);
  await appendTo(
    deps,
    child,
    `waiting, ${why}`,
    (now, at) => [
      ...asking(now, at, why),
      { kind: 'gate-opened', at, stage: REVIEW, pullRequest: gate.number },
      { kind: 'decided', at, stage: REVIEW, digest: plan.digest, decision: 'waiting', by: [], why },
    ],
    signal,
  );
  return gate;
}

async function decideGate(
  deps: ReconcilerDeps,
  { work, loaded }: Batching,
  pullRequest: PullRequest,
  plan: Plan,
  at: number | undefined,
  signal: AbortSignal,
): Promise<ApprovalDecision> {
  const asked = { pullRequest, plan, rules: loaded.rulesBefore, behind: work, stage: REVIEW };
  // The page may have been shown a moment ago: what is on record of it now is what counts.
  const view = await deps.ledger.view(signal);
  return decideFor(deps, view, { ...asked, ...(at === undefined ? {} : { at }) }, signal);
}

/** What is asked of a batch: its switches, as they were approved with the whole. */
function planOfBatch(plan: Plan, { devices }: Batch): Plan {
  const mine = new Set(devices);
  const { workflow, rollout, source, request } = plan;
  const { devicesAtOnce, confirmWithinSeconds, expectedChanges } = rollout;
  return makePlan({
    workflow,
    stages: batchDeploy.stages.map(({ name }) => name),
    rollout: { devicesAtOnce, confirmWithinSeconds, ...(expectedChanges ? { expectedChanges } : {}) },
    source,
    ...(request ? { request } : {}),
    devices: plan.devices.filter(({ device }) => mine.has(device)),
    removed: [],
    elsewhere: plan.elsewhere + plan.devices.length - mine.size,
  });
}

function granted(
  deps: ReconcilerDeps,
  decision: ApprovalDecision & { readonly kind: 'granted' },
  child: Run,
  how: string,
): Release {
  const { approval } = decision;
  const at = deps.clock.now();
  const why = `${how} ${approval.by.join(', ')}`;
  const state = stageState(child, REVIEW);
  const events: RunEvent[] =
    state === 'PENDING_APPROVAL'
      ? [
          { kind: 'decided', at, stage: REVIEW, digest: approval.digest, decision: 'granted', by: approval.by },
          moved(at, REVIEW, 'APPROVED', why),
          moved(at, REVIEW, 'COMPLETE'),
        ]
      : state === 'COMPLETE'
        ? []
        : [moved(at, REVIEW, 'COMPLETE', why)];
  return { kind: 'released', approval, events, verdictsJson: verdictsJson(decision) };
}

/** Somebody said no: the batch ends here, and no switch of it was touched. */
async function reject(
  deps: ReconcilerDeps,
  { work }: Batching,
  child: Run,
  digest: string,
  by: readonly string[],
  signal: AbortSignal,
): Promise<Release> {
  const why = `rejected by ${by.join(', ')}`;
  await deps.ledger.append(async (view) => {
    const now = await view.run(child.name);
    if (!now || hasEnded(now.status) || isPaused(now.status)) return undefined;
    const at = deps.clock.now();
    const events: RunEvent[] = [
      ...asking(now, at, 'an approval of its own'),
      { kind: 'decided', at, stage: REVIEW, digest, decision: 'rejected', by },
      moved(at, REVIEW, 'REJECTED', why),
      moved(at, REVIEW, 'COMPLETE'),
      moved(at, APPLY, 'UNREACHABLE', why),
      moved(at, BACKUP, 'UNREACHABLE', why),
      { kind: 'run-ended', at, status: 'REJECTED', why },
    ];
    return {
      title: `${child.name}: ${why}`,
      events: new Map([
        [work.run, [childEnded(at, now, events)]],
        [child.name, events],
      ]),
    };
  }, signal);
  deps.log.info({ run: work.run, batch: child.name, by }, 'batch rejected');
  return { kind: 'not-released', advance: { kind: 'ended', run: child.name, status: 'REJECTED' } };
}

function asking(run: Run, at: number, why: string): readonly RunEvent[] {
  return stageState(run, REVIEW) === 'IN_PROGRESS' ? [moved(at, REVIEW, 'PENDING_APPROVAL', why)] : [];
}

async function appendTo(
  deps: ReconcilerDeps,
  { name }: Run,
  title: string,
  make: (now: Run, at: number) => readonly RunEvent[],
  signal: AbortSignal,
): Promise<void> {
  await deps.ledger.append(async (view) => {
    const now = await view.run(name);
    if (!now || hasEnded(now.status) || isPaused(now.status)) return undefined;
    const events = make(now, deps.clock.now());
    return events.length === 0 ? undefined : { title: `${name}: ${title}`, events: new Map([[name, events]]) };
  }, signal);
}
