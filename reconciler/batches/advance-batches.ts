import type { ApprovalDecision } from '../../approvals/approval.ts';
import { verdictsJson } from '../../approvals/render-decision.ts';
import type { DeviceOutcome, RunEvent } from '../../ledger/events.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import { hasEnded, isPaused } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import type { Batch, Plan } from '../../plans/plan.ts';
import { batchesStage } from '../../workflows/deploy-stages.ts';
import { approvalOfRun } from '../deploy/approval-of-run.ts';
import { isInterrupted } from '../deploy/ask-and-apply.ts';
import { type Advance, type DeployWork, leftPaused, leftToEnd } from '../deploy/deploy-work.ts';
import { type Deploying, heldWork } from '../deploy/deploying.ts';
import { finishRun } from '../deploy/finish-run.ts';
import { askedEvents, BATCHES, DIFF, ended, grantedEvents, moved } from '../deploy/run-events.ts';
import { hasMoved, holdRun } from '../deploy/without-apply.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { decideHold, type HeldWork, mayBeginAt } from '../hold.ts';
import { heldBy, pausedBy } from '../hold-automation.ts';
import type { Held } from '../kill-switch.ts';
import { EVERYWHERE, planOfShard } from '../shards.ts';
import { renewTipRules } from '../tip-rules.ts';
import { advanceBatch } from './advance-batch.ts';
import { type Batching, tellBatches } from './batching.ts';
import { decideNextBatch, type NextBatch } from './next-batch.ts';
import { childrenOf } from './with-children.ts';

/**
 * The approval is there: writes down that the batches begin. Switches that are in no batch, because they could not be asked,
 * have their end with it.
 *
 * @returns `undefined` when somebody has moved the run on meanwhile.
 */
export async function beginBatches(
  deps: ReconcilerDeps,
  { work, run }: Deploying,
  published: Plan,
  decision: ApprovalDecision & { readonly kind: 'granted' },
  settled: readonly { readonly site: string; readonly device: string; readonly outcome: DeviceOutcome }[],
  signal: AbortSignal,
): Promise<Run | undefined> {
  const inBatches = new Set(published.batches?.flatMap(({ devices }) => devices));
  let moved = false;
  const view = await deps.ledger.append(async (current) => {
    moved = hasMoved(run, await current.run(work.run));
    if (moved) return undefined;
    const at = deps.clock.now();
    const events: RunEvent[] = [
      ...askedEvents(at, work, run, published),
      ...grantedEvents(at, run, decision),
      ...settled.filter(({ device }) => !inBatches.has(device)).map((one) => ended(at, one, BATCHES)),
      begun(at),
    ];
    return {
      title: `${work.run}: begin ${published.batches?.length ?? 0} batches`,
      events: new Map([[work.run, events]]),
      verdicts: { run: work.run, stage: DIFF, json: verdictsJson(decision) },
    };
  }, signal);
  return moved ? undefined : view.run(work.run);
}

/** Goes on with the batches of a run, one after the other, as far as it can go now. */
export async function advanceBatches(
  deps: ReconcilerDeps,
  deploying: Deploying & { readonly run: Run },
  signal: AbortSignal,
): Promise<Advance> {
  const { work, loaded } = deploying;
  for (;;) {
    const view = await deps.ledger.view(signal);
    const run = await view.run(work.run);
    if (!run) throw new RangeError(`${work.run} has batches and is not on the ledger`);
    if (hasEnded(run.status)) return { kind: 'ended', run: work.run, status: run.status };
    const released = await approvalOfRun(deps, { ...deploying, run, view }, undefined, signal);
    const plan = planOfShard(released.whole, loaded.shardOf, work.shard ?? EVERYWHERE);
    const rules = await renewTipRules(deps, deploying.rules, signal);
    const mayBegin = mayBeginAt(rules, heldWork(deploying, []), () => deps.clock.now());
    const batching: Batching = { ...deploying, rules, mayBegin, run, view, plan, released };
    const children = await childrenOf(view, run);
    const next = decideNextBatch(run, plan, children);

    switch (next.kind) {
      case 'begin':
      case 'go-on':
      case 'again': {
        // What was begun is brought to its end; nothing new is begun in a run that somebody holds.
        if (isPaused(run.status) && next.kind !== 'go-on') return leftPaused(run);
        if (run.endWanted && (next.kind !== 'go-on' || !isInterrupted(next.child))) return leftToEnd(run);
        if (next.kind === 'begin') {
          const kept = await keptFromBeginning(deps, batching, next.batch, signal);
          if (kept) return kept;
        }
        const advance = await advanceBatch(deps, batching, next, signal);
        if (advance.kind !== 'ended') return { ...advance, run: work.run };
        break;
      }
      case 'stop':
      case 'stopped': {
        const after = await stop(deps, work, run, next, signal);
        await tellBatches(deps, batching, after.view, signal);
        return stoppedAdvance(after.run);
      }
      case 'rejected':
        return rejectRest(deps, work, next, signal);
      case 'done':
        return finish(deps, work, signal);
    }
  }
}

