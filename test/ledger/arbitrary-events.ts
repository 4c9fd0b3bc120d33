import fc from 'fast-check';
import type { RunEvent, RunStatus, StageState } from '../../ledger/events.ts';
import { foldEvent } from '../../ledger/fold-run.ts';
import { RUN_MOVES, STAGE_MOVES } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import { PointsmanError } from '../../schemas/errors.ts';
import {
  anError,
  applied,
  type EventOf,
  ended,
  intent,
  moved,
  ownerA,
  ownerB,
  planned,
  RUN,
  STAGES,
  started,
  T0,
} from './build.ts';

const at = fc.integer({ min: T0, max: T0 + 3_600_000 });
const device = fc.constantFrom('leaf-01', 'leaf-02', 'leaf-03', 'spine-01');
const devices = fc.uniqueArray(device, { minLength: 1, maxLength: 4 });
const owner = fc.constantFrom(ownerA, ownerB);
/** Mostly one of two, so that a stage gets somewhere before the events run out. */
const stage = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(STAGES[1], STAGES[2]) },
  { weight: 1, arbitrary: fc.constantFrom(...STAGES) },
);
const to = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('IN_PROGRESS', 'COMPLETE' as const) },
  { weight: 3, arbitrary: fc.constantFrom(...(Object.keys(STAGE_MOVES) as StageState[])) },
);
const child = fc.constantFrom('batchdeploy-pr-412-01-a1b2c3d4e5f6', 'batchdeploy-pr-412-02-a1b2c3d4e5f6');
/** Text with all that a line of JSON or a table cell could trip over. */
const words = fc.oneof(fc.string(), fc.constantFrom('two\nlines', '| pipe', '\u2028', '"quoted" \\', 'é日本'));
const error = words.map((message) => anError({ message }));

const outcome = fc.oneof(
  fc.constant(applied),
  fc.constant({ kind: 'in-sync' } as const),
  fc.constant({ kind: 'differs', digest: 'd', changes: 3 } as const),
  fc.boolean().map((changed) => ({ kind: 'backed-up', changed }) as const),
  fc
    .constantFrom('unknown', 'reverted', 'untouched')
    .chain((kind) => error.map((document) => ({ kind, error: document }) as const)),
  error.map((document) => ({ kind: 'faulty', candidate: '3', error: document }) as const),
);

/** A field that may be left out. */
function maybe<Key extends string, Value>(key: Key, value: fc.Arbitrary<Value>): fc.Arbitrary<{ [K in Key]?: Value }> {
  return fc
    .option(value, { nil: undefined })
    .map((found) => (found === undefined ? {} : { [key]: found }) as { [K in Key]?: Value });
}

/** An event of a kind, from its fields and those that may be left out. */
function eventOf<Kind extends RunEvent['kind']>(
  kind: Kind,
  fields: { readonly [Key in keyof EventOf<Kind>]?: fc.Arbitrary<unknown> },
  ...optional: readonly fc.Arbitrary<object>[]
): fc.Arbitrary<RunEvent> {
  return fc
    .tuple(at, fc.record(fields as Record<string, fc.Arbitrary<unknown>>), ...optional)
    .map(([when, known, ...more]) => Object.assign({ at: when, kind }, known, ...more) as RunEvent);
}

const why = maybe('why', words);
const by = maybe('by', words);
const batch = fc
  .tuple(fc.nat({ max: 9 }), maybe('canary', fc.boolean()))
  .map(([number, canary]) => ({ number, of: 9, ...canary }));
const recovery = fc.record({ deviceState: words, advice: words });

