import { MOMENT_PATTERN } from '../schemas/fleet.ts';
import { parseLocal, renderLocal } from './local-time.ts';
import { MINUTE, zoneClock } from './zone-clock.ts';

export type ParsedMoment =
  /** `at`: ms since the epoch. */
  { readonly kind: 'moment'; readonly at: number } | { readonly kind: 'refused'; readonly message: string };

const FORM = new RegExp(MOMENT_PATTERN);
const PARTS = /^(?<local>.{16}(?::\d\d)?)(?<offset>Z|[+-]\d\d:\d\d)?$/;

/**
 * A point in time as people write it: `2026-12-01T22:00` by the clocks of `zone`, or exact with `Z` or an offset. Where
 * clocks are set back and show it twice, the first is meant; where they are set forward and never show it, the first
 * moment after.
 *
 * @returns A refusal quotes `text`, which may be anybody's: escape it before it is shown.
 */
export function parseMoment(text: string, zone: string): ParsedMoment {
  const { local: written = '', offset } = PARTS.exec(text)?.groups ?? {};
  if (!FORM.test(text)) {
    const message = `"${text}" is not a point in time: expected for example 2026-12-01T22:00 or 2026-12-01T22:00+01:00`;
    return { kind: 'refused', message };
  }
  const local = parseLocal(written);
  if (local === undefined) return { kind: 'refused', message: `there is no ${text.slice(0, 10)} in the calendar` };
  if (offset !== undefined) return { kind: 'moment', at: local - offsetInMs(offset) };
  const clock = zoneClock(zone);
  if (!clock) {
    return { kind: 'refused', message: `"${zone}" is not a time zone: expected an IANA name such as Europe/Amsterdam` };
  }
  return { kind: 'moment', at: clock.firstAt(local) };
}

/** `2026-12-01 22:00 Europe/Amsterdam`. In UTC when there is no such zone. */
export function localTime(at: number, zone: string): string {
  const clock = zoneClock(zone);
  return clock ? `${renderLocal(clock.localAt(at))} ${zone}` : `${renderLocal(at)} UTC`;
}

/** `Z`, `+01:00`, `-09:30`. */
function offsetInMs(text: string): number {
  if (text === 'Z') return 0;
  const [hours = 0, minutes = 0] = text.slice(1).split(':').map(Number);
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE;
}
