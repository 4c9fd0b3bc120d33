import pLimit from 'p-limit';
import type { Clock } from '../schemas/clock.ts';

/** When a request may be sent. */
export interface Pace {
  /** Performs it when it is its turn. Writes take turns among themselves. */
  inTurn<T>(kind: 'read' | 'write', signal: AbortSignal, perform: () => Promise<T>): Promise<T>;
  /** GitHub wants to be left alone: nobody sends anything before that. */
  hold(hold: Hold): void;
  /** The hold that has not ended yet. */
  held(): Hold | undefined;
}

export interface Hold {
  readonly limit: 'primary' | 'secondary';
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** GitHub's own limit is 100, for everybody who uses the same account. */
const AT_ONCE = 8;
const WRITES_APART_MS = 1_000;
/** A pass that changed one thing says so in about this many; GitHub's second is for who sends many. */
const WRITES_BEFORE_SPACING = 5;

/**
 * GitHub asks that requests which make or change something are sent one after the other, and a second apart where there are
 * many of them; its secondary limits begin at about 80 of them a minute. So they take turns, the first few follow each other
 * at once, and from then on each waits for its second: never more than 65 in a minute.
 *
 * Source: GitHub's REST documentation, "Best practices for using the REST API", "Rate limits for the REST API".
 */
export function createPace(clock: Clock): Pace {
  const slots = pLimit(AT_ONCE);
  const writes = pLimit(1);
  /** When all that was sent would have been sent, had each had its second. */
  let evenAt = Number.NEGATIVE_INFINITY;
  let current: Hold | undefined;

  return {
    inTurn(kind, signal, perform) {
      if (kind === 'read') return slots(perform);
      return writes(async () => {
        // It is never further ahead than this, unless the clock was set back: that would be waited for as well.
        evenAt = Math.min(evenAt, clock.now() + WRITES_BEFORE_SPACING * WRITES_APART_MS);
        const early = evenAt - (WRITES_BEFORE_SPACING - 1) * WRITES_APART_MS - clock.now();
        if (early > 0) await clock.sleep(early, signal);
        evenAt = Math.max(evenAt, clock.now()) + WRITES_APART_MS;
        return slots(perform);
      });
    },

    hold(hold) {
      if (!current || hold.until > current.until) current = hold;
    },

    held() {
      if (current && current.until <= clock.now()) current = undefined;
      return current;
    },
  };
}
