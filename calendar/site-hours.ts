import { frozenStretch, type SiteHours } from './open-stretches.ts';
import { type ParsedFreeze, type ParsedWindow, parseFreeze, parseWindow, type SiteCalendar } from './site-calendar.ts';
import { zoneClock } from './zone-clock.ts';

export type ReadHours = { readonly kind: 'hours'; readonly hours: SiteHours } | UnreadableCalendar;

export interface UnreadableCalendar {
  readonly kind: 'unreadable';
  readonly by: 'window' | 'freeze';
  /** Of the window or freeze that means nothing; absent when it is the time zone. */
  readonly name?: string;
  readonly message: string;
}

/** A calendar with its zone looked up and its texts read. `desired-state/` tells what is unreadable with its place. */
export function readSiteHours({ time_zone: zone = 'UTC', windows = [], freezes = [] }: SiteCalendar): ReadHours {
  const clock = zoneClock(zone);
  if (!clock) {
    const by = windows.length > 0 ? 'window' : 'freeze';
    return { kind: 'unreadable', by, message: `"${zone}" is not a time zone` };
  }
  const parsedWindows: ParsedWindow[] = [];
  for (const window of windows) {
    const parsed = parseWindow(window);
    if (parsed.kind === 'refused')
      return { kind: 'unreadable', by: 'window', name: window.name, message: parsed.message };
    parsedWindows.push(parsed.window);
  }
  const parsedFreezes: ParsedFreeze[] = [];
  for (const freeze of freezes) {
    const parsed = parseFreeze(freeze);
    if (parsed.kind === 'refused')
      return { kind: 'unreadable', by: 'freeze', name: freeze.name, message: parsed.message };
    parsedFreezes.push(parsed.freeze);
  }
  const frozen = parsedFreezes
    .map((freeze) => frozenStretch(clock, freeze))
    // One that lies in the gap of clocks set forward as a whole is no time at all.
    .filter(({ from, until }) => from < until)
    .sort((a, b) => a.from - b.from);
  return { kind: 'hours', hours: { zone, clock, windows: parsedWindows, freezes: frozen } };
}
