import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ran } from '../support/journey.ts';
import { createSyntheticJourney, type SyntheticJourney } from '../support/synthetic-journey.ts';

const SWITCHES = 20;
const MINUTE_MS = 60_000;

let journey: SyntheticJourney;
let before: ReadonlyMap<string, unknown>;
let failing: string;
let passed: Ran;

/** Twenty switches that are confirmed together or not at all; one of them is not well once the change is live. */
beforeAll(async () => {
  journey = await createSyntheticJourney({
    devices: SWITCHES,
    changeGroups: 2,
    rollout: ['barrier: true', 'confirm_within_seconds: 900'],
  });
  before = new Map([...journey.world.switches].map(([name, one]) => [name, one.applied()]));
  failing = journey.plan.batches?.[0]?.devices[7] ?? '';
  journey.of(failing).faults.onApply({ kind: 'unhealthy' });
  passed = await journey.reconcile();
}, 5 * MINUTE_MS);
afterAll(() => journey.close());

describe('twenty switches behind one barrier, of which one fails its probe', () => {
  it('all run their old configuration afterwards', () => {
    for (const [name, one] of journey.world.switches) {
      expect(one.applied(), name).toEqual(before.get(name));
      expect(one.startup(), name).toEqual(before.get(name));
    }
  });

  it('were all live before that, and none was confirmed', () => {
    const said = [...journey.world.switches.values()].map((one) =>
      JSON.stringify(one.requests().map(({ body }) => body)),
    );

    expect(said.filter((bodies) => bodies.includes('"apply"'))).toHaveLength(SWITCHES);
    expect(said.filter((bodies) => bodies.includes('apply_confirm') || bodies.includes('"confirm_yes"'))).toEqual([]);
  });

  it('are told of in red, with the one that failed and what became of the others', () => {
    expect(passed.code).toBe(1);
    expect(journey.comment()).toContain(failing);
    expect(journey.comment()).toContain('20 reverted');
  });

  it('say on the ledger of nineteen that they went back because of the twentieth', async () => {
    const run = (await journey.run()).replace('multideploy', 'batchdeploy').replace(/-([0-9a-f]{12})$/, '-01-$1');
    const month = new Date(journey.clock.now()).toISOString().slice(0, 7).replace('-', '/');
    const events = ((await journey.ledgerFile(`runs/${month}/${run}/events.jsonl`)) ?? '').trim().split('\n');

    const notPassed = events.filter((line) => line.includes('WORKFLOW_BARRIER_NOT_PASSED'));
    expect(notPassed).toHaveLength(SWITCHES - 1);
    expect(notPassed.every((line) => line.includes(failing))).toBe(true);
  });
});
