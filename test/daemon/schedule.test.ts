import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSchedule, type Schedule, type ScheduleOptions } from '../../daemon/schedule.ts';
import { createManualClock, type ManualClock } from '../../sandbox/clock.ts';
import { createLogBook } from './build.ts';

const START = Date.UTC(2026, 10, 21, 10, 0, 30);
const MINUTE_MS = 60_000;

let clock: ManualClock;
let dues: string[];
let schedule: Schedule | undefined;

beforeEach(() => {
  // What node-cron reads; nothing else here does.
  vi.useFakeTimers({ now: START, toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  clock = createManualClock(START);
  dues = [];
});
afterEach(() => {
  schedule?.stop();
  schedule = undefined;
  vi.useRealTimers();
});

function follow(options: Partial<ScheduleOptions>, random = 0): Schedule {
  schedule = createSchedule(
    { expression: '*/5 * * * *', timeZone: 'UTC', jitterMilliseconds: 0, ...options },
    {
      clock,
      log: createLogBook(),
      random: () => random,
      onDue: () => dues.push(new Date(clock.now()).toISOString().slice(11, 19)),
    },
  );
  schedule.start();
  return schedule;
}

/** Moves both clocks together, second by second. */
async function pass(milliseconds: number): Promise<void> {
  for (let moved = 0; moved < milliseconds; moved += 1_000) {
    clock.advance(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    clock.advance(0);
    await vi.advanceTimersByTimeAsync(0);
  }
}

describe('a schedule', () => {
  it('is due at the times it names', async () => {
    follow({});
    await pass(11 * MINUTE_MS);

    expect(dues).toEqual(['10:05:00', '10:10:00']);
  });

  it('follows the clock of its time zone', async () => {
    follow({ expression: '40 15 * * *', timeZone: 'Asia/Kolkata' });
    await pass(20 * MINUTE_MS);

    expect(dues).toEqual(['10:10:00']);
  });

  it('puts each time off by a part of its jitter, never by all of it', async () => {
    follow({ jitterMilliseconds: 60_000 }, 0.5);
    await pass(6 * MINUTE_MS);

    expect(dues).toEqual(['10:05:30']);
  });

  it('takes a time that comes while the one before is put off for the same one', async () => {
    follow({ expression: '* * * * *', jitterMilliseconds: 10 * MINUTE_MS }, 0.5);
    await pass(5 * MINUTE_MS);
    const during = dues.length;
    await pass(2 * MINUTE_MS);

    expect(during).toBe(0);
    expect(dues).toEqual(['10:06:00']);
  });

  it('is silent once it is stopped, also about a time that was put off', async () => {
    const followed = follow({ jitterMilliseconds: 60_000 }, 0.5);
    await pass(4 * MINUTE_MS + 40_000);
    followed.stop();
    await pass(20 * MINUTE_MS);

    expect(dues).toEqual([]);
  });

  it.each([
    ['schedule', { expression: 'every five minutes' }],
    ['schedule', { expression: '61 * * * *' }],
    ['schedule', { expression: '* * * *' }],
    ['time zone', { timeZone: 'Europe/Atlantis' }],
  ] as const)('that cannot be followed is refused (%s %o)', (what, options) => {
    expect(() => follow(options)).toThrow(
      expect.objectContaining({ code: 'DAEMON_SCHEDULE_INVALID', details: expect.objectContaining({ what }) }),
    );
  });
});
