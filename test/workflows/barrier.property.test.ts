import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createManualClock } from '../../sandbox/clock.ts';
import { createBarrier } from '../../workflows/barrier.ts';
import { BARRIER_MARGIN_MS, type BarrierDecision } from '../../workflows/decide-barrier.ts';
import { letPass, turn } from './turns.ts';

/** What one switch of a batch does, and when, in milliseconds from the start. */
interface Arrival {
  readonly at: number;
  readonly does: 'is-proven' | 'is-settled' | 'fails' | 'nothing';
  /** From `at`. */
  readonly windowMs: number;
  readonly secondLook: 'well' | 'gone' | 'throws' | 'hangs';
  /** Told to stop; from `at`. */
  readonly stoppedAfterMs: number | undefined;
}

/** What writing a decision down does. */
interface Writing {
  readonly does: 'works' | 'throws' | 'hangs';
  readonly takesMs: number;
}

const arrival: fc.Arbitrary<Arrival> = fc.record({
  at: fc.integer({ min: 0, max: 120_000 }),
  does: fc.oneof(
    { weight: 8, arbitrary: fc.constant('is-proven' as const) },
    { weight: 1, arbitrary: fc.constantFrom('is-settled' as const, 'fails' as const, 'nothing' as const) },
  ),
  windowMs: fc.constantFrom(20_000, 60_000, 120_000, 300_000),
  secondLook: fc.oneof(
    { weight: 12, arbitrary: fc.constant('well' as const) },
    { weight: 1, arbitrary: fc.constantFrom('gone' as const, 'throws' as const, 'hangs' as const) },
  ),
  stoppedAfterMs: fc.oneof(
    { weight: 12, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 300_000 }) },
  ),
});
const writing: fc.Arbitrary<Writing> = fc.record({
  does: fc.oneof(
    { weight: 4, arbitrary: fc.constant('works' as const) },
    { weight: 1, arbitrary: fc.constantFrom('throws' as const, 'hangs' as const) },
  ),
  takesMs: fc.constantFrom(0, 0, 1, 3_000, 9_999, 10_000, 60_000),
});

/** What was told to whom, and written down, at what time. */
interface Played {
  readonly told: readonly {
    readonly device: string;
    readonly decision: BarrierDecision | 'stopped';
    readonly at: number;
  }[];
  readonly asked: readonly BarrierDecision[];
  /** Written to its end, and before it was told to stop. */
  readonly recorded: readonly { readonly decision: BarrierDecision; readonly at: number }[];
  readonly obstacles: number;
}

const START = 1_000_000;

async function play(arrivals: readonly Arrival[], writes: Readonly<Record<BarrierDecision, Writing>>): Promise<Played> {
  const clock = createManualClock(START);
  const devices = arrivals.map((_, index) => `leaf${index}`);
  const told: Played['told'][number][] = [];
  const asked: BarrierDecision[] = [];
  const recorded: Played['recorded'][number][] = [];
  const wait = (milliseconds: number) => new Promise<void>((resolve) => clock.setTimer(milliseconds, resolve));
  const barrier = createBarrier(
    {
      clock,
      async decide(decision, _why, signal) {
        asked.push(decision);
        const { does, takesMs } = writes[decision];
        if (does === 'hangs') return new Promise(() => undefined);
        if (takesMs > 0) await wait(takesMs);
        if (does === 'throws') throw new Error('no ledger');
        if (signal.aborted) throw signal.reason;
        recorded.push({ decision, at: clock.now() });
      },
    },
    devices,
  );
  for (const [index, { at, does, windowMs, secondLook, stoppedAfterMs }] of arrivals.entries()) {
    const device = `leaf${index}`;
    const stop = new AbortController();
    const lookAgain = async (): Promise<string | undefined> => {
      if (secondLook === 'hangs') return new Promise(() => undefined);
      if (secondLook === 'throws') throw new Error('nobody answers');
      return secondLook === 'gone' ? 'it took it back' : undefined;
    };
    clock.setTimer(at, () => {
      if (does === 'is-settled') barrier.settled(device);
      if (does === 'fails') barrier.failed(device, 'worse');
      if (does !== 'is-proven') return;
      if (stoppedAfterMs !== undefined) clock.setTimer(stoppedAfterMs, () => stop.abort(new Error('stop')));
      void barrier.proven(device, { confirmBy: clock.now() + windowMs, lookAgain }, stop.signal).then(
        (decision) => told.push({ device, decision, at: clock.now() }),
        () => told.push({ device, decision: 'stopped', at: clock.now() }),
      );
    });
  }
  await letPass(clock, START + 1_000_000);
  await turn();
  return { told, asked, recorded, obstacles: barrier.obstacles().length };
}

