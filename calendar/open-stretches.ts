import type { ParsedFreeze, ParsedWindow } from './site-calendar.ts';
import { DAY, type ZoneClock } from './zone-clock.ts';

/** A stretch of time, ms since the epoch: `from` belongs to it, `until` does not. Infinite where nothing ends it. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

/** A calendar that could be read. */
export interface SiteHours {
  readonly zone: string;
  readonly clock: ZoneClock;
  readonly windows: readonly ParsedWindow[];
  /** By `from`. */
  readonly freezes: readonly FrozenStretch[];
}

export interface FrozenStretch extends Stretch {
  readonly name: string;
  readonly reason: string;
}

/** How far ahead is looked for a time that is open. */
const YEAR = 366 * DAY;

/**
 * A window leaves a hole every week or none, and clocks that are changed can close a hole once, never twice in a row. So
 * what is open for longer than this is always open.
 */
const ALWAYS = 21 * DAY;

/**
 * When a site is open: from the stretch that `at` lies in, or the next one, on, in order. What adjoins is one stretch. Of
 * the first one only the end is exact: it may have begun earlier. Ends with what begins within a year of `at`.
 */
export function* openStretches({ clock, windows, freezes }: SiteHours, at: number): Generator<Stretch, void, void> {
  const thawed = freezes.reduce((time, { from, until }) => (from <= time ? Math.max(time, until) : time), at);
  for (const { from, until } of windows.length === 0 ? [FOREVER] : windowStretches(clock, windows, thawed)) {
    let open = from;
    for (const freeze of freezes) {
      if (freeze.until <= open) continue;
      if (freeze.from >= until) break;
      if (freeze.from > open && freeze.from > at) yield { from: open, until: freeze.from };
      open = freeze.until;
    }
    if (open > at + YEAR) return;
    if (open < until) yield { from: open, until };
  }
}

const FOREVER: Stretch = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

function* windowStretches(
  clock: ZoneClock,
  windows: readonly ParsedWindow[],
  at: number,
): Generator<Stretch, void, void> {
  const byTime = windows.toSorted((a, b) => a.from - b.from);
  const today = dayOf(clock.localAt(at));
  let current: Stretch | undefined;
  // From the day before yesterday on: a window may be open for a day, and a little longer when clocks are set back.
  for (let day = today - 2; day <= today + YEAR / DAY; day++) {
    for (const window of byTime) {
      if (!window.days.has(weekdayOf(day))) continue;
      const next = openingOf(clock, window, day);
      if (next.until <= at) continue;
      if (current && next.from > current.until) {
        yield current;
        current = undefined;
      }
      current = current ? { from: current.from, until: Math.max(current.until, next.until) } : next;
    }
    if (current && current.until - current.from > ALWAYS) return yield { ...current, until: FOREVER.until };
  }
  if (current) yield current;
}

/** The window that is open at a moment; of several the first in their order. */
export function windowAt({ clock, windows }: SiteHours, at: number): ParsedWindow | undefined {
  const today = dayOf(clock.localAt(at));
  return windows.find((window) =>
    [today - 2, today - 1, today].some((day) => {
      if (!window.days.has(weekdayOf(day))) return false;
      const { from, until } = openingOf(clock, window, day);
      return from <= at && at < until;
    }),
  );
}

/**
 * When a window is open that opens on `day`. Where clocks are set back and show an hour twice, it opens the first time and
 * closes the last; where they are set forward, what would be in the gap is the first moment after it. A window that
 * lies in the gap as a whole opens then, for as long as it always is.
 */
function openingOf(clock: ZoneClock, window: ParsedWindow, day: number): Stretch {
  const local = day * DAY + window.from;
  const from = clock.firstAt(local);
  const until = clock.lastAt(local + window.length);
  return { from, until: until > from ? until : from + window.length };
}

/** Of local ms: days since 1970-01-01, a Thursday. */
function dayOf(local: number): number {
  return Math.floor(local / DAY);
}

/** 0 is Monday. */
function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** From the first moment of its first day or time to the last of its last. */
export function frozenStretch(clock: ZoneClock, { name, reason, from, to, endsWithDay }: ParsedFreeze): FrozenStretch {
  // A midnight that comes twice begins its day the first time.
  return { name, reason, from: clock.firstAt(from), until: endsWithDay ? clock.firstAt(to) : clock.lastAt(to) };
}
