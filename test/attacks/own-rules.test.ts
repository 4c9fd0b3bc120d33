import { afterEach, describe, expect, it } from 'vitest';
import type { FleetFiles } from '../../sandbox/fleets/fleet-files.ts';
import { replaceOnce, textOf } from '../../sandbox/fleets/fleet-files.ts';
import { createJourney, type Journey } from '../support/journey.ts';

let journey: Journey;
afterEach(() => journey.close());

const LEAF01 = 'desired-state/devices/ams1/leaf01.yaml';
const LAB = 'desired-state/sites/lab.yaml';
const BY_SITE = `rules:
  - name: ams1 reviews every change
    approvals: 1
    when: { sites: [ams1] }
    by: { teams: [acme/net-leads] }
  - name: anybody reviews the lab
    when: { sites: [lab] }
    approvals: 1
    by: { users: [bea] }
`;

/** A site beside the demo's, with laxer rules. */
function withLab(files: FleetFiles): FleetFiles {
  const site = textOf(files, 'desired-state/sites/ams1.yaml');
  return new Map([...files, [LAB, site], ['approvals.yaml', BY_SITE]]);
}

const leaf01 = () => JSON.stringify(journey.world.switches.get('leaf01')?.applied());
const page = () => {
  try {
    return journey.gate();
  } catch {
    return undefined;
  }
};

async function planAndApprove(number: number): Promise<void> {
  await journey.plan(number);
  await journey.approve(number, 'bea');
}

describe('a pull request cannot choose laxer rules for a switch', () => {
  it.each([
    { how: 'by moving it to another site', to: 'leaf01', plans: true },
    // What is new to the fleet is planned after the merge.
    { how: 'by giving it another name at another site', to: 'bench01', plans: false },
  ])('$how', async ({ to, plans }) => {
    journey = await createJourney({ files: withLab });
    const text = replaceOnce(
      LEAF01,
      textOf(journey.world.files, LEAF01),
      'data:\n',
      'data:\n  ntp_servers: [192.168.200.140]\n',
    );
    await journey.reconcile();
    const number = await journey.open({
      title: 'Move a switch',
      branch: 'move',
      files: new Map([
        [LEAF01, null],
        [`desired-state/devices/lab/${to}.yaml`, text],
      ]),
    });
    if (plans) await planAndApprove(number);
    await journey.merge(number);
    await journey.reconcile();
    const gate = page();
    if (gate !== undefined) await journey.approve(gate, 'bea');

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(leaf01()).not.toContain('192.168.200.140');
    expect(journey.comment(gate ?? number)).toMatch(/ams1 reviews every change: needs 1 approval/);
  });

  it('by bringing laxer ones in a commit of its own, merged by rebase', async () => {
    const strict = `rules:
  - name: a lead reviews every change
    approvals: 1
    by: { teams: [acme/net-leads] }
`;
    journey = await createJourney({ files: (files) => new Map([...files, ['approvals.yaml', strict]]) });
    const { ntpOnOneLeaf } = journey.stories;
    await journey.reconcile();
    const ada = journey.world.github.as('ada');
    await ada.push('two', { 'approvals.yaml': strict.replace('teams: [acme/net-leads]', 'users: [bea]') }, 'Tidy up');
    await ada.push('two', Object.fromEntries(ntpOnOneLeaf.files), 'Another clock');
    const number = await ada.openPullRequest({ title: 'Another clock', head: 'two' });
    await planAndApprove(number);
    await ada.merge(number, { method: 'rebase' });

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(leaf01()).not.toContain('192.168.200.140');
    expect(journey.comment(number)).toMatch(/a lead reviews every change: needs 1 approval/);
  });
});