/** By kind, so that a kind nobody thought of here does not compile. `weight`: how often; runs should get somewhere. */
const EVENTS: Readonly<Record<RunEvent['kind'], { readonly weight: number; readonly event: fc.Arbitrary<RunEvent> }>> =
  {
    'run-started': { weight: 1, event: fc.constant(started()) },
    'stage-moved': {
      weight: 12,
      event: fc
        .tuple(stage, to, at, why, by, maybe('recovery', recovery))
        .map(([name, to, when, ...more]) => moved(name, to, when, Object.assign({}, ...more))),
    },
    'retry-delayed': {
      weight: 2,
      event: eventOf('retry-delayed', {
        stage,
        until: at,
        attempt: fc.nat({ max: 3 }),
        of: fc.constant(3),
        why: words,
      }),
    },
    held: { weight: 2, event: eventOf('held', { why: words }, maybe('until', at)) },
    'child-started': {
      weight: 2,
      event: eventOf('child-started', { stage, run: child }, maybe('batch', batch), maybe('devices', fc.nat())),
    },
    'child-ended': {
      weight: 2,
      event: eventOf(
        'child-ended',
        {
          stage,
          run: child,
          status: fc.constantFrom('COMPLETED', 'FAILED', 'TERMINATED'),
          outcomes: fc.constantFrom({}, { applied: 2, reverted: 1 }),
        },
        why,
      ),
    },
    'barrier-decided': {
      weight: 2,
      event: eventOf('barrier-decided', { stage, decision: fc.constantFrom('confirm', 'take-back'), why: words }),
    },
    'artifact-written': {
      weight: 1,
      event: eventOf('artifact-written', { stage, file: fc.constantFrom('a.md', 'b.json') }),
    },
    planned: { weight: 2, event: fc.tuple(devices, at).map(([names, when]) => planned(names, when)) },
    'gate-opened': { weight: 1, event: eventOf('gate-opened', { stage, pullRequest: fc.nat() }) },
    decided: {
      weight: 3,
      event: eventOf(
        'decided',
        {
          stage,
          digest: fc.constant('p1:x'),
          decision: fc.constantFrom('granted', 'waiting', 'rejected', 'void'),
          by: fc.array(words, { maxLength: 2 }),
        },
        why,
      ),
    },
    intent: {
      weight: 4,
      event: fc
        .tuple(devices, owner, stage, at, at)
        .map(([names, who, name, when, deadline]) => intent(names, { owner: who, stage: name, at: when, deadline })),
    },
    'lease-extended': { weight: 3, event: eventOf('lease-extended', { owner, deadline: at }) },
    'device-ended': {
      weight: 6,
      event: fc.tuple(device, outcome, at).map(([name, how, when]) => ended(name, how, when)),
    },
    'backed-up': {
      weight: 1,
      event: eventOf('backed-up', { site: fc.constant('ams1'), device, file: fc.constant('backups/ams1/x.yaml') }),
    },
    'run-paused': { weight: 1, event: eventOf('run-paused', { by: words }, why, maybe('automatic', fc.boolean())) },
    'end-wanted': { weight: 1, event: eventOf('end-wanted', { by: words }, why) },
    'run-resumed': { weight: 2, event: eventOf('run-resumed', { by: words }, why) },
    'run-ended': {
      weight: 1,
      event: eventOf(
        'run-ended',
        { status: fc.constantFrom(...(Object.keys(RUN_MOVES) as RunStatus[])) },
        why,
        by,
        maybe(
          'recovery',
          recovery.map((words) => ({ stage: STAGES[2], ...words })),
        ),
      ),
    },
  };

/** Any event at all, legal or not where it comes. */
export const anyEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  ...Object.values(EVENTS).map(({ weight, event }) => ({ weight, arbitrary: event })),
);

/** A history that could have happened: random events, those that are not legal where they fall left out. */
export const legalHistory: fc.Arbitrary<readonly RunEvent[]> = fc
  .array(anyEvent, { maxLength: 60, size: 'max' })
  .map((wishes) => takenOf([started(), ...wishes]).history);

/** What becomes of a run when each event is tried in turn: those that are refused change nothing. */
export function takenOf(wishes: readonly RunEvent[]): {
  readonly history: readonly RunEvent[];
  readonly run: Run | undefined;
} {
  const history: RunEvent[] = [];
  let run: Run | undefined;
  for (const event of wishes) {
    try {
      run = foldEvent(RUN, run, event);
      history.push(event);
    } catch (refusal) {
      if (!(refusal instanceof PointsmanError)) throw refusal;
    }
  }
  return { history, run };
}
