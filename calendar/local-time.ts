const FORM = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?$/;

/**
 * A date (`2026-12-20`), or a date and time (`2026-12-20T18:00`, seconds allowed), as clocks show it.
 *
 * @returns ms, see `ZoneClock`; of a date its first moment. `undefined` for another form, a date that does not exist and a
 *   time no clock shows.
 */
export function parseLocal(text: string): number | undefined {
  const parts = FORM.exec(text);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0));
  const date = new Date(Date.UTC(year, month - 1, day, hours, minutes, seconds));
  // A 30th of February becomes a day in March, and 25:00 the next day.
  const asWritten = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCFullYear() === year;
  return asWritten && minutes < 60 && seconds < 60 ? date.getTime() : undefined;
}

/** `2026-12-01 22:00` */
export function renderLocal(local: number): string {
  return new Date(local).toISOString().slice(0, 16).replace('T', ' ');
}

/**
 * `22:00` as ms since midnight.
 *
 * @returns `undefined` for what no clock shows, such as `25:00`.
 */
export function parseTimeOfDay(text: string): number | undefined {
  return text.length === 5 ? parseLocal(`1970-01-01T${text}`) : undefined;
}
