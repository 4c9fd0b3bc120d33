/** One minute, and what clocks show in it: minutes since 1970-01-01T00:00 on those clocks. */
export interface Minute {
  /** ms since the epoch. */
  readonly at: number;
  readonly local: number;
}

const known = new Map<string, readonly Minute[]>();

/** Every minute of some days, as ICU says it, without anything of ours. */
export function localMinutes(zone: string, from: number, days: number): readonly Minute[] {
  const key = `${zone} ${from} ${days}`;
  const minutes =
    known.get(key) ?? Array.from({ length: days * 96 }, (_, n) => quarter(zone, from + n * 900_000)).flat();
  known.set(key, minutes);
  return minutes;
}

/** Clocks are changed at full quarters of an hour only, so within one they just go on. */
function quarter(zone: string, at: number): readonly Minute[] {
  const local = shown(zone, at);
  return Array.from({ length: 15 }, (_, n) => ({ at: at + n * 60_000, local: local + n }));
}

const formats = new Map<string, Intl.DateTimeFormat>();

function shown(zone: string, at: number): number {
  const numeric = 'numeric';
  const options = {
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    hourCycle: 'h23',
  } as const;
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('en-US', { timeZone: zone, ...options });
  formats.set(zone, format);
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0] = format.format(at).match(/\d+/g)?.map(Number) ?? [];
  return Date.UTC(year, month - 1, day, hour, minute) / 60_000;
}
