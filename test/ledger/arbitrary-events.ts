import fc from 'fast-check';
import type { RunEvent, StageState } from '../../ledger/events.ts';
import { foldEvent } from '../../ledger/fold-run.ts';
import { STAGE_MOVES } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import { PointsmanError } from '../../schemas/errors.ts';
import { anError, applied, ended, intent, moved, ownerA, ownerB, planned, RUN, STAGES, started, T0 } from './build.ts';

const at = fc.integer({ min: T0, max: T0 + 3_600_000 });
const device = fc.constantFrom('leaf-01', 'leaf-02', 'leaf-03', 'spine-01');
const devices = fc.uniqueArray(device, { minLength: 1, maxLength: 4 });
const owner = fc.constantFrom(ownerA, ownerB);
/** Text with all that a line of JSON or a table cell could trip over. */
const words = fc.oneof(fc.string(), fc.constantFrom('two\nlines', '| pipe', '\u2028', '"quoted" \\', 'é日本'));
const why = fc.option(words, { nil: undefined }).map((text) => (text === undefined ? {} : { why: text }));
const error = words.map((message) => anError({ message }));

const outcome = fc.oneof(
  fc.constant(applied),
  fc.constant({ kind: 'in-sync' } as const),
  error.map((document) => ({ kind: 'unknown', error: document }) as const),
  error.map((document) => ({ kind: 'reverted', error: document }) as const),
);

const anyEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        stage: fc.constantFrom(...STAGES),
        to: fc.constantFrom(...(Object.keys(STAGE_MOVES) as StageState[])),
        at,
        more: why,
      })
      .map(({ stage, to, at: when, more }) => moved(stage, to, when, more)),
  },
  { weight: 1, arbitrary: fc.tuple(devices, at).map(([names, when]) => planned(names, when)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(devices, owner, at, at)
      .map(([names, who, when, deadline]) => intent(names, { owner: who, at: when, deadline })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(owner, at, at)
      .map(([who, when, deadline]) => ({ kind: 'lease-extended', owner: who, at: when, deadline }) as const),
  },
  { weight: 4, arbitrary: fc.tuple(device, outcome, at).map(([name, how, when]) => ended(name, how, when)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(device, at)
      .map(
        ([name, when]) =>
          ({ kind: 'backed-up', site: 'ams1', device: name, file: `backups/ams1/${name}.yaml`, at: when }) as const,
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...STAGES), fc.constantFrom('granted', 'waiting', 'void' as const), at, why)
      .map(
        ([stage, decision, when, more]) =>
          ({ kind: 'decided', stage, digest: 'p1:x', decision, by: ['ana'], at: when, ...more }) as RunEvent,
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('run-paused', 'run-resumed', 'end-wanted'), words, at)
      .map(([kind, by, when]) => ({ kind, by, at: when }) as RunEvent),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('COMPLETED', 'FAILED', 'TERMINATED'), at, why)
      .map(([status, when, more]) => ({ kind: 'run-ended', status, at: when, ...more }) as RunEvent),
  },
);

/** A history that could have happened: random events, those that are not legal where they fall left out. */
export const legalHistory: fc.Arbitrary<readonly RunEvent[]> = fc.array(anyEvent, { maxLength: 60 }).map((wishes) => {
  const history: RunEvent[] = [];
  let run: Run | undefined;
  for (const event of [started(), ...wishes]) {
    try {
      run = foldEvent(RUN, run, event);
      history.push(event);
    } catch (refusal) {
      if (!(refusal instanceof PointsmanError)) throw refusal;
    }
  }
  return history;
});
