import { describe, expect, it } from 'vitest';
import { machineClock } from '../../cli/clock.ts';

describe('the machine’s clock', () => {
  it('stops sleeping when asked to, and throws the reason it was given', async () => {
    const stop = new AbortController();
    const reason = new Error('SIGTERM');

    const sleeping = machineClock.sleep(60_000, stop.signal);
    stop.abort(reason);

    await expect(sleeping).rejects.toBe(reason);
  });

  it('does not begin to sleep when it was asked to stop before', async () => {
    const reason = new Error('SIGTERM');

    await expect(machineClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
