import { leaseHolds } from '../../ledger/lease.ts';
import { hasEnded, isPaused } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import { batchRunName } from '../../ledger/run-name.ts';
import { stillToDo } from '../deploy/after-apply.ts';
import { isBackupDelayed } from '../deploy/after-backup.ts';
import { askAndApply, goesOn, isInterrupted, type Part, putOffUntil, resumePart } from '../deploy/ask-and-apply.ts';
import { type Advance, leftPaused } from '../deploy/deploy-work.ts';
import { APPLY, stageState } from '../deploy/run-events.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { isOver } from '../owner.ts';
import { settleBatch, startBatch, tryBatchAgain } from './batch-run.ts';
import { type Batching, tellBatches } from './batching.ts';
import type { NextBatch } from './next-batch.ts';
import { approvalWhenBegun, releaseBatch } from './release-batch.ts';

type ToDo = Extract<NextBatch, { readonly kind: 'begin' | 'go-on' | 'again' }>;

/**
 * Takes one batch as far as it can go now.
 *
 * @returns `ended` when the next batch may be looked for: also where this one failed, which decides what the next look finds.
 */
export async function advanceBatch(
  deps: ReconcilerDeps,
  batching: Batching,
  next: ToDo,
  signal: AbortSignal,
): Promise<Advance> {
  const { batch } = next;
  const name = batchRunName(batching.work.run, batch.number);
  const child = await childFor(deps, batching, next, name, signal);
  if (!child) return { kind: 'waiting', run: name, why: 'another process went on with it meanwhile' };
  if (hasEnded(child.status)) return { kind: 'ended', run: name, status: child.status };
  if (child.lease && leaseHolds(child.lease, deps.clock.now(), (owner) => isOver(owner, deps.owner))) {
    const until = new Date(child.lease.deadline).toISOString();
    const why = `another process works on batch ${batch.number}, until ${until} at the latest`;
    return { kind: 'waiting', run: name, why };
  }

  const part = partOf(batching, name);
  if (isInterrupted(child)) {
    const approval = await approvalWhenBegun(deps, batching, batch, child, signal);
    const applied = await resumePart(deps, part, child, approval, signal);
    if (applied.kind === 'busy') return { kind: 'waiting', run: name, why: applied.why };
    return settleBatch(deps, batching, name, signal);
  }
  if (isPaused(child.status)) return leftPaused(child);
  const again = goesOn(child);
  const off = again || isBackupDelayed(child) ? putOffUntil(child) : undefined;
  if (off?.until !== undefined && off.until > deps.clock.now()) return { kind: 'waiting', run: name, ...off };
  if (stageState(child, APPLY) !== 'NOT_STARTED' && !again) return settleBatch(deps, batching, name, signal);

  const release = await releaseBatch(deps, batching, batch, child, signal);
  if (release.kind !== 'released') return release.advance;
  const applied = await askAndApply(
    deps,
    part,
    {
      devices: new Set(stillToDo(child).map(({ device }) => device)),
      approval: release.approval,
      eventsBefore: release.events,
      ...(release.verdictsJson === undefined ? {} : { verdictsJson: release.verdictsJson }),
      onTaken: (_run, view) => tellBatches(deps, batching, view, signal),
    },
    signal,
  );
  if (applied.kind === 'busy') return { kind: 'waiting', run: name, why: applied.why };
  return settleBatch(deps, batching, name, signal);
}

function childFor(
  deps: ReconcilerDeps,
  batching: Batching,
  next: ToDo,
  name: string,
  signal: AbortSignal,
): Promise<Run | undefined> {
  switch (next.kind) {
    case 'begin':
      return startBatch(deps, batching, next.batch, name, signal);
    case 'again':
      return tryBatchAgain(deps, batching, next.child, signal);
    case 'go-on':
      return Promise.resolve(next.child);
  }
}

function partOf({ work, loaded, plan, mayBegin }: Batching, run: string): Part {
  return {
    run,
    workflow: 'BatchDeploy',
    commit: work.commit,
    plan,
    loaded,
    keepsOpen: true,
    ...(mayBegin ? { mayBegin } : {}),
  };
}
