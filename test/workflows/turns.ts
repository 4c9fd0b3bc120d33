import type { ManualClock } from '../../sandbox/clock.ts';

/** Lets everything that only waits for promises happen. */
export async function turn(): Promise<void> {
  for (let rounds = 0; rounds < 3; rounds += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Runs timers one by one, and what they cause in between. */
export async function letPass(time: ManualClock, until: number): Promise<void> {
  await turn();
  for (let next = time.untilNextTimer(); next !== undefined; next = time.untilNextTimer()) {
    if (time.now() + next > until) return;
    time.advance(next);
    await turn();
  }
}
