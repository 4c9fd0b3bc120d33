import { sayEvent } from './event-words.ts';
import type { RunEvent } from './events.ts';
import type { Manner } from './manner.ts';
import { markdown, someOf, table, utc } from './markdown.ts';

/** Events as a table, oldest first. */
export function renderTimeline(events: readonly RunEvent[]): string {
  return table(
    ['When (UTC)', 'What'],
    timelineOf(events, markdown).map(({ at, what }) => [utc(at), what]),
  );
}

/** What happened, oldest first. What is said of many switches in a row is said once. */
export function timelineOf(
  events: readonly RunEvent[],
  manner: Manner,
): readonly { readonly at: number; readonly what: string }[] {
  const lines: { readonly at: number; readonly what: string; readonly devices?: string[] }[] = [];
  for (const event of events) {
    const { what, device } = sayEvent(event, manner);
    const last = lines.at(-1);
    if (device === undefined) lines.push({ at: event.at, what });
    else if (last?.devices && last.what === what) last.devices.push(device);
    else lines.push({ at: event.at, what, devices: [device] });
  }
  return lines.map(({ at, what, devices }) => ({
    at,
    what: devices ? `${manner.plain(someOf(devices))}: ${what}` : what,
  }));
}
