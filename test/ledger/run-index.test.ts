import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../ledger/events.ts';
import { parseShaped } from '../../ledger/events-codec.ts';
import type { Run } from '../../ledger/run.ts';
import { emptyIndex, indexOf, indexWith, type RunIndex, runIndexShape } from '../../ledger/run-index.ts';
import { anyEvent, takenOf } from './arbitrary-events.ts';
import { type EventOf, fold, moved, STAGES, started, T0 } from './build.ts';

const over = (at: number, status: EventOf<'run-ended'>['status'] = 'COMPLETED'): RunEvent => ({
  at,
  kind: 'run-ended',
  status,
});
const namesIn = (runs: readonly { readonly name: string }[]) => runs.map(({ name }) => name);

describe('indexOf()', () => {
  it('leaves batches to their parents: they are open or not, and never among the last runs', () => {
    const batch = started({ parent: 'parent', batch: { number: 1, of: 2 } });
    const index = indexOf([
      fold([started(), over(T0 + 5)], 'parent'),
      fold([batch, over(T0 + 4)], 'one'),
      fold([batch], 'two'),
    ]);

    expect(namesIn(index.recent)).toEqual(['parent']);
    expect(index.open).toMatchObject([{ name: 'two', parent: 'parent', batch: { number: 1, of: 2 } }]);
  });

  it('keeps of each schedule the run that ended last, so that they do not crowd out what people asked for', () => {
    const nightly = (at: number, more: Partial<EventOf<'run-started'>> = {}) => [
      started({ at, workflow: 'DriftCheck', schedule: 'nightly', ...more }),
      over(at + 9),
    ];
    const runs = [
      ...Array.from({ length: 30 }, (_, day) => fold(nightly(T0 + day * 100), `night-${day}`)),
      fold(nightly(T0, { shard: 'ams1' }), 'at-ams1'),
      fold(nightly(T0, { workflow: 'SiteBackup' }), 'backup'),
      fold([started(), over(T0 + 1)], 'asked-for'),
    ];

    const index = indexOf(runs);

    expect(namesIn(index.recent)).toEqual(['asked-for']);
    expect(namesIn(index.scheduled)).toEqual(['night-29', 'at-ams1', 'backup']);
  });

  it('says how far the batches of a run are, and how many of them did not end well', () => {
    const child = (run: string, number: number): RunEvent => ({
      at: T0,
      kind: 'child-started',
      stage: STAGES[2],
      run,
      batch: { number, of: 5 },
    });
    const ended = (run: string, status: 'COMPLETED' | 'FAILED'): RunEvent => ({
      at: T0,
      kind: 'child-ended',
      stage: STAGES[2],
      run,
      status,
      outcomes: {},
    });
    const run = fold([
      started(),
      child('a', 1),
      ended('a', 'COMPLETED'),
      child('b', 2),
      ended('b', 'FAILED'),
      child('c', 3),
    ]);

    expect(indexOf([run]).open[0]?.batches).toEqual({ of: 5, started: 3, ended: 2, failed: 1 });
  });

  it.each<{ readonly what: string; readonly events: readonly RunEvent[]; readonly waits: object | undefined }>([
    {
      what: 'approve',
      events: [moved(STAGES[1], 'IN_PROGRESS'), moved(STAGES[1], 'PENDING_APPROVAL')],
      waits: { what: 'approve', stage: STAGES[1], pullRequest: 412, isGate: false },
    },
    { what: 'resume', events: [{ at: T0, kind: 'run-paused', by: 'dora' }], waits: { what: 'resume', by: 'dora' } },
    {
      what: 'retry',
      events: [moved(STAGES[1], 'IN_PROGRESS'), moved(STAGES[1], 'FAILED')],
      waits: { what: 'retry', stage: STAGES[1] },
    },
    {
      what: 'do nothing about the kill switch',
      events: [{ at: T0, kind: 'run-paused', by: 'automation.yaml', automatic: true }],
      waits: undefined,
    },
    { what: 'do nothing', events: [], waits: undefined },
    {
      what: 'do nothing about a batch that failed: its parent asks',
      events: [started({ parent: 'parent' }), moved(STAGES[1], 'IN_PROGRESS'), moved(STAGES[1], 'FAILED')],
      waits: undefined,
    },
  ])('says that a person has to $what', ({ events, waits }) => {
    const all = events[0]?.kind === 'run-started' ? events : [started(), ...events];

    expect(indexOf([fold(all)]).open[0]?.waits).toEqual(waits);
  });
});

describe('the index of runs', () => {
  /** A few runs, some of them batches or by the clock, and what happened in them one after the other. */
  const names = ['a', 'b', 'c', 'd'] as const;
  const origins: Readonly<Record<(typeof names)[number], Partial<EventOf<'run-started'>>>> = {
    a: {},
    b: { parent: 'a', batch: { number: 1, of: 2 } },
    c: { schedule: 'nightly' },
    d: { schedule: 'nightly' },
  };
  const happened = fc.array(fc.tuple(fc.constantFrom(...names), anyEvent), { maxLength: 80, size: 'max' });

  it('is the same step by step as made anew from all runs, and can be read back', () => {
    fc.assert(
      fc.property(happened, (steps) => {
        const histories = new Map<string, readonly RunEvent[]>();
        const runs = new Map<string, Run>();
        let index: RunIndex = emptyIndex;
        for (const [name, event] of steps) {
          const { history } = takenOf([...(histories.get(name) ?? [started(origins[name])]), event]);
          const run = fold(history, name);
          index = indexWith(index, run, !histories.has(name));
          histories.set(name, history);
          runs.set(name, run);
        }

        expect(index).toEqual(indexOf([...runs.values()]));
        expect(parseShaped(JSON.stringify(index), runIndexShape, { file: 'index.json' })).toEqual(index);
      }),
    );
  });
});
