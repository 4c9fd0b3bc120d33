import type { DeviceOutcome, RunStatus } from '../../ledger/events.ts';
import { leaseHolds } from '../../ledger/lease.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import { isPaused } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import { planFromJson } from '../../plans/plan-json.ts';
import { workflowNamed } from '../../workflows/all-workflows.ts';
import { childrenOf } from '../batches/with-children.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { isCertainlyDead } from '../owner.ts';
import { lastPublishedPlan } from '../publish-plan.ts';
import { tellReading } from '../read/tell-reading.ts';
import { reportEnd } from '../report.ts';
import { reportDeployments } from '../report-deployments.ts';
import { runsBeside } from '../runs-beside.ts';
import { tally } from './apply-stage.ts';
import { type Advance, askedOn, type DeployWork, leftPaused, leftToAnother } from './deploy-work.ts';
import { DIFF, runEnded } from './run-events.ts';

/**
 * Tells people how the run came out, then ends it on the ledger. In that order: a run that has ended is never looked at
 * again, so a process that dies between the two tells once more and not never.
 *
 * What was told of the other parts of the commit has to be true still when this one ends, else it is told anew: so whoever
 * ends last has told of all.
 */
export async function finishRun(
  deps: ReconcilerDeps,
  work: DeployWork,
  signal: AbortSignal,
  /** How it ends, where that does not follow from the run alone. */
  as?: RunEnd,
): Promise<Advance> {
  for (;;) {
    const advance = await tellAndEnd(deps, work, as, signal);
    if (advance) return advance;
  }
}

/** @returns `undefined` when another part ended meanwhile, which happens once for each of them. */
async function tellAndEnd(
  deps: ReconcilerDeps,
  work: DeployWork,
  as: RunEnd | undefined,
  signal: AbortSignal,
): Promise<Advance | undefined> {
  const view = await deps.ledger.view(signal);
  const run = await view.run(work.run);
  if (!run) throw new RangeError(`${work.run} ends without having started`);
  if (isPaused(run.status)) return leftPaused(run);
  // Switches nobody has answered for yet: whoever works on them ends the run.
  if (run.lease && leaseHolds(run.lease, deps.clock.now(), (owner) => isCertainlyDead(owner, deps.owner))) {
    return leftToAnother(work);
  }
  const { status, why } = as ?? decideEnd(run);
  const endedAt = deps.clock.now();
  await tellEnd(deps, work, view, { ...run, status, why, endedAt }, signal);
  // One that a person closed is not closed by the next look at open gates.
  if (work.gate && work.gate.state !== 'open') await deps.forge.deleteBranch(work.gate.head.branch, signal);

  const told = await endedBeside(view, run);
  let isTold = true;
  const after = await deps.ledger.append(async (current) => {
    const now = await current.run(work.run);
    if (now?.endedAt !== undefined || isPaused(now?.status)) return undefined;
    isTold = (await endedBeside(current, run)) === told;
    if (!isTold) return undefined;
    const event = runEnded(endedAt, { ...run, status }, why);
    return { title: `${work.run}: ${status.toLowerCase()}, ${why}`, events: new Map([[work.run, [event]]]) };
  }, signal);
  if (!isTold) return undefined;
  const final = await after.run(work.run);
  if (final && isPaused(final.status)) return leftPaused(final);
  return { kind: 'ended', run: work.run, status: final?.status ?? status };
}

/** How many of the parts of a commit have ended, the one given left out. */
async function endedBeside(view: LedgerView, run: Run): Promise<number> {
  const beside = await runsBeside(view, run);
  return beside.filter(({ name, endedAt }) => name !== run.name && endedAt !== undefined).length;
}

/** Tells people how a run came out, wherever they may look for it. Told again it sends nothing. */
export async function tellEnd(
  deps: ReconcilerDeps,
  work: Pages,
  view: LedgerView,
  run: Run,
  signal: AbortSignal,
): Promise<void> {
  await tellProgress(deps, work, view, run, signal);
  if (!isReading(run) && !run.enforces) await reportDeployments(deps, run, signal);
}

type Pages = Pick<DeployWork, 'pullRequest' | 'gate'>;

/** Brings the pages of a run up to date, at each of its borders. Told again it sends nothing. */
export async function tellProgress(
  deps: ReconcilerDeps,
  work: Pages,
  view: LedgerView,
  run: Run,
  signal: AbortSignal,
): Promise<void> {
  const { pullRequest, gate } = work;
  // Nobody asked for it on any page: the issue about drift tells of it, and its own page on the ledger.
  if (run.enforces) return;
  if (isReading(run)) return tellReading(deps, run, pullRequest, signal);
  const asked = askedOn(work);
  const text = asked && run.digest ? await view.plan(asked.number, run.digest) : undefined;
  // Where nothing had to be applied there is no plan of the run's own: the one reviewers saw is the one to answer.
  const plan = text ? planFromJson(text) : asked && (await lastPublishedPlan(view, asked));
  const pages = [pullRequest, gate].filter((page) => page !== undefined);
  const beside = await runsBeside(view, run);
  const begun = beside.filter(({ children }) => children.length > 0 || run.hold);
  await reportEnd(
    deps,
    {
      pages,
      run,
      beside,
      inBatches: await Promise.all(begun.map(async (one) => ({ run: one, children: await childrenOf(view, one) }))),
      ...(plan ? { plan } : {}),
      ...(asked ? { plannedOn: asked.number } : {}),
    },
    signal,
  );
}

/** It changes no switch, so there is no plan to tell of. */
function isReading({ workflow }: Run): boolean {
  return workflowNamed(workflow)?.kind === 'read';
}

export interface RunEnd {
  readonly status: RunStatus;
  readonly why: string;
}

/** No green with a partial failure. */
export function decideEnd(run: Run): RunEnd {
  const diff = run.stages.find(({ name }) => name === DIFF);
  if (diff?.history.some(({ state }) => state === 'REJECTED'))
    return { status: 'REJECTED', why: diff.history.find(({ state }) => state === 'REJECTED')?.why ?? 'rejected' };
  const failed = run.stages.find(({ state }) => state === 'FAILED');
  const outcomes = run.devices.map(({ outcome }) => outcome?.kind ?? 'unknown');
  if (failed)
    return {
      status: 'FAILED',
      why: outcomes.length > 0 ? tally(outcomes) : (failed.error?.message ?? `${failed.name} failed`),
    };
  const well: ReadonlySet<DeviceOutcome['kind']> = new Set(['applied', 'in-sync']);
  return { status: outcomes.every((kind) => well.has(kind)) ? 'COMPLETED' : 'FAILED', why: tally(outcomes) };
}
