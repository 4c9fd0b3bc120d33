import type { Run } from '../../ledger/run.ts';
import type { Batch, Plan } from '../../plans/plan.ts';
import { parkedStage } from '../deploy/after-backup.ts';
import { APPLY, BATCHES } from '../deploy/run-events.ts';

/** What is to be done next in a run of several batches. */
export type NextBatch =
  | { readonly kind: 'begin'; readonly batch: Batch }
  | { readonly kind: 'go-on'; readonly batch: Batch; readonly child: Run }
  /** A person had the run tried again: what failed for a passing reason in this batch is. */
  | { readonly kind: 'again'; readonly batch: Batch; readonly child: Run }
  /** No batch is begun after this one until a person says so. */
  | { readonly kind: 'stop'; readonly batch: Batch; readonly why: string }
  | { readonly kind: 'rejected'; readonly batch: Batch; readonly why: string }
  /** It stopped before, and nobody has said that it is to go on. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'done' };

/**
 * Decided from the runs alone, so that any process decides the same. In the order of the batches: the next one is begun only
 * when the one before came out well, when what failed in it is tolerated of canaries, or when a person has seen it fail and
 * said to go on.
 *
 * @param children By the number of their batch.
 */
export function decideNextBatch(run: Run, plan: Plan, children: ReadonlyMap<number, Run>): NextBatch {
  const { batches = [], rollout } = plan;
  const stage = run.stages.find(({ name }) => name === BATCHES);
  if (stage?.state === 'FAILED') return { kind: 'stopped' };
  const since = stage?.history.findLast(({ state }) => state === 'IN_PROGRESS')?.at ?? 0;
  const mayFail = failuresTolerated(batches, rollout.canarySuccessThreshold);
  let canariesFailed = 0;

  for (const batch of batches) {
    const child = children.get(batch.number);
    if (!child) return { kind: 'begin', batch };
    if (child.status === 'REJECTED') return { kind: 'rejected', batch, why: child.why ?? 'it was rejected' };
    const parked = parkedStage(child) !== undefined;
    if (child.endedAt === undefined && !parked) return { kind: 'go-on', batch, child };
    if (child.status === 'COMPLETED') continue;
    const failed = failedOf(child);
    const seen = failedAt(child) < since;
    if (parked && seen) return { kind: 'again', batch, child };
    if (batch.canary) canariesFailed += failed;
    if (seen || (batch.canary && canariesFailed <= mayFail)) continue;
    return { kind: 'stop', batch, why: whyStopped(batch, failed) };
  }
  const left = batches.find(({ number }) => isParkedAmong(children, number));
  return left ? { kind: 'stop', batch: left, why: 'something failed that can be tried again' } : { kind: 'done' };
}

function isParkedAmong(children: ReadonlyMap<number, Run>, number: number): boolean {
  const child = children.get(number);
  return child !== undefined && parkedStage(child) !== undefined;
}

/** How many canaries may fail. A threshold of 90 % of 20 lets 2 fail. */
function failuresTolerated(batches: readonly Batch[], threshold = 100): number {
  const canaries = batches.filter(({ canary }) => canary).reduce((sum, { devices }) => sum + devices.length, 0);
  // Of 20 at 90 % this is 2, also where the division comes out a little below.
  return Math.floor((canaries * (100 - threshold)) / 100 + 1e-9);
}

function failedOf({ devices }: Run): number {
  return devices.filter(({ outcome }) => outcome?.kind !== 'applied' && outcome?.kind !== 'in-sync').length;
}

/** When it came to be as it is; what a person said after that is about it. */
function failedAt(child: Run): number {
  const stage = parkedStage(child) ?? APPLY;
  const stood = child.stages.find(({ name }) => name === stage)?.history.at(-1)?.at ?? child.startedAt;
  return child.endedAt ?? stood;
}

function whyStopped({ number, canary, devices }: Batch, failed: number): string {
  const what = canary ? `batch ${number}, canaries` : `batch ${number}`;
  if (failed === 0) return `backups are missing in ${what}`;
  return `${failed} of ${devices.length} switches failed in ${what}`;
}
