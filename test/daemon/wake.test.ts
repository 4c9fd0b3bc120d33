import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asleep, beginPass, dueIn, endPass, type WakeReason, type WakeState, wakeUp } from '../../daemon/wake.ts';

describe('a wish for a pass', () => {
  it('is due at the earliest moment anybody asked for, and remembers all who did', () => {
    const state = [
      ['webhook', 1_500] as const,
      ['schedule', 900] as const,
      ['webhook', 2_000] as const,
    ].reduce<WakeState>((before, [reason, at]) => wakeUp(before, reason, at), asleep);

    expect(state).toEqual({ running: false, wanted: { at: 900, reasons: ['webhook', 'schedule'] } });
    expect(dueIn(state, 400)).toBe(500);
    expect(dueIn(state, 5_000)).toBe(0);
  });

  it('that comes while a pass runs is kept for the next one, and two of them are one', () => {
    const running = beginPass(wakeUp(asleep, 'start', 0));
    const asked = wakeUp(wakeUp(running, 'webhook', 1_000), 'webhook', 1_200);

    expect(dueIn(asked, 9_000)).toBeUndefined();
    const after = endPass(asked);
    expect(dueIn(after, 9_000)).toBe(0);
    expect(dueIn(endPass(beginPass(after)), 9_000)).toBeUndefined();
  });

  it('waits until a failed pass may be tried again, however early it was asked for', () => {
    const failed = endPass(beginPass(wakeUp(asleep, 'start', 0)), 10_000);

    expect(dueIn(wakeUp(failed, 'webhook', 1_000), 1_000)).toBe(9_000);
    expect(beginPass(wakeUp(failed, 'webhook', 1_000)).notBefore).toBeUndefined();
  });
});

describe('whatever happens in whatever order', () => {
  type Happening =
    | { readonly kind: 'wake'; readonly reason: WakeReason }
    | { readonly kind: 'time'; readonly by: number };
  const happenings = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('wake' as const),
        reason: fc.constantFrom<WakeReason>('webhook', 'schedule', 'retry'),
      }),
      fc.record({ kind: fc.constant('time' as const), by: fc.integer({ min: 0, max: 3_000 }) }),
    ),
    { maxLength: 60 },
  );

  /** A pass takes 1,500; a webhook waits 1,000; every third pass fails and asks for 2,000. */
  function play(list: readonly Happening[]) {
    let now = 0;
    let state = asleep;
    let endsAt = 0;
    const begins: number[] = [];
    const wakes: number[] = [];
    const settle = (): void => {
      for (;;) {
        if (state.running && endsAt <= now)
          state = endPass(state, begins.length % 3 === 0 ? endsAt + 2_000 : undefined);
        else if (dueIn(state, now) === 0) {
          state = beginPass(state);
          begins.push(now);
          endsAt = now + 1_500;
        } else return;
      }
    };
    for (const one of [
      ...list,
      { kind: 'time', by: 0 } as const,
      ...Array.from({ length: 20 }, () => ({ kind: 'time', by: 1_000 }) as const),
    ]) {
      if (one.kind === 'time') now += one.by;
      else {
        wakes.push(now);
        state = wakeUp(state, one.reason, one.reason === 'webhook' ? now + 1_000 : now);
      }
      settle();
    }
    return { begins, wakes };
  }

  it('every wish is followed by a pass that begins no earlier than it', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const { begins, wakes } = play(list);

        expect(wakes.filter((at) => !begins.some((begun) => begun >= at))).toEqual([]);
      }),
    );
  });

  it('there are no more passes than wishes, and none begins before the one before has ended', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const { begins, wakes } = play(list);

        expect(begins.length).toBeLessThanOrEqual(wakes.length);
        expect(begins.filter((at, index) => index > 0 && at - (begins[index - 1] ?? 0) < 1_500)).toEqual([]);
      }),
    );
  });
});
