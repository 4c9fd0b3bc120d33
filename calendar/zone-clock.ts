import { Temporal } from 'temporal-polyfill';

export const MINUTE = 60_000;
export const DAY = 86_400_000;

/**
 * The clocks of one time zone. What they show is `local`: ms since 1970-01-01T00:00 on those clocks, as if they were
 * never changed. Moments (`at`) are ms since the epoch.
 */
export interface ZoneClock {
  /** What the clocks show. */
  localAt(at: number): number;

  /**
   * When they show `local`. Of a time that comes twice (clocks set back) the first; for one that never comes (clocks set
   * forward) the first moment after the gap.
   */
  firstAt(local: number): number;

  /** The same, and of a time that comes twice the last. Never before {@link firstAt}. */
  lastAt(local: number): number;
}

/** Knowledge that does not change while a process runs, so that a zone is looked up once. */
const known = new Map<string, ZoneClock>();

/** @returns `undefined` when there is no such zone. */
export function zoneClock(zone: string): ZoneClock | undefined {
  const clock = known.get(zone) ?? (isKnownToIcu(zone) ? createZoneClock(zone) : undefined);
  if (clock) known.set(zone, clock);
  return clock;
}

export function isTimeZone(name: string): boolean {
  return zoneClock(name) !== undefined;
}

function isKnownToIcu(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false; // The only thing it throws for.
  }
}

/** A piece of time in which clocks differ from UTC by one offset. `from` belongs to it, `until` does not. */
interface Piece {
  readonly from: number;
  readonly until: number;
  /** Local minus UTC, ms. */
  readonly offset: number;
}

function createZoneClock(zone: string): ZoneClock {
  const years = new Map<number, readonly Piece[]>();
  /** Those around `time`, which may be a moment or local. */
  const piecesAround = (time: number): readonly Piece[] => {
    const year = new Date(time).getUTCFullYear();
    const pieces = years.get(year) ?? piecesOf(zone, year);
    years.set(year, pieces);
    return pieces;
  };
  return {
    localAt: (at) => at + (piecesAround(at).find(({ until }) => at < until)?.offset ?? 0),

    firstAt(local) {
      for (const { from, until, offset } of piecesAround(local)) {
        const at = Math.max(from, local - offset);
        if (at < until) return at;
      }
      return local; // The last piece has no end.
    },

    lastAt(local) {
      for (const { from, until, offset } of piecesAround(local).toReversed()) {
        const at = Math.min(until, local - offset);
        if (at >= from) return at;
      }
      return local; // The first piece has no beginning.
    },
  };
}

/** More than clocks were ever set by: a day, where the date line moved. */
const MARGIN = 3 * DAY;

/** The pieces of a year and of some days around it, in order; the first and the last are taken to go on for ever. */
function piecesOf(zone: string, year: number): readonly Piece[] {
  const end = Date.UTC(year + 1, 0, 1) + MARGIN;
  const pieces: Piece[] = [];
  let from = Number.NEGATIVE_INFINITY;
  let clocks = Temporal.Instant.fromEpochMilliseconds(Date.UTC(year, 0, 1) - MARGIN).toZonedDateTimeISO(zone);
  for (;;) {
    const next = clocks.getTimeZoneTransition('next');
    const offset = clocks.offsetNanoseconds / 1e6;
    if (!next || next.epochMilliseconds >= end) return [...pieces, { from, until: Number.POSITIVE_INFINITY, offset }];
    pieces.push({ from, until: next.epochMilliseconds, offset });
    from = next.epochMilliseconds;
    clocks = next;
  }
}