/** The kill switch, a window, a freeze, a date: by the fleet's branch as it is when the batch would begin. */
async function keptFromBeginning(
  deps: ReconcilerDeps,
  batching: Batching,
  batch: Batch,
  signal: AbortSignal,
): Promise<Advance | undefined> {
  const { run, rules, view } = batching;
  const paused = await heldBy(view, rules.automation, run);
  if (paused) {
    const after = await pauseBy(deps, run, paused, signal);
    await tellBatches(deps, batching, after, signal);
    return leftPaused((await after.run(run.name)) ?? run);
  }
  const hold = decideHold(rules, heldBatch(batching, batch), deps.clock.now());
  if (!hold) return undefined;
  const held = await holdRun(deps, run, hold, signal);
  await tellBatches(deps, batching, await deps.ledger.view(signal), signal);
  return held;
}

function pauseBy(deps: ReconcilerDeps, { name }: Run, held: Held, signal: AbortSignal): Promise<LedgerView> {
  return deps.ledger.append(async (view) => {
    const now = await view.run(name);
    if (!now || hasEnded(now.status) || isPaused(now.status)) return undefined;
    return { title: `${name}: ${held.where}`, events: new Map([[name, [pausedBy(deps.clock.now(), held)]]]) };
  }, signal);
}

function heldBatch(batching: Batching, { devices }: Batch): HeldWork {
  const mine = new Set(devices);
  return heldWork(
    batching,
    batching.plan.devices.filter(({ device }) => mine.has(device)),
  );
}

function begun(at: number): RunEvent {
  return moved(at, BATCHES, 'IN_PROGRESS');
}

async function stop(
  deps: ReconcilerDeps,
  work: DeployWork,
  run: Run,
  next: NextBatch & { readonly kind: 'stop' | 'stopped' },
  signal: AbortSignal,
) {
  const view = await deps.ledger.append(async (current) => {
    const now = await current.run(work.run);
    if (next.kind === 'stopped' || !now || hasMoved(run, now)) return undefined;
    const at = deps.clock.now();
    return {
      title: `${work.run}: stopped, ${next.why}`,
      events: new Map([[work.run, [{ ...moved(at, BATCHES, 'FAILED', next.why), recovery: stoppedRecovery }]]]),
    };
  }, signal);
  return { view, run: (await view.run(work.run)) ?? run };
}

const { deviceState, advice } = batchesStage.whenFailed;
const stoppedRecovery = { deviceState, advice };

function stoppedAdvance(run: Run): Advance {
  const why = run.stages.find(({ name }) => name === BATCHES)?.history.at(-1)?.why ?? 'a batch failed';
  return {
    kind: 'waiting',
    run: run.name,
    why: `stopped: ${why}`,
    next: `Comment /pointsman retry ${run.name} ${BATCHES} to go on, or /pointsman terminate ${run.name}.`,
    failed: true,
  };
}

/** Somebody said no to a batch: what comes after it is not begun either. */
async function rejectRest(
  deps: ReconcilerDeps,
  work: DeployWork,
  { batch, why }: NextBatch & { readonly kind: 'rejected' },
  signal: AbortSignal,
): Promise<Advance> {
  const said = `batch ${batch.number} was rejected: ${why}`;
  await endStage(deps, work, 'FAILED', said, signal);
  return finishRun(deps, work, signal, { status: 'REJECTED', why: said });
}

async function finish(deps: ReconcilerDeps, work: DeployWork, signal: AbortSignal): Promise<Advance> {
  const run = await (await deps.ledger.view(signal)).run(work.run);
  const isWell = run?.devices.every(({ outcome }) => outcome?.kind === 'applied' || outcome?.kind === 'in-sync');
  await endStage(deps, work, isWell ? 'COMPLETE' : 'FAILED', undefined, signal);
  return finishRun(deps, work, signal);
}

async function endStage(
  deps: ReconcilerDeps,
  work: DeployWork,
  to: 'COMPLETE' | 'FAILED',
  why: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  await deps.ledger.append(async (view) => {
    const run = await view.run(work.run);
    const stage = run?.stages.find(({ name }) => name === BATCHES);
    if (!run || hasEnded(run.status) || isPaused(run.status) || stage?.state !== 'IN_PROGRESS') return undefined;
    return {
      title: `${work.run}: the batches are done`,
      events: new Map([[work.run, [moved(deps.clock.now(), BATCHES, to, why)]]]),
    };
  }, signal);
}
