import { localTime } from './moment.ts';
import { openStretches, type SiteHours, type Stretch, windowAt } from './open-stretches.ts';
import type { SiteCalendar } from './site-calendar.ts';
import { readSiteHours, type UnreadableCalendar } from './site-hours.ts';

/** Whether switches may be changed now. */
export type WindowState =
  | {
      readonly kind: 'open';
      /** Of the window; absent where there are none. */
      readonly name?: string;
      /** When it closes, ms since the epoch. Absent: no window limits it and no freeze is known to come. */
      readonly until?: number;
    }
  | {
      readonly kind: 'closed';
      /** What closes it. A freeze wins over the windows. */
      readonly by: 'window' | 'freeze';
      /** Of the freeze that ends last, or of the window that opens next. */
      readonly name?: string;
      /**
       * Words that go on from "ams1 is": `outside its maintenance windows; "nightly" opens 2026-12-01 22:00
       * Europe/Amsterdam`. They hold text of the fleet repo: escape them before they are shown.
       */
      readonly why: string;
      /** ms since the epoch. Absent: not within a year. */
      readonly opensAt?: number;
    };

/**
 * Whether switches of a site may be changed at `now`, ms since the epoch. A calendar that cannot be read is closed: what
 * it was to forbid is not known.
 *
 * By the clocks of the site. Where they are set back and show an hour twice, a window opens the first time and closes the
 * last. Where they are set forward, it opens at the first moment after the gap, also when all of it lies in the gap. So
 * a window is never missed, never comes twice, and never closes before it opens.
 */
export function windowState(calendar: SiteCalendar, now: number): WindowState {
  if (isAlwaysOpen(calendar)) return { kind: 'open' };
  const read = readSiteHours(calendar);
  if (read.kind === 'unreadable') return unreadable(read);
  const { hours } = read;
  const next = openStretches(hours, now).next().value ?? undefined;
  return next && next.from <= now ? open(hours, now, next) : closed(hours, now, next?.from);
}

/**
 * The same for several sites: open only while all of them are.
 *
 * @param sites By name.
 * @returns `site`: of an open state, the one that closes first, if any does; of a closed one, the one of those closed now
 *   that opens last, in whose words it is told. `opensAt` is when all are open at once.
 */
export function windowStateOfAll(
  sites: ReadonlyMap<string, SiteCalendar>,
  now: number,
): WindowState & { readonly site?: string } {
  const states = [...sites].map(([site, calendar]) => ({ site, state: windowState(calendar, now) }));
  const [first, ...others] = states.flatMap(({ site, state }) => (state.kind === 'closed' ? [{ ...state, site }] : []));
  if (first === undefined) return closesFirst(states);

  const last = others.reduce((a, b) => ((b.opensAt ?? NEVER) > (a.opensAt ?? NEVER) ? b : a), first);
  const { opensAt: alone, ...told } = last;
  const together = others.length === 0 && states.length === 1 ? alone : openTogether([...sites.values()], now);
  if (together === undefined) {
    const why =
      alone === undefined ? told.why : `${told.why}; within a year not all ${states.length} sites are open at once`;
    return { ...told, why };
  }
  if (together === alone) return last;
  const zone = sites.get(last.site)?.time_zone ?? 'UTC';
  const why = `${told.why}; all ${states.length} sites are open at once from ${localTime(together, zone)}`;
  return { ...told, why, opensAt: together };
}

const NEVER = Number.POSITIVE_INFINITY;

function isAlwaysOpen({ windows = [], freezes = [] }: SiteCalendar): boolean {
  return windows.length === 0 && freezes.length === 0;
}

function unreadable({ by, name, message }: UnreadableCalendar): WindowState {
  const what = name === undefined ? 'its calendar' : `its ${by} "${name}"`;
  const why = `closed, since ${what} cannot be read: ${message}`;
  return { kind: 'closed', by, ...(name === undefined ? {} : { name }), why };
}

function open(hours: SiteHours, now: number, { until }: Stretch): WindowState {
  const name = windowAt(hours, now)?.name;
  return {
    kind: 'open',
    ...(name === undefined ? {} : { name }),
    ...(until === NEVER ? {} : { until }),
  };
}

function closed(hours: SiteHours, now: number, opensAt: number | undefined): WindowState {
  const { zone, freezes } = hours;
  const opening = opensAt === undefined ? undefined : windowAt(hours, opensAt)?.name;
  const opens = `${opening === undefined ? '' : `"${opening}" `}opens ${localTime(opensAt ?? now, zone)}`;
  const then = opensAt === undefined ? 'it does not open within a year' : opens;
  const at = opensAt === undefined ? {} : { opensAt };

  const [freeze] = freezes.filter(({ from, until }) => from <= now && now < until).sort((a, b) => b.until - a.until);
  if (!freeze) {
    const why = `outside its maintenance windows; ${then}`;
    return { kind: 'closed', by: 'window', ...(opening === undefined ? {} : { name: opening }), why, ...at };
  }
  const frozen = `frozen by "${freeze.name}" (${freeze.reason}) until ${localTime(freeze.until, zone)}`;
  const why = opensAt === freeze.until ? frozen : `${frozen}; ${then}`;
  return { kind: 'closed', by: 'freeze', name: freeze.name, why, ...at };
}

function closesFirst(
  states: readonly { readonly site: string; readonly state: WindowState }[],
): WindowState & { readonly site?: string } {
  const limited = states.flatMap(({ site, state }) =>
    state.kind === 'open' && state.until !== undefined ? [{ ...state, site, until: state.until }] : [],
  );
  const [first, ...others] = limited;
  return first === undefined ? { kind: 'open' } : others.reduce((a, b) => (b.until < a.until ? b : a), first);
}

/** The first moment, from `now` on, that all calendars are open. `undefined`: none within a year, or one is unreadable. */
function openTogether(calendars: readonly SiteCalendar[], now: number): number | undefined {
  const cursors: { readonly rest: Generator<Stretch, void, void>; current: Stretch }[] = [];
  for (const calendar of calendars.filter((one) => !isAlwaysOpen(one))) {
    const read = readSiteHours(calendar);
    if (read.kind === 'unreadable') return undefined;
    const rest = openStretches(read.hours, now);
    const { value } = rest.next();
    if (!value) return undefined;
    cursors.push({ rest, current: value });
  }
  let at = now;
  for (let settled = false; !settled; ) {
    settled = true;
    for (const cursor of cursors) {
      while (cursor.current.until <= at) {
        const { value } = cursor.rest.next();
        if (!value) return undefined;
        cursor.current = value;
      }
      if (cursor.current.from > at) {
        at = cursor.current.from;
        settled = false;
      }
    }
  }
  return at;
}
