import { describe, expect, it } from 'vitest';
import { createManualClock, createRealClock } from '../../sandbox/clock.ts';

describe('a manual clock', () => {
  it('runs timers at their own moments and in order, also those that timers set', () => {
    const clock = createManualClock(1_000);
    const seen: [string, number][] = [];
    clock.setTimer(300, () => seen.push(['late', clock.now()]));
    clock.setTimer(100, () => {
      seen.push(['early', clock.now()]);
      clock.setTimer(100, () => seen.push(['follow-up', clock.now()]));
    });

    clock.advance(299);
    expect(seen).toEqual([
      ['early', 1_100],
      ['follow-up', 1_200],
    ]);
    expect(clock.now()).toBe(1_299);

    clock.advance(1);
    expect(seen.at(-1)).toEqual(['late', 1_300]);
  });

  it('does not run a timer that was cancelled', () => {
    const clock = createManualClock();
    let ran = false;
    clock.setTimer(10, () => {
      ran = true;
    })();

    clock.advance(1_000);

    expect(ran).toBe(false);
    expect(clock.untilNextTimer()).toBeUndefined();
  });

  it('ends a sleep with the reason of the signal that aborts it, and leaves no timer behind', async () => {
    const clock = createManualClock();
    const abort = new AbortController();
    const reason = new Error('enough');
    const slept = clock.sleep(1_000, abort.signal);

    abort.abort(reason);

    await expect(slept).rejects.toBe(reason);
    expect(clock.untilNextTimer()).toBeUndefined();
  });

  it('ends a sleep when its time has come', async () => {
    const clock = createManualClock();
    const slept = clock.sleep(1_000, new AbortController().signal);

    clock.advance(1_000);

    await expect(slept).resolves.toBeUndefined();
  });
});

describe('a real clock with a speed', () => {
  it('passes a minute in a moment, and wakes nobody before their time', async () => {
    const clock = createRealClock({ speed: 6_000, startsAt: 0 });

    for (let minute = 1; minute <= 20; minute++) {
      const due = clock.now() + 60_000;
      await clock.sleep(60_000, new AbortController().signal);
      expect(clock.now()).toBeGreaterThanOrEqual(due);
    }
    expect(clock.now()).toBeLessThan(24 * 3_600_000);
  });

  it('does not run a timer that was cancelled', async () => {
    const clock = createRealClock({ speed: 1_000 });
    let ran = false;
    clock.setTimer(1_000, () => {
      ran = true;
    })();

    await clock.sleep(5_000, new AbortController().signal);

    expect(ran).toBe(false);
  });

  it('ends a sleep with the reason of the signal that aborts it, before or while it lasts', async () => {
    const reason = new Error('enough');
    const clock = createRealClock();
    const abort = new AbortController();
    const slept = clock.sleep(60_000, abort.signal);

    abort.abort(reason);

    await expect(slept).rejects.toBe(reason);
    await expect(clock.sleep(60_000, abort.signal)).rejects.toBe(reason);
  });
});
