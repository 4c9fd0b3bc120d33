import { afterEach, describe, expect, it } from 'vitest';
import { createJourney, type Journey } from '../support/journey.ts';

let journey: Journey;
afterEach(() => journey.close());

/** What a process that was asked to end may take for it: no deadline of a switch, no confirm window. */
const PROMPT_MS = 5_000;

describe('SIGTERM in the middle of a deploy', () => {
  it('ends the process at once and confirms nothing; the next pass goes on from there and finishes', async () => {
    journey = await createJourney({
      speed: 1,
      switches: (spec) => ({ ...spec, stepMilliseconds: 10 }),
      pace: { confirmWithinSeconds: 30, pollMilliseconds: 20 },
    });
    const number = await journey.open(journey.stories.ntpOnOneLeaf);
    await journey.plan(number);
    await journey.approve(number);
    await journey.merge(number);
    const leaf01 = journey.world.switches.get('leaf01');

    const child = journey.spawn(['reconcile']);
    let stoppedAt = 0;
    const stopListening = leaf01?.onRequest(({ phase, request }) => {
      const applied = phase === 'performed' && JSON.stringify(request.body ?? {}).includes('"apply"');
      if (!applied || stoppedAt > 0) return;
      stoppedAt = performance.now();
      child.process.kill('SIGTERM');
    });
    const ended = await child.ended;
    const tookMilliseconds = performance.now() - stoppedAt;
    stopListening?.();
    const confirmedBefore = confirms();
    const finished = await journey.spawn(['reconcile']).ended;

    expect(stoppedAt).toBeGreaterThan(0);
    expect(ended).toMatchObject({ how: 1, out: '' });
    expect(ended.said).toMatch(/^error CLI_STOPPED: stopped by SIGTERM\n {2}next: Run pointsman reconcile again/);
    expect(tookMilliseconds).toBeLessThan(PROMPT_MS);
    expect(confirmedBefore).toBe(0);
    expect(finished).toMatchObject({ how: 0 });
    expect(leaf01?.applied()).toMatchObject({ service: { ntp: { mgmt: { server: { '192.168.200.140': {} } } } } });
    expect(confirms()).toBe(1);
    expect(journey.comment(number)).toContain('Applied: 1 applied, of 1 device');
  });
});

function confirms(): number {
  const requests = journey.world.switches.get('leaf01')?.requests() ?? [];
  return requests.filter(({ body }) => JSON.stringify(body ?? {}).includes('confirm_yes')).length;
}
