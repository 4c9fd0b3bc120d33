import { summarizeDecision } from '../../approvals/render-decision.ts';
import type { Run } from '../../ledger/run.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { EVERYWHERE, planOfShard } from '../shards.ts';
import { stillToDo } from './after-apply.ts';
import { approvalOfRun } from './approval-of-run.ts';
import { askAndApply, resumePart } from './ask-and-apply.ts';
import { backUpAndFinish } from './back-up-and-finish.ts';
import type { Advance } from './deploy-work.ts';
import { type Deploying, partOf } from './deploying.ts';
import { APPLY } from './run-events.ts';

type Resumed = Deploying & { readonly run: Run };

/** Goes on where a process died between the intent and the record. The switches know what happened. */
export async function resumeApply(deps: ReconcilerDeps, deploying: Resumed, signal: AbortSignal): Promise<Advance> {
  const { work, run, loaded } = deploying;
  // The grant was recorded when the work began: that it would have expired since is no reason to stop half way.
  const { whole, decision } = await approvalOfRun(deps, deploying, run.decision?.at, signal);
  const approval = decision.kind === 'granted' ? decision.approval : undefined;
  const part = partOf(deploying, planOfShard(whole, loaded.shardOf, work.shard ?? EVERYWHERE));
  const applied = await resumePart(deps, part, run, approval, signal);
  if (applied.kind === 'busy') return { kind: 'waiting', run: work.run, why: applied.why };
  return backUpAndFinish(deps, deploying, applied.view, signal);
}

/** Tries what failed again: by itself when its time has come, or because a person said so. */
export async function applyAgain(deps: ReconcilerDeps, deploying: Resumed, signal: AbortSignal): Promise<Advance> {
  const { work, run, loaded } = deploying;
  const byPerson = (run.stages.find(({ name }) => name === APPLY)?.retries ?? 0) > 0;
  // What is tried again by itself is still what was begun; a person who says so days later needs an approval that holds then.
  const at = byPerson ? undefined : run.decision?.at;
  const { whole, asked, decision } = await approvalOfRun(deps, deploying, at, signal);
  if (decision.kind !== 'granted') {
    const why = `the approval does not hold any more: ${summarizeDecision(decision)}`;
    return { kind: 'waiting', run: work.run, why, next: `Approve #${asked.number} again.` };
  }
  const part = partOf(deploying, planOfShard(whole, loaded.shardOf, work.shard ?? EVERYWHERE));
  const devices = new Set(stillToDo(run).map(({ device }) => device));
  const order = { devices, approval: decision.approval, eventsBefore: [] };
  const applied = await askAndApply(deps, part, order, signal);
  if (applied.kind === 'busy') return { kind: 'waiting', run: work.run, why: applied.why };
  return backUpAndFinish(deps, deploying, applied.view, signal);
}
