import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SiteCalendar } from '../../calendar/site-calendar.ts';
import { windowState } from '../../calendar/window-state.ts';
import { localMinutes, type Minute } from './minutes.ts';

/** Days around changes of clocks, and one where there is none. */
const PLACES = [
  ['Europe/Amsterdam', '2026-03-29'],
  ['Europe/Amsterdam', '2026-10-25'],
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['Africa/Cairo', '2026-04-24'],
  ['Africa/Cairo', '2026-10-30'],
  ['America/Havana', '2026-11-01'],
  ['America/Santiago', '2026-09-06'],
  ['Asia/Kathmandu', '2026-06-01'],
  ['UTC', '2027-01-01'],
] as const;

const DAYS_OF_WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const DAY = 1440;
/** Looked at: the days 8 to 12 of 21, so that nothing that matters lies outside. The change is on day 10. */
const [BEFORE, ALL] = [10, 21];

/** Open or not, minute by minute, written down from the rules and from nothing of ours. */
function openMinutes({ windows = [], freezes = [] }: SiteCalendar, minutes: readonly Minute[]): readonly boolean[] {
  const open = minutes.map(() => windows.length === 0);
  const firstDate = Math.floor((minutes[0]?.local ?? 0) / DAY);
  /** Looked for from the day before on, by which no clock shows it yet. */
  const firstFrom = (local: number) => {
    let index = Math.max(0, (Math.floor(local / DAY) - firstDate - 1) * DAY);
    while ((minutes[index]?.local ?? local) < local) index++;
    return index;
  };
  /** The last minute that shows it; where none does, the first after it. */
  const lastOf = (local: number) => {
    const first = firstFrom(local);
    for (let index = first + 3 * 60; index > first; index--) if (minutes[index]?.local === local) return index;
    return first;
  };

  for (const window of windows) {
    const [from, to] = [ofDay(window.from), ofDay(window.to)];
    const length = to > from ? to - from : to - from + DAY;
    for (let date = firstDate + 1; date < firstDate + ALL - 2; date++) {
      if (window.days && !window.days.includes(DAYS_OF_WEEK[(date + 3) % 7] ?? 'mon')) continue;
      const [opens, closes] = [firstFrom(date * DAY + from), lastOf(date * DAY + from + length)];
      open.fill(true, opens, closes > opens ? closes : opens + length);
    }
  }
  for (const { from, to } of freezes) {
    const begins = firstFrom(minuteOf(from.padEnd(16, 'T00:00')));
    const ends = to.includes('T') ? lastOf(minuteOf(to)) : firstFrom(minuteOf(`${to}T00:00`) + DAY);
    open.fill(false, begins, ends);
  }
  return open;
}

function ofDay(time: string): number {
  return minuteOf(`1970-01-01T${time}`);
}

function minuteOf(text: string): number {
  return Date.parse(`${text}Z`) / 60_000;
}

function timeOf(minute: number): string {
  return new Date(minute * 60_000).toISOString().slice(11, 16);
}

/** Half of the times lie where clocks are changed. */
const time = fc
  .oneof(
    fc.integer({ min: 0, max: 4 * 12 }).map((n) => n * 5),
    fc.nat(DAY - 1),
    fc.integer({ min: 22 * 60, max: DAY - 1 }),
  )
  .map(timeOf);

/** Half of the windows are short, so that some lie in a missing or a repeated hour as a whole. */
const span = fc.oneof(
  fc.record({ from: time, to: time }),
  fc
    .tuple(time, fc.integer({ min: 1, max: 100 }))
    .map(([from, minutes]) => ({ from, to: timeOf(ofDay(from) + minutes) })),
);
const days = fc.uniqueArray(fc.constantFrom(...DAYS_OF_WEEK), { minLength: 1 });
const window = fc
  .tuple(span, fc.option(days))
  .map(([times, on]) => ({ name: 'window', ...times, ...(on === null ? {} : { days: on }) }));

function freezesAround(day: string) {
  const local = fc
    .tuple(fc.integer({ min: -3, max: 3 }), fc.option(time))
    .map(
      ([days, at]) => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10) + (at ? `T${at}` : ''),
    );
  const freeze = fc.record({ name: fc.constant('freeze'), reason: fc.constant('none'), from: local, to: local });
  return freeze.filter(({ from, to }) => (to.includes('T') ? from.padEnd(16, 'T00:00') < to : from.slice(0, 10) <= to));
}

const question = fc.constantFrom(...PLACES).chain(([zone, day]) =>
  fc.record({
    zone: fc.constant(zone),
    start: fc.constant(Date.parse(day) - BEFORE * 86_400_000),
    calendar: fc.record({
      time_zone: fc.constant<string>(zone),
      windows: fc.array(window, { maxLength: 4 }),
      freezes: fc.array(freezesAround(day), { maxLength: 3 }),
    }),
    // Around the change to the minute, or anywhere in the days around it.
    minute: fc.oneof(fc.integer({ min: -300, max: 500 }), fc.integer({ min: -2 * DAY, max: 2 * DAY })),
  }),
);

it('windowState says what the rules say minute by minute: whether it is open, until when, and from when', () => {
  fc.assert(
    fc.property(question, ({ zone, start, calendar, minute }) => {
      const minutes = localMinutes(zone, start, ALL);
      const open = openMinutes(calendar, minutes);
      const asked = BEFORE * DAY + minute;
      const at = (index: number) => start + index * 60_000;

      const state = windowState(calendar, at(asked) + 59_999);

      expect(state.kind).toBe(open[asked] ? 'open' : 'closed');
      const change = open.findIndex((now, index) => index > asked && now !== open[asked]);
      const told = state.kind === 'open' ? state.until : state.opensAt;
      // What lies beyond the days that are looked at is not judged.
      if (change >= 0 && change < (ALL - 4) * DAY) expect(told).toBe(at(change));
      else expect(told ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(at((ALL - 4) * DAY));
    }),
    { numRuns: 1000 },
  );
});
