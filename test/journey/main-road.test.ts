import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJourney, type Journey } from '../support/journey.ts';

describe('a merged pull request', () => {
  let journey: Journey;
  beforeAll(async () => {
    journey = await createJourney();
  });
  afterAll(() => journey.close());

  it('changes the switches it was approved for, and the proof comes back as commits', async () => {
    const number = await journey.open(journey.stories.addVlan);
    const planned = await journey.plan(number);
    await journey.approve(number);
    await journey.merge(number);
    const passed = await journey.reconcile();

    expect([planned.code, passed.code]).toEqual([2, 0]);
    for (const leaf of ['leaf01', 'leaf02', 'leaf03', 'leaf04']) {
      const one = journey.world.switches.get(leaf);
      expect(one?.applied()).toMatchObject({ interface: { vlan120: { type: 'svi' } } });
      expect(one?.startup()).toEqual(one?.applied());
      expect(await journey.ledgerFile(`backups/ams1/${leaf}.yaml`)).toContain('vlan120');
    }
    expect(journey.comment(number)).toContain('Applied: 4 applied, of 4 devices');
    expect(await journey.ledgerLog()).toHaveLength(6);
  });

  it('shows on the page of environments what runs at its site', () => {
    const [deployment, ...others] = journey.world.github.deployments();

    expect(others).toEqual([]);
    expect(deployment).toMatchObject({ environment: 'ams1', statuses: [{ state: 'success' }] });
    expect(deployment?.statuses[0]?.logUrl).toContain('/blob/pointsman/ledger/runs/');
    expect(deployment?.statuses[0]?.description).toBe('4 of 4 switches run this commit');
  });

  it('is done once: the next pass finds nothing due and sends the switches nothing', async () => {
    const before = [...journey.world.switches.values()].map((one) => one.requests().length);

    const passed = await journey.reconcile();

    expect(passed).toMatchObject({ code: 0, out: 'Nothing is due.\n' });
    expect([...journey.world.switches.values()].map((one) => one.requests().length)).toEqual(before);
  });
});
