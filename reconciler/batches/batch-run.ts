import type { BatchOf, RunEvent } from '../../ledger/events.ts';
import { deviceKey } from '../../ledger/fold-run.ts';
import { hasEnded, isPaused } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import type { Batch, Plan } from '../../plans/plan.ts';
import { batchDeploy } from '../../workflows/batch-deploy.ts';
import { isParked } from '../deploy/after-apply.ts';
import { isBackupDelayed, parkedStage } from '../deploy/after-backup.ts';
import { goesOn, isInterrupted, putOffUntil } from '../deploy/ask-and-apply.ts';
import { backUpWhatIsDone } from '../deploy/back-up-and-finish.ts';
import type { Advance } from '../deploy/deploy-work.ts';
import { decideEnd } from '../deploy/finish-run.ts';
import { BATCHES, childEnded, ended, moved, REVIEW, runEnded } from '../deploy/run-events.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { type Batching, tellBatches } from './batching.ts';

/** The run of one batch on the ledger: begun, tried again, brought to its end. */

/** @returns `undefined` when the run it is of does not go on any more. */
export async function startBatch(
  deps: ReconcilerDeps,
  { work, plan }: Batching,
  batch: Batch,
  name: string,
  signal: AbortSignal,
): Promise<Run | undefined> {
  const view = await deps.ledger.append(async (current) => {
    const parent = await current.run(work.run);
    if (!parent || hasEnded(parent.status) || isPaused(parent.status) || (await current.run(name))) return undefined;
    const at = deps.clock.now();
    return {
      title: `${name}: begin with ${batch.devices.length} switches`,
      events: new Map([
        [
          work.run,
          [
            {
              kind: 'child-started',
              at,
              stage: BATCHES,
              run: name,
              batch: batchOf(plan, batch),
              devices: batch.devices.length,
            },
          ],
        ],
        [name, startedEvents(at, parent, plan, batch)],
      ]),
    };
  }, signal);
  return view.run(name);
}

function startedEvents(at: number, parent: Run, plan: Plan, batch: Batch): readonly RunEvent[] {
  const { name, commit, base, pullRequest, shard, request, reason, timeoutAt, evenWhenPaused } = parent;
  const mine = new Set(batch.devices);
  return [
    {
      kind: 'run-started',
      at,
      workflow: batchDeploy.name,
      stages: batchDeploy.stages.map((stage) => stage.name),
      commit,
      ...(base === undefined ? {} : { base }),
      ...(pullRequest === undefined ? {} : { pullRequest }),
      ...(shard === undefined ? {} : { shard }),
      ...(request === undefined ? {} : { request }),
      ...(reason === undefined ? {} : { reason }),
      parent: name,
      batch: batchOf(plan, batch),
      ...(timeoutAt === undefined ? {} : { timeoutAt }),
      ...(evenWhenPaused === undefined ? {} : { evenWhenPaused }),
    },
    {
      kind: 'planned',
      at,
      digest: plan.digest,
      devices: plan.devices.flatMap((device) =>
        device.kind === 'changing' && mine.has(device.device)
          ? [{ site: device.site, device: device.device, digest: device.digest }]
          : [],
      ),
    },
    moved(at, REVIEW, 'IN_PROGRESS'),
  ];
}

function batchOf(plan: Plan, { number, canary }: Batch): BatchOf {
  return { number, of: plan.batches?.length ?? 1, ...(canary ? { canary } : {}) };
}

/** A person had the whole run tried again: so is what failed for a passing reason in a batch of it. */
export async function tryBatchAgain(
  deps: ReconcilerDeps,
  { run }: Batching,
  child: Run,
  signal: AbortSignal,
): Promise<Run | undefined> {
  const by = run.stages.find(({ name }) => name === BATCHES)?.history.at(-1)?.by;
  const view = await deps.ledger.append(async (current) => {
    const now = await current.run(child.name);
    const parked = now && parkedStage(now);
    if (parked === undefined || isPaused(now?.status)) return undefined;
    const event = moved(deps.clock.now(), parked, 'IN_PROGRESS', `${run.name} was tried again`);
    return {
      title: `${child.name}: try what failed again`,
      events: new Map([[child.name, [by === undefined ? event : { ...event, by }]]]),
    };
  }, signal);
  return view.run(child.name);
}

/**
 * Every switch of a batch has its outcome for now: keeps what those run that are done, and brings the batch to its end where
 * nothing in it is to be tried again. The run it is of has the outcomes too, in the same commit.
 */
export async function settleBatch(
  deps: ReconcilerDeps,
  batching: Batching,
  name: string,
  signal: AbortSignal,
): Promise<Advance> {
  const { work, loaded } = batching;
  const before = await (await deps.ledger.view(signal)).run(name);
  if (!before) throw new RangeError(`${name} was carried out without having started`);
  const moreToCome = goesOn(before) || isInterrupted(before) || isParked(before);
  await backUpWhatIsDone(deps, work.commit, before, loaded, moreToCome, signal);

  const view = await deps.ledger.append(async (current) => {
    const [child, parent] = [await current.run(name), await current.run(work.run)];
    if (!child || !parent || hasEnded(child.status)) return undefined;
    const at = deps.clock.now();
    const isOpen = moreToCome || isBackupDelayed(child) || parkedStage(child) !== undefined;
    const over = isOpen || isPaused(child.status) ? [] : endOf(at, child);
    const told = [
      ...outcomesFor(at, parent, child),
      ...(over.length > 0 && !hasEnded(parent.status) ? [childEnded(at, child, over)] : []),
    ];
    if (told.length + over.length === 0) return undefined;
    return {
      title: `${name}: ${over.length > 0 ? decideEnd(child).why : 'so far'}`,
      events: new Map([
        [work.run, told],
        [name, over],
      ]),
    };
  }, signal);
  await tellBatches(deps, batching, view, signal);

  const child = (await view.run(name)) ?? before;
  if (goesOn(child) || isInterrupted(child) || isBackupDelayed(child)) {
    return { kind: 'waiting', run: name, ...(putOffUntil(child) ?? { why: 'some switches are still to be done' }) };
  }
  return { kind: 'ended', run: name, status: hasEnded(child.status) ? child.status : 'FAILED' };
}

function endOf(at: number, child: Run): readonly RunEvent[] {
  const { status, why } = decideEnd(child);
  return [runEnded(at, { ...child, status }, why)];
}

/** What the run a batch is of does not know of its switches yet. */
export function outcomesFor(at: number, parent: Run, child: Run): readonly RunEvent[] {
  const known = new Map(parent.devices.map((device) => [deviceKey(device), JSON.stringify(device.outcome)]));
  return child.devices.flatMap((device) => {
    const { site, outcome } = device;
    if (!outcome || known.get(deviceKey(device)) === JSON.stringify(outcome)) return [];
    return [ended(at, { site, device: device.device, outcome }, BATCHES)];
  });
}
