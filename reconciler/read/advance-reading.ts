import type { RunEvent } from '../../ledger/events.ts';
import { isPaused } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import { type Advance, leftPaused } from '../deploy/deploy-work.ts';
import { stageState } from '../deploy/run-events.ts';
import { withinDeadline } from '../deploy/within-deadline.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { FleetInvalidError } from '../errors.ts';
import { decideHold } from '../hold.ts';
import type { TipRules } from '../tip-rules.ts';
import type { ReadWork } from '../work.ts';
import { failAtOnce, leftToAnother, record, timeOutReading } from './end-reading.ts';
import { isAnswered, parkedAdvance } from './parked.ts';
import type { Reader, Reading } from './reader.ts';
import { readerOf, revisionFor } from './readers.ts';
import { begunEvents, startedReading, timeIsOverAt } from './reading-events.ts';
import { handleAndEnd, recordAnswers } from './record-answers.ts';
import { type Selection, selectFor } from './select-for.ts';

/**
 * Takes a run that only reads switches as far as it can go now: choose them, ask them, put on record what they said, tell. Safe
 * to call again after dying anywhere in it, and by two processes at once: nothing is changed on any switch, and of two that
 * read the same the ledger takes the first.
 */
export async function advanceReading(
  deps: ReconcilerDeps,
  rules: TipRules,
  work: ReadWork,
  signal: AbortSignal,
): Promise<Advance> {
  const view = await deps.ledger.view(signal);
  const run = await view.run(work.run);
  if (run?.endedAt !== undefined) return { kind: 'ended', run: work.run, status: run.status };
  if (run && isPaused(run.status)) return leftPaused(run);
  const now = deps.clock.now();
  if (run && !run.hold && now >= timeIsOverAt(run)) return timeOutReading(deps, work, run, signal);

  const reader = readerOf(work.workflow);
  const parked = run && parkedAdvance(run, reader);
  if (parked) return parked;
  let selection: Selection;
  try {
    selection = await selectFor(deps, rules, work, revisionFor(work, rules));
  } catch (error) {
    if (!(error instanceof FleetInvalidError)) throw error;
    return failAtOnce(deps, work, run, error, signal);
  }
  const { notBefore } = selection;
  if (notBefore !== undefined && now < notBefore) return holdReading(deps, rules, work, run, notBefore, signal);
  const delay = run?.stages.find(({ name }) => name === reader.asks)?.retryDelay;
  if (delay && now < delay.until) {
    const why = `some switches could not be asked; try ${delay.attempt} of ${delay.of}`;
    return { kind: 'waiting', run: work.run, why, until: delay.until };
  }

  const begun = await begin(deps, work, run, reader, selection, signal);
  if (begun === 'moved') return leftToAnother(work);
  const known = new Set(run?.devices.filter(({ outcome }) => isAnswered(outcome)).map(({ device }) => device));
  const reading: Reading = {
    ...{ work, run: begun.run, view, rules },
    ...{ fleet: selection.fleet, devices: selection.devices },
    open: selection.devices.filter(({ name }) => !known.has(name)),
  };
  if (stageState(begun.run, reader.asks) === 'COMPLETE' || stageState(begun.run, reader.asks) === 'FAILED') {
    return handleAndEnd(deps, reading, reader, signal);
  }
  const answers = await withinDeadline(work.run, reader.asks, signal, (limited) => reader.ask(deps, reading, limited));
  return recordAnswers(deps, reading, reader, { answers, pending: begun.pending }, signal);
}

/**
 * Puts on record that it is under way. A run that is on the ledger already need not be told of once more: then what begins it
 * goes there with the answers.
 */
async function begin(
  deps: ReconcilerDeps,
  work: ReadWork,
  run: Run | undefined,
  reader: Reader,
  { inWords }: Selection,
  signal: AbortSignal,
): Promise<'moved' | { readonly run: Run | undefined; readonly pending: readonly RunEvent[] }> {
  const events = begunEvents(deps.clock.now(), work, run, reader, inWords);
  if (run && !run.hold) return { run, pending: events };
  const after = await record(deps, work, run, { title: `${work.run}: ask ${inWords}`, events }, signal);
  return after === 'moved' ? after : { run: after, pending: [] };
}

/** Waits for its moment, on record from the start. */
async function holdReading(
  deps: ReconcilerDeps,
  rules: TipRules,
  work: ReadWork,
  run: Run | undefined,
  notBefore: number,
  signal: AbortSignal,
): Promise<Advance> {
  const at = deps.clock.now();
  const hold = decideHold(rules, { sites: [], notBefore, secondsNeeded: 0 }, at);
  const why = hold?.why ?? 'its moment has not come';
  if (run?.hold?.until !== notBefore) {
    const events: RunEvent[] = [
      ...(run ? [] : [startedReading(at, work)]),
      { kind: 'held', at, why, until: notBefore },
    ];
    if ((await record(deps, work, run, { title: `${work.run}: held, ${why}`, events }, signal)) === 'moved') {
      return leftToAnother(work);
    }
  }
  return { kind: 'waiting', run: work.run, why, until: notBefore };
}