const batch = fc.array(arrival, { minLength: 1, maxLength: 5 });
const bothWritings = fc.record({ confirm: writing, 'take-back': writing });

it('a barrier never tells one switch to confirm and another to take back', async () => {
  await fc.assert(
    fc.asyncProperty(batch, bothWritings, async (arrivals, writes) => {
      const { told, asked, obstacles } = await play(arrivals, writes);

      const decisions = new Set(told.map(({ decision }) => decision).filter((decision) => decision !== 'stopped'));
      expect(decisions.size).toBeLessThanOrEqual(1);
      expect(obstacles > 0 && decisions.has('confirm')).toBe(false);
      expect(['', 'confirm', 'take-back', 'confirm,take-back']).toContain(asked.join());
    }),
    { numRuns: 600 },
  );
});

it('a barrier tells to confirm only when all are there and well, it is on record, and there is time left', async () => {
  await fc.assert(
    fc.asyncProperty(batch, bothWritings, async (arrivals, writes) => {
      const { told, recorded } = await play(arrivals, writes);
      const confirmed = told.filter(({ decision }) => decision === 'confirm');
      if (confirmed.length === 0) return;

      const present = arrivals.filter(({ does }) => does === 'is-proven');
      const all = arrivals.filter(({ does }) => does === 'is-proven' || does === 'is-settled');
      const earliest = Math.min(...present.map(({ at, windowMs }) => START + at + windowMs));
      expect(all).toHaveLength(arrivals.length);
      expect(present.filter(({ secondLook }) => secondLook !== 'well')).toEqual([]);
      expect(recorded.map(({ decision }) => decision)).toEqual(['confirm']);
      for (const { at } of confirmed) {
        expect(at).toBeGreaterThanOrEqual(recorded[0]?.at ?? Number.POSITIVE_INFINITY);
        expect(earliest - at).toBeGreaterThanOrEqual(5_000);
      }
    }),
    { numRuns: 600 },
  );
});

it('a barrier leaves nobody waiting beyond the time in which it can be confirmed', async () => {
  await fc.assert(
    fc.asyncProperty(batch, bothWritings, async (arrivals, writes) => {
      const { told } = await play(arrivals, writes);

      for (const [index, { does, at, windowMs }] of arrivals.entries()) {
        if (does !== 'is-proven') continue;
        const answer = told.find(({ device }) => device === `leaf${index}`);
        // Who comes after all is lost is told so at once, or when that is written down.
        const latest = START + Math.max(at + windowMs, at + 10_000);
        expect(answer?.at).toBeLessThanOrEqual(latest);
      }
    }),
    { numRuns: 600 },
  );
});

it('a barrier confirms a batch in which nothing goes wrong, whatever the order', async () => {
  const well = fc.record({
    at: fc.integer({ min: 0, max: 100_000 }),
    does: fc.constant('is-proven' as const),
    windowMs: fc.integer({ min: 100_000 + BARRIER_MARGIN_MS, max: 300_000 }),
    secondLook: fc.constant('well' as const),
    stoppedAfterMs: fc.constant(undefined),
  });
  const works: Writing = { does: 'works', takesMs: 3_000 };
  await fc.assert(
    fc.asyncProperty(fc.array(well, { minLength: 1, maxLength: 5 }), async (arrivals) => {
      const { told } = await play(arrivals, { confirm: works, 'take-back': works });

      expect(told.map(({ decision }) => decision)).toEqual(arrivals.map(() => 'confirm'));
    }),
  );
});
