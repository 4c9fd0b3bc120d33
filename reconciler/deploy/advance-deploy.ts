import { leaseHolds } from '../../ledger/lease.ts';
import { isPaused } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import { advanceBatches } from '../batches/advance-batches.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { mayBeginAt } from '../hold.ts';
import { type LoadedCommit, loadCommit } from '../load-commit.ts';
import { isOver } from '../owner.ts';
import { loadRequest } from '../requests/load-request.ts';
import { EVERYWHERE } from '../shards.ts';
import type { TipRules } from '../tip-rules.ts';
import { isBackupDelayed, parkedStage } from './after-backup.ts';
import { goesOn, isInterrupted, putOffUntil } from './ask-and-apply.ts';
import { backUpAndFinish, waitingFor } from './back-up-and-finish.ts';
import { type Advance, type DeployWork, leftPaused, leftToEnd } from './deploy-work.ts';
import { type Deploying, heldWork } from './deploying.ts';
import { diffAndApply } from './diff-and-apply.ts';
import { applyAgain, resumeApply } from './resume-apply.ts';
import { APPLY, BATCHES, DIFF, LOAD, stageState } from './run-events.ts';
import { timeOut } from './time-out.ts';
import { withinDeadline } from './within-deadline.ts';
import { failOrLeave } from './without-apply.ts';

/**
 * Takes one deploy as far as it can go now: load, ask the switches, go on only with an approval of exactly what they would
 * change, apply, back up, tell. Safe to call again after dying anywhere in it.
 */
export async function advanceDeploy(
  deps: ReconcilerDeps,
  rules: TipRules,
  work: DeployWork,
  signal: AbortSignal,
): Promise<Advance> {
  const view = await deps.ledger.view(signal);
  const run = await view.run(work.run);
  const standing = run && (await whereItStands(deps, work, run, signal));
  if (standing) return standing;

  let loaded: LoadedCommit;
  try {
    const all = await withinDeadline(work.run, LOAD, signal, () => {
      const between = { before: work.parent, after: work.commit, accessFrom: 'after' } as const;
      return work.request
        ? loadRequest(deps, view, { ...between, request: work.request })
        : loadCommit(deps, view, between);
    });
    loaded = onlyShard(all, work);
  } catch (error) {
    return failOrLeave(deps, work, LOAD, error, signal);
  }

  const mayBegin = mayBeginAt(rules, heldWork({ loaded }, []), () => deps.clock.now());
  const deploying: Deploying = { work, run, view, loaded, rules, mayBegin };
  try {
    return await goOn(deps, deploying, signal);
  } catch (error) {
    return failOrLeave(deps, work, DIFF, error, signal);
  }
}

/** Where nothing has to be loaded to know that nothing can be done with a run now. */
export async function whereItStands(
  deps: ReconcilerDeps,
  work: DeployWork,
  run: Run,
  signal: AbortSignal,
): Promise<Advance | undefined> {
  const now = deps.clock.now();
  if (run.endedAt !== undefined) return { kind: 'ended', run: work.run, status: run.status };
  if (run.lease && leaseHolds(run.lease, now, (owner) => isOver(owner, deps.owner))) {
    const until = new Date(run.lease.deadline).toISOString();
    return { kind: 'waiting', run: work.run, why: `another process works on it, until ${until} at the latest` };
  }
  // Whatever else is to happen with it: nobody leaves a switch in the middle.
  if (isInterrupted(run)) return isPaused(run.status) ? leftPaused(run) : undefined;
  if (run.endWanted && run.children.length === 0) return leftToEnd(run);
  if (run.timeoutAt !== undefined && now >= run.timeoutAt) return timeOut(deps, work, run, signal);
  if (isPaused(run.status)) return leftPaused(run);
  if (parkedStage(run) !== undefined) return waitingFor(run);
  const off = goesOn(run) || isBackupDelayed(run) ? putOffUntil(run) : undefined;
  return off?.until !== undefined && off.until > now ? waitingFor(run) : undefined;
}

async function goOn(deps: ReconcilerDeps, deploying: Deploying, signal: AbortSignal): Promise<Advance> {
  const { run, view, loaded } = deploying;
  if (run && isInterrupted(run)) return resumeApply(deps, { ...deploying, run }, signal);
  if (run && loaded.workflow.kind === 'batches' && stageState(run, BATCHES) !== 'NOT_STARTED') {
    return advanceBatches(deps, { ...deploying, run }, signal);
  }
  if (run && goesOn(run)) return applyAgain(deps, { ...deploying, run }, signal);
  if (run && isApplied(run)) return backUpAndFinish(deps, deploying, view, signal);
  return diffAndApply(deps, deploying, signal);
}

/** What this run is about: the devices its shard reaches. */
function onlyShard(loaded: LoadedCommit, { shard = EVERYWHERE }: DeployWork): LoadedCommit {
  const subjects = loaded.subjects.filter(({ site }) => loaded.shardOf(site) === shard);
  return subjects.length === loaded.subjects.length ? loaded : { ...loaded, subjects };
}

/** Every switch has its end; what is missing is the backup and the telling. */
export function isApplied(run: Run): boolean {
  const state = stageState(run, APPLY);
  return state === 'COMPLETE' || state === 'FAILED' || state === 'UNREACHABLE';
}
