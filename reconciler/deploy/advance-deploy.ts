import { leaseHolds } from '../../ledger/lease.ts';
import { isPaused } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { type LoadedCommit, loadCommit } from '../load-commit.ts';
import { isOver } from '../owner.ts';
import { EVERYWHERE } from '../shards.ts';
import type { TipRules } from '../tip-rules.ts';
import { backUpAndFinish } from './back-up-and-finish.ts';
import { type Advance, type DeployWork, leftPaused } from './deploy-work.ts';
import { diffAndApply } from './diff-and-apply.ts';
import { resumeApply } from './resume-apply.ts';
import { APPLY, DIFF, LOAD } from './run-events.ts';
import { withinDeadline } from './within-deadline.ts';
import { failOrLeave } from './without-apply.ts';

/**
 * Takes one deploy as far as it can go now: load, ask the switches, go on only with an approval of exactly what they would
 * change, apply, back up, tell. Safe to call again after dying anywhere in it.
 */
export async function advanceDeploy(
  deps: ReconcilerDeps,
  _rules: TipRules,
  work: DeployWork,
  signal: AbortSignal,
): Promise<Advance> {
  const view = await deps.ledger.view(signal);
  const run = await view.run(work.run);
  if (run?.endedAt !== undefined) return { kind: 'ended', run: work.run, status: run.status };
  if (run && isPaused(run.status)) return leftPaused(run);
  if (run?.lease && leaseHolds(run.lease, deps.clock.now(), (owner) => isOver(owner, deps.owner))) {
    const until = new Date(run.lease.deadline).toISOString();
    return { kind: 'waiting', run: work.run, why: `another process works on it, until ${until} at the latest` };
  }

  let loaded: LoadedCommit;
  try {
    const all = await withinDeadline(work.run, LOAD, signal, () =>
      loadCommit(deps, view, { before: work.parent, after: work.commit, accessFrom: 'after' }),
    );
    loaded = onlyShard(all, work);
  } catch (error) {
    return failOrLeave(deps, work, LOAD, error, signal);
  }

  try {
    if (run && isInterrupted(run)) return await resumeApply(deps, { work, run, view, loaded }, signal);
    if (run && isApplied(run)) return await backUpAndFinish(deps, work, view, loaded, signal);
    return await diffAndApply(deps, { work, run, view, loaded }, signal);
  } catch (error) {
    return failOrLeave(deps, work, DIFF, error, signal);
  }
}

/** What this run is about: the devices its shard reaches. */
function onlyShard(loaded: LoadedCommit, { shard = EVERYWHERE }: DeployWork): LoadedCommit {
  const subjects = loaded.subjects.filter(({ site }) => loaded.shardOf(site) === shard);
  return subjects.length === loaded.subjects.length ? loaded : { ...loaded, subjects };
}

/** An earlier process wrote an intent and not how it ended. */
function isInterrupted(run: Run): boolean {
  return run.devices.some(({ attempts, outcome }) => attempts > 0 && !outcome);
}

/** Every switch has its end; what is missing is the backup and the telling. */
function isApplied(run: Run): boolean {
  const apply = run.stages.find(({ name }) => name === APPLY);
  return apply?.state === 'COMPLETE' || apply?.state === 'FAILED' || apply?.state === 'UNREACHABLE';
}
