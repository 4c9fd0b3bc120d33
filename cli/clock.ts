import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../schemas/clock.ts';

/** The machine's clock. */
export const machineClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    signal.throwIfAborted();
    await wait(milliseconds, undefined, { signal });
  },
};
