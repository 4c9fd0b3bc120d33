import type { RunEvent, StageState } from '../ledger/events.ts';
import { foldEvent } from '../ledger/fold-run.ts';
import type { LedgerView } from '../ledger/ledger.ts';
import type { Run } from '../ledger/run.ts';
import type { Attempt } from './attempt.ts';
import { outcomesFor } from './batches/batch-run.ts';
import { tellEnd } from './deploy/finish-run.ts';
import { childEnded, ended, moved, runEnded } from './deploy/run-events.ts';
import { openChildren } from './deploy/time-out.ts';
import type { ReconcilerDeps } from './deps.ts';
import { RunTerminatedError } from './errors.ts';

/**
 * Ends all runs whose end somebody wants, where nobody changes switches for them.
 *
 * @returns Those that ended, and the ledger as it is then.
 */
export async function endWanted(
  deps: ReconcilerDeps,
  view: LedgerView,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<{ readonly ended: readonly Run[]; readonly view: LedgerView }> {
  const wanted = (await view.openRuns()).filter((run) => run.endWanted);
  if (wanted.length === 0) return { ended: [], view };
  const names = new Set(wanted.map(({ name }) => name));
  const ended: Run[] = [];
  // A batch ends with the run it is of.
  for (const { name } of wanted.filter(({ parent }) => parent === undefined || !names.has(parent))) {
    const [run] = await attempt(name, () => endAsWanted(deps, name, signal));
    if (run?.endedAt !== undefined) ended.push(run);
  }
  return { ended, view: await deps.ledger.view(signal) };
}

/**
 * Ends a run whose end somebody wants, and the batches of it, as soon as nobody changes switches for any of them. Tells people,
 * then ends it: dying in between, the next pass tells once more and not never.
 *
 * @returns The run as it is then: still open where switches are being changed for it.
 */
export async function endAsWanted(deps: ReconcilerDeps, name: string, signal: AbortSignal): Promise<Run | undefined> {
  const view = await passOnToBatches(deps, name, signal);
  const family = await familyOf(view, name);
  const [run] = family;
  if (!run?.endWanted || family.some(isInHands)) return run;

  const endedAt = deps.clock.now();
  for (const { run: ended } of endsOf(endedAt, family)) await tell(deps, view, ended, signal);

  const after = await deps.ledger.append(async (current) => {
    const now = await familyOf(current, name);
    if (!now[0]?.endWanted || now.some(isInHands)) return undefined;
    const ends = endsOf(endedAt, now);
    const parent = now[0].parent === undefined ? undefined : await current.run(now[0].parent);
    return {
      title: `${name}: ${whyTerminated(now[0].endWanted)}`,
      events: new Map([
        ...ends.map(({ run: ended, events }) => [ended.name, events] as const),
        // The run a batch is of goes on without it, and has to know how its switches were left.
        ...(parent && parent.endedAt === undefined ? [[parent.name, toldOf(endedAt, parent, ends)] as const] : []),
      ]),
    };
  }, signal);
  return after.run(name);
}

/** Who ended it and why, as one sentence without its stop. */
function whyTerminated({ by, why }: NonNullable<Run['endWanted']>): string {
  return `terminated by ${by}${why === undefined ? '' : `: ${why}`}`;
}

/** A batch may have begun in the moment its run was terminated. */
async function passOnToBatches(deps: ReconcilerDeps, name: string, signal: AbortSignal): Promise<LedgerView> {
  return deps.ledger.append(async (view) => {
    const [run, ...batches] = await familyOf(view, name);
    const others = batches.filter(({ endWanted }) => !endWanted);
    const wanted = run?.endWanted;
    if (!wanted || others.length === 0) return undefined;
    const event: RunEvent = { kind: 'end-wanted', ...wanted, at: deps.clock.now() };
    return {
      title: `${name}: ${whyTerminated(wanted)}, with its batches`,
      events: new Map(others.map((batch) => [batch.name, [event]])),
    };
  }, signal);
}

/** The run and its batches that have not ended; nothing where it has. */
async function familyOf(view: LedgerView, name: string): Promise<readonly Run[]> {
  const run = await view.run(name);
  if (!run || run.endedAt !== undefined) return [];
  return [run, ...(await openChildren(view, run))];
}

/** Somebody changes switches for it, or did and died: then the next look at those switches comes first. */
function isInHands({ lease }: Run): boolean {
  return lease !== undefined;
}

export interface Ended {
  /** As it was. */
  readonly before: Run;
  readonly events: readonly RunEvent[];
  /** As it is with them. */
  readonly run: Run;
}

/** How a run and its batches end, decided from them alone. Batches first: the run knows of each switch what its batch does. */
export function endsOf(at: number, [run, ...batches]: readonly Run[]): readonly Ended[] {
  if (!run) return [];
  const ended = batches.map((batch) => endOf(at, batch, run.endWanted, []));
  return [...ended, endOf(at, run, run.endWanted, ended)];
}

function endOf(at: number, before: Run, by: Run['endWanted'], batches: readonly Ended[]): Ended {
  const wanted = before.endWanted ?? by ?? { by: 'somebody', at };
  const why = whyTerminated(wanted);
  const known = toldOf(at, before, batches);
  const told = folded(before, known);
  const events: RunEvent[] = [
    ...known,
    ...told.stages.flatMap(({ name, state }) => {
      const to = stateAtTheEnd(state);
      return to === undefined ? [] : [moved(at, name, to, why)];
    }),
    ...told.devices
      .filter(({ outcome }) => !outcome)
      .map(({ site, device }) => {
        const error = new RunTerminatedError({ device, run: before.name, by: wanted.by }).toJSON();
        return ended(at, { site, device, outcome: { kind: 'untouched', error } }, stageOf(told));
      }),
  ];
  const stopped: Run = { ...folded(before, events), status: 'TERMINATED' };
  const all = [...events, runEnded(at, stopped, why, wanted.by)];
  return { before, events: all, run: folded(before, all) };
}

/** What a run has to know of batches of it that ended. */
function toldOf(at: number, run: Run, ends: readonly Ended[]): readonly RunEvent[] {
  return ends.flatMap(({ before, events, run: batch }) => [
    ...outcomesFor(at, run, batch),
    childEnded(at, before, events),
  ]);
}

function folded(run: Run, events: readonly RunEvent[]): Run {
  return events.reduce<Run>((before, event) => foldEvent(run.name, before, event), run);
}

function stageOf({ stages }: Run): string {
  return (stages.find(({ state }) => state !== 'COMPLETE') ?? stages.at(-1))?.name ?? '';
}

/** What was under way has failed; what had not begun never will be. */
function stateAtTheEnd(state: StageState): StageState | undefined {
  switch (state) {
    case 'NOT_STARTED':
      return 'UNREACHABLE';
    case 'IN_PROGRESS':
    case 'PENDING_APPROVAL':
    case 'APPROVED':
    case 'REJECTED':
      return 'FAILED';
    case 'COMPLETE':
    case 'FAILED':
    case 'UNREACHABLE':
      return undefined;
  }
}

/** A batch has a page only where it asked for an approval of its own. */
async function tell(deps: ReconcilerDeps, view: LedgerView, run: Run, signal: AbortSignal): Promise<void> {
  const page = async (number: number | undefined) =>
    number === undefined ? undefined : deps.forge.pullRequest(number, signal);
  const [pullRequest, gate] = [
    run.parent === undefined ? await page(run.pullRequest) : undefined,
    await page(run.gate),
  ];
  if (run.parent !== undefined && !gate) return;
  await tellEnd(deps, { ...(pullRequest ? { pullRequest } : {}), ...(gate ? { gate } : {}) }, view, run, signal);
}
