import { expect } from 'vitest';
import type { SwitchSpec } from '../../../sandbox/switches/switch-spec.ts';
import type { Bench } from '../bench.ts';
import { createLab, MONITOR } from '../lab.ts';

/** An emulated switch that speaks NVUE, on a clock that the tests drive. */
export async function createNvueBench(spec: Partial<SwitchSpec>): Promise<Bench> {
  const lab = await createLab(spec);
  const renamed = { system: { hostname: 'leaf99' } };
  return {
    target: lab.target,
    identity: { hostname: 'leaf01', serial: 'MT0001', pin: lab.switch.pin },
    weak: MONITOR,
    logged: lab.logged,
    now: lab.clock.now,
    open: lab.open,
    changesSent: async () => lab.wire().filter((line) => !line.startsWith('GET')),
    pass: async (milliseconds) => lab.clock.advance(milliseconds),
    unplug: async () => lab.switch.faults.unplugged(true),
    running: async () => lab.switch.applied(),
    startup: async () => lab.switch.startup(),
    everything: async () => JSON.stringify(lab.switch.revisions()),
    somebodyElse: {
      applies: async () => [lab.switch.outOfBand.applyAs('eve', renamed)],
      async startsToApply() {
        const candidate = lab.switch.outOfBand.startApply('eve', renamed, { confirmSeconds: 600 });
        lab.clock.advance(10_000);
        return { candidate, state: 'confirm' };
      },
      hasApplied: (tree) => JSON.stringify(tree).includes('leaf99'),
    },
    async startApply(session, candidate) {
      const cut = new AbortController();
      const stop = lab.switch.onRequest(({ phase, request }) => {
        if (phase === 'performed' && request.method === 'PATCH') cut.abort(new Error('killed'));
      });
      await expect(session.commit(candidate, 300, cut.signal)).rejects.toThrow('killed');
      stop();
    },
    async breakThings() {
      lab.switch.faults.linkDown('swp1');
      lab.switch.faults.peerDown('swp1');
      lab.switch.faults.unwell('fan1 is broken');
      return ['system-health', 'interface swp1', 'bgp swp1'];
    },
    close: lab.close,
  };
}
