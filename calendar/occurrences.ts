import { Cron } from 'croner';
import { sha256OfJson } from '../schemas/canonical.ts';
import { CRON_PATTERN, type Schedule } from '../schemas/fleet.ts';
import { isTimeZone, MINUTE } from './zone-clock.ts';

/**
 * The latest time that has come, at or before `now`, ms since the epoch. What does not come again by the hour or minute
 * (`30 2 * * *`) comes once where clocks are set back and show it twice, and at the first moment after the gap where they
 * are set forward and never show it.
 *
 * Up to `jitter_minutes` later than the clock says, and always before the next time. How much follows from `key` and the
 * time alone, so that every process says the same.
 *
 * @param key Whose time it is, for example the name of a request: others get another jitter.
 * @returns `undefined` when there is none, or {@link scheduleProblem} has something to say.
 */
export function latestOccurrence(schedule: Schedule, now: number, key: string): number | undefined {
  const cron = createCron(schedule);
  if (!cron) return undefined;
  const last = lastBefore(cron, now + SECOND);
  if (last === undefined) return undefined;
  const at = withJitter(cron, schedule, last, key);
  if (at <= now) return at;
  const before = lastBefore(cron, last);
  // Jitter never reaches the next time, so this one has come.
  return before === undefined ? undefined : withJitter(cron, schedule, before, key);
}

/** The first time after `now`, as {@link latestOccurrence} tells them. */
export function nextOccurrence(schedule: Schedule, now: number, key: string): number | undefined {
  const cron = createCron(schedule);
  if (!cron) return undefined;
  const last = lastBefore(cron, now + SECOND);
  const late = last === undefined ? undefined : withJitter(cron, schedule, last, key);
  if (late !== undefined && late > now) return late;
  const next = cron.nextRun(new Date(now))?.getTime();
  return next === undefined ? undefined : withJitter(cron, schedule, next, key);
}

/** What is wrong with a schedule, if anything: it cannot be read, its zone is none, or its time never comes. */
export function scheduleProblem(schedule: Schedule): string | undefined {
  const { cron: pattern, time_zone: zone } = schedule;
  if (zone !== undefined && !isTimeZone(zone)) {
    return `"${zone}" is not a time zone: expected an IANA name such as Europe/Amsterdam`;
  }
  if (!FORM.test(pattern)) {
    return `"${pattern}" is not a schedule: expected five fields, minute, hour, day of the month, month, day of the week, such as 30 3 * * mon-fri`;
  }
  try {
    if (makeCron(schedule).nextRun(new Date(0)) !== null) return undefined;
    return `"${pattern}" never comes: there is no such date`;
  } catch (error) {
    // The only thing it throws for; it says which field, and why.
    return `"${pattern}" is not a schedule: ${error instanceof Error ? error.message.replace(/^CronPattern: /, '') : ''}`;
  }
}

/** What the schema says, for those who come another way. */
const FORM = new RegExp(CRON_PATTERN);

/** What cron counts in. */
const SECOND = 1000;

function createCron(schedule: Schedule): Cron | undefined {
  return scheduleProblem(schedule) === undefined ? makeCron(schedule) : undefined;
}

function makeCron({ cron, time_zone: timezone = 'UTC' }: Schedule): Cron {
  return new Cron(cron, { mode: '5-part', timezone, paused: true, fixedTimeRule: 'no-wildcard' });
}

function lastBefore(cron: Cron, at: number): number | undefined {
  return cron.previousRuns(1, new Date(at))[0]?.getTime();
}

function withJitter(cron: Cron, { jitter_minutes: most = 0 }: Schedule, at: number, key: string): number {
  if (most === 0) return at;
  const next = cron.nextRun(new Date(at))?.getTime() ?? Number.POSITIVE_INFINITY;
  const room = Math.min(most * MINUTE, next - at);
  const part = Number.parseInt(sha256OfJson([key, at]).slice(0, 12), 16) / 2 ** 48;
  return at + Math.floor((part * room) / SECOND) * SECOND;
}
