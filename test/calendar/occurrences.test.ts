import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latestOccurrence, nextOccurrence, scheduleProblem } from '../../calendar/occurrences.ts';
import type { Schedule } from '../../schemas/fleet.ts';
import { localMinutes } from './minutes.ts';

const at = (text: string) => Date.parse(text);
const MINUTE = 60_000;

/** All times after `from` and at or before `to`, in order. */
function forwards(schedule: Schedule, from: number, to: number, key = 'nightly'): number[] {
  const found: number[] = [];
  for (let next = nextOccurrence(schedule, from, key); next !== undefined && next <= to && found.length < 5000; ) {
    found.push(next);
    next = nextOccurrence(schedule, next, key);
  }
  return found;
}

/** The same, found from the other end. */
function backwards(schedule: Schedule, from: number, to: number, key = 'nightly'): number[] {
  const found: number[] = [];
  for (let last = latestOccurrence(schedule, to, key); last !== undefined && last > from && found.length < 5000; ) {
    found.unshift(last);
    last = latestOccurrence(schedule, last - 1, key);
  }
  return found;
}

describe('occurrences', () => {
  it('are those of the clocks of the zone', () => {
    const schedule = { cron: '30 3 * * mon-fri', time_zone: 'America/New_York' };

    expect(nextOccurrence(schedule, at('2026-06-05T12:00Z'), 'a')).toBe(at('2026-06-08T07:30Z'));
    expect(latestOccurrence(schedule, at('2026-06-08T07:29:59.999Z'), 'a')).toBe(at('2026-06-05T07:30Z'));
  });

  it('are in UTC without a zone', () => {
    expect(nextOccurrence({ cron: '30 3 * * *' }, at('2026-06-05T12:00Z'), 'a')).toBe(at('2026-06-06T03:30Z'));
  });

  it.each(['2026-06-05T03:30Z', '2026-06-05T03:30:00.001Z', '2026-06-05T03:30:00.999Z', '2026-06-05T03:30:01Z'])(
    'have come at %s when due at 03:30',
    (now) => {
      expect(latestOccurrence({ cron: '30 3 * * *' }, at(now), 'a')).toBe(at('2026-06-05T03:30Z'));
      expect(nextOccurrence({ cron: '30 3 * * *' }, at(now), 'a')).toBe(at('2026-06-06T03:30Z'));
    },
  );

  it.each([
    ['Europe/Amsterdam', '30 2 * * *', '2026-03-29T00:00Z', ['2026-03-29T01:00Z']],
    ['Europe/Amsterdam', '30 2 * * *', '2026-10-25T00:00Z', ['2026-10-25T00:30Z']],
    ['Europe/Amsterdam', '0,30 2,3 * * *', '2026-03-29T00:00Z', ['2026-03-29T01:00Z', '2026-03-29T01:30Z']],
    ['Europe/Amsterdam', '30 1-2 * * *', '2026-03-29T00:00Z', ['2026-03-29T00:30Z', '2026-03-29T01:00Z']],
    ['Europe/Amsterdam', '0,30 2 * * *', '2026-10-24T23:59Z', ['2026-10-25T00:00Z', '2026-10-25T00:30Z']],
    ['America/New_York', '30 2 * * *', '2026-03-08T06:00Z', ['2026-03-08T07:00Z']],
    ['America/New_York', '30 1 * * *', '2026-11-01T04:00Z', ['2026-11-01T05:30Z']],
    ['Australia/Lord_Howe', '15 2 * * *', '2026-10-03T14:00Z', ['2026-10-03T15:30Z']],
    ['Australia/Lord_Howe', '45 1 * * *', '2026-04-04T14:00Z', ['2026-04-04T14:45Z']],
    ['Africa/Cairo', '30 0 * * *', '2026-04-23T20:00Z', ['2026-04-23T22:00Z']],
    // What comes every half an hour goes on doing so.
    [
      'Europe/Amsterdam',
      '*/30 2 * * *',
      '2026-10-24T23:59Z',
      ['2026-10-25T00:00Z', '2026-10-25T00:30Z', '2026-10-25T01:00Z', '2026-10-25T01:30Z'],
    ],
  ])('are neither missed nor twice where the clocks of %s are changed: %s', (time_zone, cron, from, expected) => {
    const until = at(from) + 6 * 60 * MINUTE;

    expect(forwards({ cron, time_zone }, at(from), until)).toEqual(expected.map(at));
    expect(backwards({ cron, time_zone }, at(from), until)).toEqual(expected.map(at));
  });

  const zones = ['UTC', 'Europe/Amsterdam', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'Asia/Kolkata'];
  const changes = [
    '2026-03-07',
    '2026-03-28',
    '2026-04-03',
    '2026-04-22',
    '2026-06-01',
    '2026-10-02',
    '2026-10-24',
    '2026-10-28',
    '2026-10-31',
  ];
  const someTime = fc.record({ zone: fc.constantFrom(...zones), day: fc.constantFrom(...changes) });

  it('are, of a daily time, the first minute of each day that shows it or a later one', () => {
    fc.assert(
      fc.property(someTime, fc.nat(23), fc.nat(59), ({ zone, day }, hour, minute) => {
        const minutes = localMinutes(zone, at(`${day}T00:00Z`), 4);
        const wanted = new Map<number, number>();
        for (const { at: when, local } of minutes) {
          const date = Math.floor(local / 1440);
          const shown = date * 1440 + hour * 60 + minute;
          // A time in a gap at the end of a day comes on the next one.
          for (const due of [shown - 1440, shown]) if (local >= due && !wanted.has(due)) wanted.set(due, when);
        }
        const times = [...new Set(wanted.values())].filter((when) => when > (minutes[1440]?.at ?? 0));
        const [from, to] = [minutes[1440]?.at ?? 0, minutes.at(-1)?.at ?? 0];

        expect(forwards({ cron: `${minute} ${hour} * * *`, time_zone: zone }, from, to)).toEqual(times);
      }),
      { numRuns: 60 },
    );
  });

  it('are the same ones whether looked for forwards or backwards, late by their jitter at most', () => {
    const crons = [
      '*/17 * * * *',
      '15 * * * *',
      '30 2 * * *',
      '0,30 1-3 * * *',
      '*/20 2 * * *',
      '0 4 * * mon',
      '10 23 29 * *',
    ];
    fc.assert(
      fc.property(someTime, fc.constantFrom(...crons), fc.nat(720), fc.string(), ({ zone, day }, cron, jitter, key) => {
        const [from, to] = [at(`${day}T00:00Z`), at(`${day}T00:00Z`) + 30 * 60 * MINUTE];
        const exact = { cron, time_zone: zone };
        const late = { ...exact, jitter_minutes: jitter };
        const found = forwards(late, from, to, key);

        expect(backwards(late, from, to, key)).toEqual(found);
        for (const time of found) {
          const due = latestOccurrence(exact, time, key) ?? 0;
          expect(time - due).toBeGreaterThanOrEqual(0);
          expect(time - due).toBeLessThanOrEqual(jitter * MINUTE);
        }
        const dues = found.map((time) => latestOccurrence(exact, time, key));
        expect(new Set(dues).size).toBe(found.length);
      }),
      { numRuns: 30 },
    );
  });

  it('are late by what follows from the key and the time alone', () => {
    const schedule = { cron: '0 3 * * *', jitter_minutes: 60 };
    const times = forwards(schedule, at('2026-06-01T12:00Z'), at('2026-06-11T12:00Z'), 'backups');

    expect(forwards(schedule, at('2026-06-05T12:00Z'), at('2026-06-11T12:00Z'), 'backups')).toEqual(times.slice(4));
    expect(forwards(schedule, at('2026-06-01T12:00Z'), at('2026-06-11T12:00Z'), 'drift')).not.toEqual(times);
    expect(new Set(times.map((time) => time % (24 * 60 * MINUTE))).size).toBe(10);
    expect(times[0]).toBe(at('2026-06-02T03:42:58Z'));
  });

  it('are none of a schedule that means nothing', () => {
    expect(latestOccurrence({ cron: '0 0 30 2 *' }, 0, 'a')).toBeUndefined();
    expect(nextOccurrence({ cron: 'daily' }, 0, 'a')).toBeUndefined();
  });
});

