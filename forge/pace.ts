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

/**
 * One after the other and a second apart is how GitHub asks for requests that make or change something; its secondary limits
 * begin at about 80 of them a minute. Source: GitHub's REST documentation, "Best practices", "Rate limits".
 */
export function createPace(clock: Clock): Pace {
  const slots = pLimit(AT_ONCE);
  const writes = pLimit(1);
  let nextWriteAt = Number.NEGATIVE_INFINITY;
  let current: Hold | undefined;

  return {
    inTurn(kind, signal, perform) {
      if (kind === 'read') return slots(perform);
      return writes(async () => {
        const early = nextWriteAt - clock.now();
        if (early > 0) await clock.sleep(early, signal);
        nextWriteAt = clock.now() + WRITES_APART_MS;
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
