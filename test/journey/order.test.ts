import { afterEach, describe, expect, it } from 'vitest';
import { replaceOnce, textOf } from '../../sandbox/fleets/fleet-files.ts';
import { createJourney, type Journey } from '../support/journey.ts';

let journey: Journey;
afterEach(() => journey.close());

const LEAF01 = 'desired-state/devices/ams1/leaf01.yaml';

describe('two pull requests that change the same switch', () => {
  it('merged in quick succession are applied in the order of the branch, each with its own approval', async () => {
    journey = await createJourney();
    const first = await journey.open(journey.stories.ntpOnOneLeaf);
    const second = await journey.open(journey.stories.addVlan);
    await journey.plan(first);
    await journey.plan(second);
    await journey.approve(first);
    await journey.approve(second);
    await journey.merge(first);
    await journey.merge(second);

    const passed = await journey.reconcile();

    expect(passed.code).toBe(0);
    expect(journey.comment(first)).toContain('Applied: 1 applied');
    expect(journey.comment(second)).toContain('Applied: 4 applied');
    expect(journey.world.switches.get('leaf01')?.applied()).toMatchObject({ interface: { vlan120: { type: 'svi' } } });
  });

  it('never go back: an older one that waited too long is superseded on switches that run a newer commit', async () => {
    journey = await createJourney();
    const waiting = await journey.open(journey.stories.ntpOnOneLeaf);
    await journey.plan(waiting);
    await journey.merge(waiting);
    const stuck = await journey.reconcile();
    const text = journey.stories.ntpOnOneLeaf.files.get(LEAF01) ?? textOf(journey.world.files, LEAF01);
    const newer = await journey.open({
      title: 'leaf01: another clock after all',
      branch: 'other-clock',
      files: new Map([[LEAF01, replaceOnce(LEAF01, text, '192.168.200.140', '192.168.200.141')]]),
    });
    await journey.plan(newer);
    await journey.approve(newer);
    await journey.merge(newer);
    await journey.reconcile();
    await journey.approve(waiting, 'carl');

    const passed = await journey.reconcile();

    expect(stuck.code).toBe(3);
    expect(passed.code).toBe(1);
    expect(journey.comment(waiting)).toContain('RECONCILER_SUPERSEDED');
    expect(JSON.stringify(journey.world.switches.get('leaf01')?.applied())).toContain('192.168.200.141');
    expect(JSON.stringify(journey.world.switches.get('leaf01')?.applied())).not.toContain('192.168.200.140');
  });
});

describe('however a pull request is merged', () => {
  it.each(['merge', 'squash', 'rebase'] as const)(
    '%s: it is one run, approved by the approval it got',
    async (method) => {
      journey = await createJourney();
      const number = await journey.open(journey.stories.ntpOnOneLeaf);
      const { branch } = journey.stories.ntpOnOneLeaf;
      const second = journey.stories.addVlan.files;
      await journey.world.github.as('ada').push(branch, Object.fromEntries(second), 'And a VLAN');
      await journey.plan(number);
      await journey.approve(number);
      await journey.world.github.as('ada').merge(number, { method });

      const passed = await journey.reconcile();
      const again = await journey.reconcile();

      expect(passed.code).toBe(0);
      expect(journey.comment(number)).toContain('Applied: 4 applied, of 4 devices');
      expect(again.out).toBe('Nothing is due.\n');
      expect((await journey.ledgerLog()).filter((line) => line.includes('completed'))).toHaveLength(1);
    },
  );
});