describe('scheduleProblem', () => {
  it.each([
    '0 3 * * *',
    '*/5 8-17 * * mon-fri',
    '0 0 29 2 *',
    '0 3 1,15 jan-mar *',
    '0  3 * * 7',
    '0 3 L * *',
    '0 3 * * mon#2',
  ])('finds none in %s', (cron) => {
    expect(scheduleProblem({ cron, time_zone: 'Europe/Amsterdam', jitter_minutes: 30 })).toBeUndefined();
  });

  it.each<[string, string]>([
    ['61 3 * * *', 'minute: 61'],
    ['0 24 * * *', 'hour: 24'],
    ['0 3 * *', 'five fields'],
    ['0 0 3 * * *', 'five fields'],
    ['@daily', 'five fields'],
    ['', 'five fields'],
    ['? 3 * * *', 'five fields'],
    ['0 3 30 2 *', 'no such date'],
    ['0 3 31 4,6 *', 'no such date'],
    ['0 22-4 * * *', '22-4'],
    ['0 3 * * someday', 'is not a schedule'],
  ])('says what is wrong with %j', (cron, words) => {
    expect(scheduleProblem({ cron })).toContain(words);
  });

  it('knows a zone that is none', () => {
    expect(scheduleProblem({ cron: '0 3 * * *', time_zone: 'Mars/Phobos' })).toContain('Mars/Phobos');
  });
});
