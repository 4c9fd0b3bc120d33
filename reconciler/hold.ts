import { localTime } from '../calendar/moment.ts';
import { windowState, windowStateOfAll } from '../calendar/window-state.ts';
import type { Site } from '../schemas/fleet.ts';
import { WindowClosedError } from './errors.ts';
import type { TipRules } from './tip-rules.ts';

/** Why nothing is begun now, though nobody has to do anything about it. */
export interface Hold {
  /** Words that go on from "it waits: ". May quote the fleet repo. */
  readonly why: string;
  /** When it ends, milliseconds since the epoch; absent where that is not known. */
  readonly until?: number;
}

export interface HeldWork {
  /** Of every switch that would be changed. */
  readonly sites: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notBefore?: number;
  readonly outsideWindows?: boolean;
  /** Kept free at the end of a window: what a switch may take once it is begun. */
  readonly secondsNeeded: number;
}

/** Whether switches may be begun now, by the fleet's branch as it is now. */
export function decideHold({ sites: known }: TipRules, work: HeldWork, now: number): Hold | undefined {
  const { notBefore, outsideWindows = false, secondsNeeded } = work;
  if (notBefore !== undefined && now < notBefore) {
    return { why: `it is not to begin before ${localTime(notBefore, 'UTC')}`, until: notBefore };
  }
  if (known.kind === 'unknown') return { why: `whether its sites are open is not known: ${known.why}` };
  const calendars = new Map(work.sites.map((site) => [site, calendarOf(known.value.get(site), outsideWindows)]));
  const state = windowStateOfAll(calendars, now);
  if (state.kind === 'closed') {
    const why = state.site === undefined ? state.why : `${state.site} is ${state.why}`;
    return { why, ...(state.opensAt === undefined ? {} : { until: state.opensAt }) };
  }
  if (state.until === undefined || state.until - now >= secondsNeeded * 1000) return undefined;
  const next = windowStateOfAll(calendars, state.until);
  const where = state.site === undefined ? 'the window' : `the window of ${state.site}`;
  const why = `${where} closes before a switch could be done`;
  return { why, ...(next.kind === 'closed' && next.opensAt !== undefined ? { until: next.opensAt } : {}) };
}

/** Asked of each switch right before it is begun: a window may close in the middle of a batch. */
export function mayBeginAt(
  { sites: known }: TipRules,
  { outsideWindows = false, secondsNeeded }: Pick<HeldWork, 'outsideWindows' | 'secondsNeeded'>,
  now: () => number,
): (site: string) => WindowClosedError | undefined {
  return (site) => {
    if (known.kind === 'unknown') return new WindowClosedError({ site, why: known.why });
    const calendar = calendarOf(known.value.get(site), outsideWindows);
    const at = now();
    const state = windowState(calendar, at);
    const late = state.kind === 'open' && state.until !== undefined && state.until - at < secondsNeeded * 1000;
    if (state.kind === 'open' && !late) return undefined;
    const closed = late ? windowState(calendar, state.until ?? at) : state;
    const why = closed.kind === 'closed' ? closed.why : 'its window closes before the switch could be done';
    const opensAt = closed.kind === 'closed' ? closed.opensAt : undefined;
    return new WindowClosedError({ site, why, ...(opensAt === undefined ? {} : { opensAt }) });
  };
}

/** Freezes hold whatever a request says about windows. */
function calendarOf(site: Site | undefined, outsideWindows: boolean): Site {
  if (!site) return {};
  if (!outsideWindows) return site;
  const { windows: _ignored, ...rest } = site;
  return rest;
}
