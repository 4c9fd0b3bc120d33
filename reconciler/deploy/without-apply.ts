import type { ApprovalDecision } from '../../approvals/approval.ts';
import { verdictsJson } from '../../approvals/render-decision.ts';
import type { RunEvent } from '../../ledger/events.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import { isPaused } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import type { Plan } from '../../plans/plan.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { FleetInvalidError } from '../errors.ts';
import { type Advance, type DeployWork, leftToAnother } from './deploy-work.ts';
import { finishRun } from './finish-run.ts';
import { askedEvents, DIFF, moved, stageState, stagesOf, started } from './run-events.ts';

/** The ways a deploy stands or ends before anything is applied. */

/** The run stays open; the next pass asks again. Written only when something about the wait is new. */
export async function waitForApproval(
  deps: ReconcilerDeps,
  work: DeployWork,
  run: Run | undefined,
  plan: Plan,
  decision: 'waiting' | 'void',
  why: string,
  signal: AbortSignal,
  verdicts?: ApprovalDecision,
): Promise<Advance> {
  const known = run?.decision;
  const gate = work.gate?.number;
  if (known?.digest !== plan.digest || known.decision !== decision || known.why !== why || run?.gate !== gate) {
    const at = deps.clock.now();
    const events: RunEvent[] = [
      ...askedEvents(at, work, run, plan),
      ...(stageState(run, DIFF) === 'PENDING_APPROVAL' ? [] : [moved(at, DIFF, 'PENDING_APPROVAL', why)]),
      ...(gate === undefined || gate === run?.gate
        ? []
        : [{ kind: 'gate-opened', at, stage: DIFF, pullRequest: gate } as const]),
      { kind: 'decided', at, stage: DIFF, digest: plan.digest, decision, by: [], why },
    ];
    const written = await appendUnlessMoved(deps, work, run, `${work.run}: waiting, ${why}`, events, signal, verdicts);
    if (!written) return leftToAnother(work);
  }
  return { kind: 'waiting', run: work.run, why, ...answerOn(work) };
}

/** Where a yes is given; of a gate also a no. */
function answerOn({ gate, pullRequest }: DeployWork): { readonly next?: string } {
  if (gate) return { next: `Approve #${gate.number} to let it go on, or close it to reject.` };
  return pullRequest ? { next: `Approve #${pullRequest.number}.` } : {};
}

export async function rejectRun(
  deps: ReconcilerDeps,
  work: DeployWork,
  run: Run | undefined,
  /** Absent where what was asked stands on the ledger already. */
  plan: Plan | undefined,
  decision: ApprovalDecision & { readonly kind: 'rejected' },
  signal: AbortSignal,
): Promise<Advance> {
  const at = deps.clock.now();
  const events: RunEvent[] = [
    ...(plan ? askedEvents(at, work, run, plan) : []),
    ...(stageState(run, DIFF) === 'PENDING_APPROVAL' ? [] : [moved(at, DIFF, 'PENDING_APPROVAL')]),
    {
      kind: 'decided',
      at,
      stage: DIFF,
      digest: plan?.digest ?? run?.digest ?? '',
      decision: 'rejected',
      by: decision.by,
    },
    moved(at, DIFF, 'REJECTED', `rejected by ${decision.by.join(', ')}`),
    moved(at, DIFF, 'COMPLETE'),
    ...stagesOf(work.workflow)
      .slice(stagesOf(work.workflow).indexOf(DIFF) + 1)
      .map((stage) => moved(at, stage, 'UNREACHABLE', 'the plan was rejected')),
  ];
  const title = `${work.run}: rejected by ${decision.by.join(', ')}`;
  const written = await appendUnlessMoved(deps, work, run, title, events, signal, decision);
  return written ? finishRun(deps, work, signal) : leftToAnother(work);
}

/**
 * An error this commit can never get over ends the run. Any other is somebody else's to mend (a token, a server, a switch),
 * and the next pass goes on from here.
 */
export async function failOrLeave(
  deps: ReconcilerDeps,
  work: DeployWork,
  stage: string,
  error: unknown,
  signal: AbortSignal,
): Promise<Advance> {
  if (!(error instanceof FleetInvalidError)) throw error;
  const run = await (await deps.ledger.view(signal)).run(work.run);
  const at = deps.clock.now();
  const names = stagesOf(work.workflow);
  const events: RunEvent[] = [
    ...(run ? [] : [started(at, work)]),
    ...names
      .slice(0, names.indexOf(stage))
      .filter((name) => stageState(run, name) !== 'COMPLETE')
      .flatMap((name) => [moved(at, name, 'IN_PROGRESS'), moved(at, name, 'COMPLETE')]),
    ...(stageState(run, stage) === 'NOT_STARTED' ? [moved(at, stage, 'IN_PROGRESS')] : []),
    { ...moved(at, stage, 'FAILED', error.message), error: error.toJSON() },
    ...names.slice(names.indexOf(stage) + 1).map((name) => moved(at, name, 'UNREACHABLE', `${stage} failed`)),
  ];
  const written = await appendUnlessMoved(deps, work, run, `${work.run}: ${error.code}`, events, signal);
  return written ? finishRun(deps, work, signal) : leftToAnother(work);
}

/**
 * Adds events unless somebody else has moved the run on meanwhile; the next look then decides.
 *
 * @param basis The run the events were decided from.
 * @returns `undefined` when somebody has: nothing may be concluded from what was found before.
 */
export async function appendUnlessMoved(
  deps: ReconcilerDeps,
  work: DeployWork,
  basis: Run | undefined,
  title: string,
  events: readonly RunEvent[],
  signal: AbortSignal,
  verdicts?: ApprovalDecision,
): Promise<LedgerView | undefined> {
  let added = false;
  const after = await deps.ledger.append(async (view) => {
    added = !hasMoved(basis, await view.run(work.run));
    if (!added) return undefined;
    return {
      title,
      events: new Map([[work.run, events]]),
      ...(verdicts ? { verdicts: { run: work.run, stage: DIFF, json: verdictsJson(verdicts) } } : {}),
    };
  }, signal);
  return added ? after : undefined;
}

/** Whether anybody has gone on with a run, paused it or ended it, or wants it ended, since it was as in `basis`. */
export function hasMoved(basis: Run | undefined, now: Run | undefined): boolean {
  return (
    now?.endedAt !== undefined ||
    now?.endWanted !== undefined ||
    isPaused(now?.status) ||
    movesOf(now) !== movesOf(basis)
  );
}

function movesOf(run: Run | undefined): number {
  return run?.stages.reduce((sum, { history }) => sum + history.length, 0) ?? 0;
}
