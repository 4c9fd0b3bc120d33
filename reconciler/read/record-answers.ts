import type { RunEvent } from '../../ledger/events.ts';
import { foldEvent } from '../../ledger/fold-run.ts';
import type { Run } from '../../ledger/run.ts';
import { count } from '../../plans/words.ts';
import { retryPolicyOf } from '../deploy/after-apply.ts';
import type { Advance } from '../deploy/deploy-work.ts';
import { moved, stageState, stagesOf } from '../deploy/run-events.ts';
import { withinDeadline } from '../deploy/within-deadline.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { rolloutOf } from '../load-commit.ts';
import type { ReadWork } from '../work.ts';
import { endReading, leftToAnother, parkReading, record } from './end-reading.ts';
import { isPassing } from './parked.ts';
import type { Answers, Reader, Reading } from './reader.ts';
import { answeredEvents, artifactEvents, nextTry } from './reading-events.ts';

/** The answers, and what follows from them: another try of those that could not be asked, what is left to do, or the end. */
export async function recordAnswers(
  deps: ReconcilerDeps,
  reading: Reading,
  reader: Reader,
  { answers, pending }: { readonly answers: Answers; readonly pending: readonly RunEvent[] },
  signal: AbortSignal,
): Promise<Advance> {
  const { work, run } = reading;
  const at = deps.clock.now();
  const later = answers.failures.filter(({ error }) => isPassing(error));
  const stage = run?.stages.find(({ name }) => name === reader.asks);
  const policy = retryPolicyOf(work.workflow, reader.asks, rolloutOf(reading.fleet.settings.value));
  const again = later.length > 0 && stage ? nextTry(stage, policy) : undefined;
  const lost = again ? answers.failures.filter((failure) => !later.includes(failure)) : answers.failures;
  const said: readonly RunEvent[] = [
    ...pending,
    ...answeredEvents(at, reader, answers, lost),
    ...artifactEvents(at, reader.asks, answers.artifacts),
  ];
  const step = { ...answers.keeps, artifacts: answers.artifacts };

  if (again) {
    const { attempt, of, delayMs } = again;
    const until = at + delayMs;
    const why = `${count(later.length, 'switch', 'switches')} could not be asked: ${later[0]?.error.message ?? ''}`;
    const events = [...said, { kind: 'retry-delayed', at, stage: reader.asks, until, attempt, of, why } as const];
    const title = `${work.run}: ${count(later.length, 'switch', 'switches')} to be asked again`;
    const after = await record(deps, work, run, { ...step, title, events }, signal);
    return after === 'moved' ? leftToAnother(work) : { kind: 'waiting', run: work.run, why, until };
  }

  const asked = [...said, moved(at, reader.asks, ...verdictOn(reading, run, said))];
  const [passing] = later;
  if (reader.parks && passing && work.schedule === undefined) {
    const events = asked.with(-1, {
      ...moved(at, reader.asks, ...verdictOn(reading, run, said)),
      error: passing.error,
    });
    return parkReading(deps, reading, reader, { ...step, events }, signal);
  }
  if (reader.handle && answers.isToHandle) {
    const title = `${work.run}: ${count(answers.outcomes.length, 'switch', 'switches')} asked`;
    const after = await record(deps, work, run, { ...step, title, events: asked }, signal);
    if (after === 'moved' || !after) return leftToAnother(work);
    return handleAndEnd(deps, { ...reading, run: after, view: await deps.ledger.view(signal) }, reader, signal);
  }
  return endReading(deps, reading, { ...step, events: [...asked, ...restDone(at, work, run, reader)] }, signal);
}

/** Of all switches, also those that answered at an earlier try. */
function verdictOn(
  { work, devices }: Reading,
  run: Run | undefined,
  said: readonly RunEvent[],
): readonly ['COMPLETE' | 'FAILED', string] {
  const after = said.reduce<Run | undefined>((before, event) => foldEvent(work.run, before, event), run);
  const lost = after?.devices.filter(({ outcome }) => outcome?.kind === 'untouched').length ?? 0;
  const all = count(devices.length, 'switch', 'switches');
  return lost > 0 ? ['FAILED', `${lost} of ${all} could not be asked`] : ['COMPLETE', `${all} asked`];
}

/** Stages after the asking that have nothing left to do of their own. */
function restDone(at: number, { workflow }: ReadWork, run: Run | undefined, { asks }: Reader): readonly RunEvent[] {
  const names = stagesOf(workflow);
  return names
    .slice(names.indexOf(asks) + 1)
    .flatMap((name) => [
      ...(stageState(run, name) === 'NOT_STARTED' ? [moved(at, name, 'IN_PROGRESS')] : []),
      moved(at, name, 'COMPLETE'),
    ]);
}

/** Does what follows from the outcomes that are on record, and ends the run. */
export async function handleAndEnd(
  deps: ReconcilerDeps,
  reading: Reading,
  reader: Reader,
  signal: AbortSignal,
): Promise<Advance> {
  const { work, run } = reading;
  const [last = reader.asks] = stagesOf(work.workflow).slice(-1);
  const artifacts =
    run && reader.handle
      ? await withinDeadline(work.run, last, signal, async (limited) =>
          reader.handle?.({ ...deps }, { ...reading, run }, limited),
        )
      : undefined;
  const at = deps.clock.now();
  const files = artifacts ?? new Map<string, string>();
  const events = [...artifactEvents(at, last, files), ...restDone(at, work, run, reader)];
  return endReading(deps, reading, { artifacts: files, events }, signal);
}
