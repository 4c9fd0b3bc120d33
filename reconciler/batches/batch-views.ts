import type { Run } from '../../ledger/run.ts';
import type { BatchView } from '../../plans/comment-context.ts';
import { sumOutcomes } from '../../plans/outcome-counts.ts';
import type { Batch, Plan } from '../../plans/plan.ts';
import { parkedStage } from '../deploy/after-backup.ts';
import { REVIEW, stageState } from '../deploy/run-events.ts';

/** A run that is carried out batch by batch, and its batches that were begun, by their number. */
export interface RunInBatches {
  readonly run: Run;
  readonly children: ReadonlyMap<number, Run>;
}

/**
 * How the batches of a plan stand. Where sites have runners of their own a batch is done in several runs, and told as one.
 *
 * @param urlOf Where a pull request is.
 */
export function batchViews(
  { batches = [] }: Pick<Plan, 'batches'>,
  runs: readonly RunInBatches[],
  urlOf: (pullRequest: number) => string,
): readonly BatchView[] {
  return batches.map(({ number, canary, devices }) => {
    const parts = runs.flatMap((one) => partOf(one, number, devices, batches));
    const states = parts.map(({ state }) => state);
    const gate = parts.find(({ state }) => state === 'asks')?.child?.gate;
    return {
      number,
      ...(canary ? { canary } : {}),
      devices: devices.length,
      state: CARE.find((state) => states.includes(state)) ?? 'waiting',
      outcomes: sumOutcomes(parts.flatMap(({ child }) => child?.devices ?? []).flatMap(countOf)),
      ...(gate === undefined ? {} : { gate: { pullRequest: gate, url: urlOf(gate) } }),
    };
  });
}

interface Part {
  readonly child: Run | undefined;
  readonly state: BatchView['state'];
}

/** What people care for first, when the parts of a batch stand differently. */
const CARE: readonly BatchView['state'][] = ['failed', 'asks', 'held', 'running', 'waiting', 'done'];

/** @returns None for a run that is about no switch of the batch. */
function partOf(
  { run, children }: RunInBatches,
  number: number,
  devices: readonly string[],
  batches: readonly Batch[],
): readonly Part[] {
  const mine = new Set(run.devices.map(({ device }) => device));
  if (!devices.some((device) => mine.has(device))) return [];
  const child = children.get(number);
  if (child) return [{ child, state: stateOf(child, run) }];
  const next = batches.find((batch) => !children.has(batch.number) && batch.devices.some((device) => mine.has(device)));
  return [{ child, state: run.hold && next?.number === number ? 'held' : 'waiting' }];
}

function stateOf(child: Run, { hold, status }: Run): BatchView['state'] {
  if (child.status === 'COMPLETED') return 'done';
  if (child.endedAt !== undefined || parkedStage(child) !== undefined) return 'failed';
  if (stageState(child, REVIEW) === 'PENDING_APPROVAL') return 'asks';
  if (child.lease) return 'running';
  return child.hold || hold || status === 'PAUSED' ? 'held' : 'running';
}

function countOf({ outcome }: Run['devices'][number]): readonly BatchView['outcomes'][] {
  return outcome ? [{ [outcome.kind]: 1 }] : [];
}
