import type { Freeze, Window } from '../schemas/fleet.ts';
import { parseLocal, parseTimeOfDay } from './local-time.ts';
import { DAY } from './zone-clock.ts';

/** When switches of a site may be changed; a `Site` of the fleet repo is one. */
export interface SiteCalendar {
  /** UTC unless set. */
  readonly time_zone?: string;
  /** None: always open. */
  readonly windows?: readonly Window[];
  readonly freezes?: readonly Freeze[];
}

/** A window as numbers. */
export interface ParsedWindow {
  readonly name: string;
  /** 0 is Monday. */
  readonly days: ReadonlySet<number>;
  /** Local, ms since midnight. */
  readonly from: number;
  /** ms by the clocks, more than none and at most a day. */
  readonly length: number;
}

/** A freeze as numbers, both ends local. */
export interface ParsedFreeze {
  readonly name: string;
  readonly reason: string;
  readonly from: number;
  readonly to: number;
  /** `to` is the end of a day; otherwise it is what clocks show. */
  readonly endsWithDay: boolean;
}

export type ReadWindow =
  | { readonly kind: 'window'; readonly window: ParsedWindow }
  | { readonly kind: 'refused'; readonly message: string };

export type ReadFreeze =
  | { readonly kind: 'freeze'; readonly freeze: ParsedFreeze }
  | {
      readonly kind: 'refused';
      readonly because: 'no-such-date' | 'ends-first';
      readonly field: 'from' | 'to';
      readonly message: string;
    };

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A window that keeps to the schema is never refused. */
export function parseWindow({ name, days = [...DAYS], from: opens, to: closes }: Window): ReadWindow {
  const [from, to] = [parseTimeOfDay(opens), parseTimeOfDay(closes)];
  if (from === undefined || to === undefined) {
    return { kind: 'refused', message: `expected times from 00:00 to 23:59, found ${opens} and ${closes}` };
  }
  const length = to > from ? to - from : to - from + DAY;
  return { kind: 'window', window: { name, days: new Set(days.map((day) => DAYS.indexOf(day))), from, length } };
}

export function parseFreeze({ name, reason, from: begins, to: ends }: Freeze): ReadFreeze {
  const [from, to] = [parseLocal(begins), parseLocal(ends)];
  if (from === undefined) return noSuchDate('from', begins);
  if (to === undefined) return noSuchDate('to', ends);
  const endsWithDay = !ends.includes('T');
  const end = endsWithDay ? to + DAY : to;
  if (end > from) return { kind: 'freeze', freeze: { name, reason, from, to: end, endsWithDay } };
  const message = `it ends before it begins: it is from ${begins} to ${ends}`;
  return { kind: 'refused', because: 'ends-first', field: 'to', message };
}

function noSuchDate(field: 'from' | 'to', text: string): ReadFreeze {
  return { kind: 'refused', because: 'no-such-date', field, message: `there is no ${text} in the calendar` };
}
