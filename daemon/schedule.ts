import { createTask, validateDetailed } from 'node-cron';
import type { Clock } from '../schemas/clock.ts';
import type { Log } from '../schemas/log.ts';
import { ScheduleInvalidError } from './errors.ts';

export interface ScheduleOptions {
  /** As cron(5): minute hour day month weekday; a sixth field in front is seconds. */
  readonly expression: string;
  /** IANA name, for example `Europe/Berlin`. */
  readonly timeZone: string;
  /** Each time is put off by up to this much, so that many installations do not ask GitHub in the same second. */
  readonly jitterMilliseconds: number;
}

export interface ScheduleDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 up to 1. */
  readonly random: () => number;
  onDue(): void;
}

export interface Schedule {
  start(): void;
  stop(): void;
}

/**
 * Says when it is time by the wall clock. It never runs anything itself, so nothing can overlap: a time that comes while the one
 * before is still put off is the same call.
 *
 * @throws {ScheduleInvalidError}
 */
export function createSchedule(options: ScheduleOptions, deps: ScheduleDeps): Schedule {
  const { expression, timeZone, jitterMilliseconds } = options;
  refuseUnfollowable(expression, timeZone);
  const stopped = new AbortController();
  let putOff = false;

  function due(): void {
    if (putOff) return;
    putOff = true;
    deps.clock.sleep(Math.floor(jitterMilliseconds * deps.random()), stopped.signal).then(
      () => {
        putOff = false;
        deps.onDue();
      },
      () => undefined, // Stopped meanwhile.
    );
  }

  const task = createTask(expression, due, {
    timezone: timeZone,
    logger: loggerOf(deps.log),
    suppressMissedWarning: true,
  });
  // The machine slept, or was too busy: late is better than not at all.
  task.on('execution:missed', due);
  return {
    start: () => void task.start(),
    stop() {
      stopped.abort();
      void task.destroy();
    },
  };
}

function refuseUnfollowable(expression: string, timeZone: string): void {
  const { valid, errors } = validateDetailed(expression);
  if (!valid) {
    const problem = errors.map(({ message }) => message).join('; ') || 'it is not a schedule';
    throw new ScheduleInvalidError({ what: 'schedule', found: expression, problem });
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch (error) {
    const details = { what: 'time zone', found: timeZone, problem: 'there is none of that name' } as const;
    throw new ScheduleInvalidError(details, { cause: error });
  }
}

/** Without one it writes to standard output, in a form of its own. */
function loggerOf(log: Log) {
  const words = (message: string | Error): string => (message instanceof Error ? message.message : message);
  return {
    info: (message: string) => log.debug({ message }, 'schedule said'),
    debug: (message: string | Error) => log.debug({ message: words(message) }, 'schedule said'),
    warn: (message: string) => log.warn({ message }, 'schedule warned'),
    error: (message: string | Error) => log.error({ message: words(message) }, 'schedule failed'),
  };
}
