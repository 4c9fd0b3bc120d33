import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RunEvent } from '../../ledger/events.ts';
import { formatEvents, parseEvents } from '../../ledger/events-codec.ts';
import { foldEvent, foldRun } from '../../ledger/fold-run.ts';
import { placeIn } from '../../ledger/sorted-list.ts';
import { legalHistory } from './arbitrary-events.ts';
import { RUN } from './build.ts';

it('foldRun() gives the same run in whatever batches its events are written and read', () => {
  fc.assert(
    fc.property(legalHistory, fc.array(fc.nat({ max: 60 })), (history, cuts) => {
      const file = batchesOf(history, cuts).map(formatEvents).join('');
      const inBatches = batchesOf(parseEvents(file, 'events.jsonl'), cuts)
        .flat()
        .reduce<ReturnType<typeof foldRun>>((run, event) => foldEvent(RUN, run, event), undefined);

      expect(inBatches).toEqual(foldRun(RUN, history));
    }),
  );
});

it('foldEvent() leaves the run it was given as it was', () => {
  fc.assert(
    fc.property(legalHistory, (history) => {
      const before = foldRun(RUN, history.slice(0, -1));
      const copy = structuredClone(before);
      const last = history.at(-1);
      if (last) foldEvent(RUN, before, last);

      expect(before).toEqual(copy);
    }),
  );
});

it('foldRun() never leases a switch that has an outcome, nor twice', () => {
  fc.assert(
    fc.property(legalHistory, (history) => {
      const run = foldRun(RUN, history);
      const leased = run?.lease?.devices ?? [];
      const decided = new Set(
        run?.devices.filter(({ outcome }) => outcome).map(({ site, device }) => `${site}/${device}`),
      );

      expect(leased.filter((key) => decided.has(key))).toEqual([]);
      expect(leased).toEqual([...new Set(leased)].sort());
    }),
  );
});

it('formatEvents() writes one line an event, whatever text is in it', () => {
  fc.assert(
    fc.property(legalHistory, (history) => {
      const lines = formatEvents(history).split('\n');

      expect(lines).toHaveLength(history.length + 1);
      expect(lines.at(-1)).toBe('');
    }),
  );
});

it('placeIn() finds where something belongs in a sorted list', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer(), (numbers, wanted) => {
      const sorted = numbers.toSorted((a, b) => a - b);

      expect(placeIn(sorted, (item) => item < wanted)).toBe(numbers.filter((item) => item < wanted).length);
    }),
  );
});

function batchesOf(events: readonly RunEvent[], cuts: readonly number[]): readonly (readonly RunEvent[])[] {
  const edges = [0, ...cuts.filter((cut) => cut < events.length).toSorted((a, b) => a - b), events.length];
  return edges.slice(1).map((edge, index) => events.slice(edges[index], edge));
}
