import { isDeepStrictEqual } from 'node:util';
import type { RunEvent } from '../../ledger/events.ts';
import { foldEvent } from '../../ledger/fold-run.ts';
import type { LedgerStep } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import { renderProblems } from '../../schemas/render-problems.ts';
import type { Advance } from '../deploy/deploy-work.ts';
import { moved, stageState, stagesOf } from '../deploy/run-events.ts';
import type { ReconcilerDeps } from '../deps.ts';
import type { FleetInvalidError } from '../errors.ts';
import type { ReadWork } from '../work.ts';
import { parkedAdvance } from './parked.ts';
import type { Reader, Reading } from './reader.ts';
import { artifactEvents, failedEvents } from './reading-events.ts';
import { tellReading } from './tell-reading.ts';

type Ending = Pick<LedgerStep, 'backups' | 'drift' | 'driftGone'> & {
  readonly artifacts: ReadonlyMap<string, string>;
  readonly events: readonly RunEvent[];
};

/** Tells people, then puts the end on record: a process that dies between the two tells once more and not never. */
export async function endReading(
  deps: ReconcilerDeps,
  { work, run }: Pick<Reading, 'work' | 'run'>,
  { artifacts, events, ...keeps }: Ending,
  signal: AbortSignal,
): Promise<Advance> {
  const all = events.some(({ kind }) => kind === 'run-ended') ? events : [...events, endOf(work, run, events)];
  const ended = foldedWith(work, run, all);
  const title = `${work.run}: ${ended.status.toLowerCase()}, ${ended.why}`;
  const step = { ...keeps, artifacts, title, events: all };
  if ((await tellAndRecord(deps, { work, run }, ended, step, signal)) === 'moved') return leftToAnother(work);
  return { kind: 'ended', run: work.run, status: ended.status };
}

/** The same for a run that stands as failed until a person has it tried again. */
export async function parkReading(
  deps: ReconcilerDeps,
  { work, run }: Pick<Reading, 'work' | 'run'>,
  reader: Reader,
  ending: Ending,
  signal: AbortSignal,
): Promise<Advance> {
  const standing = foldedWith(work, run, ending.events);
  const advance = parkedAdvance(standing, reader);
  if (advance?.kind !== 'waiting') throw new RangeError(`${work.run} has nothing to be tried again`);
  const step = { ...ending, title: `${work.run}: failed, ${advance.why}` };
  const told = await tellAndRecord(deps, { work, run }, standing, step, signal);
  return told === 'moved' ? leftToAnother(work) : advance;
}

function foldedWith({ run: name }: ReadWork, run: Run | undefined, events: readonly RunEvent[]): Run {
  const folded = events.reduce<Run | undefined>((before, event) => foldEvent(name, before, event), run);
  if (!folded) throw new RangeError(`${name} is told of without having started`);
  return folded;
}

async function tellAndRecord(
  deps: ReconcilerDeps,
  { work, run }: Pick<Reading, 'work' | 'run'>,
  told: Run,
  step: Ending & Pick<LedgerStep, 'title'>,
  signal: AbortSignal,
): Promise<Run | undefined | 'moved'> {
  if (!isDeepStrictEqual(run, await (await deps.ledger.view(signal)).run(work.run))) return 'moved';
  await tellReading(deps, told, work.pullRequest, signal);
  return record(deps, work, run, step, signal);
}

/** No green with a partial failure. */
function endOf({ run: name }: ReadWork, run: Run | undefined, events: readonly RunEvent[]): RunEvent {
  const after = events.reduce<Run | undefined>((before, event) => foldEvent(name, before, event), run);
  const stages = after?.stages ?? [];
  const failed = stages.find(({ state }) => state === 'FAILED');
  const said = (failed ?? stages.findLast(({ history }) => history.at(-1)?.why !== undefined))?.history.at(-1)?.why;
  const at = events.at(-1)?.at ?? 0;
  return { kind: 'run-ended', at, status: failed ? 'FAILED' : 'COMPLETED', why: said ?? 'done' };
}

/**
 * Adds to the run unless anybody has gone on with it since it was as in `basis`.
 *
 * @returns The run as it is then, or `moved`: nothing was added.
 */
export async function record(
  deps: ReconcilerDeps,
  work: ReadWork,
  basis: Run | undefined,
  { events, artifacts, ...step }: Omit<LedgerStep, 'events' | 'artifacts'> & Partial<Ending>,
  signal: AbortSignal,
): Promise<Run | undefined | 'moved'> {
  let isMoved = false;
  const after = await deps.ledger.append(async (view) => {
    isMoved = !isDeepStrictEqual(basis, await view.run(work.run));
    if (isMoved) return undefined;
    return {
      ...step,
      events: new Map([[work.run, events ?? []]]),
      ...(artifacts && artifacts.size > 0 ? { artifacts: new Map([[work.run, artifacts]]) } : {}),
    };
  }, signal);
  return isMoved ? 'moved' : after.run(work.run);
}

export function leftToAnother({ run }: ReadWork): Advance {
  return { kind: 'waiting', run, why: 'another process went on with it meanwhile; the next pass looks again' };
}

/** The fleet does not allow it, and never will at this commit: every problem is told, and no switch was asked. */
export async function failAtOnce(
  deps: ReconcilerDeps,
  work: ReadWork,
  run: Run | undefined,
  error: FleetInvalidError,
  signal: AbortSignal,
): Promise<Advance> {
  const at = deps.clock.now();
  const stage = stagesOf(work.workflow).find((name) => stageState(run, name) !== 'COMPLETE') ?? '';
  const artifacts = new Map([['problems.txt', `${renderProblems(error.details.problems)}\n`]]);
  const failed = failedEvents(at, run, work, stage, error.toJSON());
  const events = [...failed, ...artifactEvents(at, stage, artifacts)];
  return endReading(deps, { work, run }, { artifacts, events }, signal);
}

/** Ends a run that did not end in its time: the switches were only read, and nothing is left of it. */
export async function timeOutReading(
  deps: ReconcilerDeps,
  work: ReadWork,
  run: Run,
  signal: AbortSignal,
): Promise<Advance> {
  const at = deps.clock.now();
  const why = 'its time is over';
  const events: readonly RunEvent[] = [
    ...run.stages.flatMap(({ name, state }) => {
      if (state === 'NOT_STARTED') return [moved(at, name, 'UNREACHABLE', why)];
      return state === 'IN_PROGRESS' ? [moved(at, name, 'FAILED', why)] : [];
    }),
    { kind: 'run-ended', at, status: 'TIMED_OUT', why },
  ];
  return endReading(deps, { work, run }, { artifacts: new Map(), events }, signal);
}
