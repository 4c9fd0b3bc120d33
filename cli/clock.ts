import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../schemas/clock.ts';

/** The machine's clock. */
export const machineClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    await wait(milliseconds, undefined, { signal }).catch((error: unknown) => {
      signal.throwIfAborted(); // Node would throw an error of its own instead of the reason.
      throw error;
    });
  },
};
