import { sayEvent } from './event-words.ts';
import type { RunEvent } from './events.ts';
import { markdown, plain, someOf, table, utc } from './markdown.ts';

interface Line {
  readonly at: number;
  readonly what: string;
  /** Absent when it is said of no switch. */
  readonly devices?: string[];
}

/** Events as a table, oldest first. What is said of many switches in a row is said once. */
export function renderTimeline(events: readonly RunEvent[]): string {
  const lines: Line[] = [];
  for (const event of events) {
    const { what, device } = sayEvent(event, markdown);
    const last = lines.at(-1);
    if (device === undefined) lines.push({ at: event.at, what });
    else if (last?.devices && last.what === what) last.devices.push(device);
    else lines.push({ at: event.at, what, devices: [device] });
  }
  return table(
    ['When (UTC)', 'What'],
    lines.map(({ at, what, devices }) => [utc(at), devices ? `${plain(someOf(devices))}: ${what}` : what]),
  );
}
