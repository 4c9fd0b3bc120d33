import { afterEach, describe, expect, it } from 'vitest';
import type { Tree } from '../../schemas/json.ts';
import { createJourney, git, type Journey, type Ran } from '../support/journey.ts';

let journey: Journey;
afterEach(() => journey.close());

const LEAVES = ['leaf01', 'leaf02', 'leaf03', 'leaf04'];
const ALL = [...LEAVES, 'spine01', 'spine02'];
/** Taking the VLAN away takes its interface away, which is up. */
const GOES = 'expected_changes: [interface vlan120]';

const tip = async (): Promise<string> => (await git(journey.gitDir, ['rev-parse', 'main'])).out.trim();
const ledgerTip = async (): Promise<string> =>
  (await git(journey.gitDir, ['rev-parse', 'pointsman/ledger'])).out.trim();
const runs = (name: string): Tree => journey.world.switches.get(name)?.applied() ?? {};

/** A change that is approved, merged and applied. @returns Its run. */
async function deployed(story: 'addVlan' | 'ntpOnOneLeaf'): Promise<string> {
  const number = await journey.open(journey.stories[story]);
  await journey.plan(number);
  await journey.approve(number);
  await journey.merge(number);
  const passed = await journey.reconcile();
  expect(passed.code).toBe(0);
  return `configurationdeploy-pr-${number}-${(await tip()).slice(0, 12)}`;
}

/** A pull request with a Rollback in it, and its plan. @returns Its number. */
async function ask(name: string, text: string): Promise<number> {
  const file = `workflow: Rollback\nreason: packets are dropped since\n${text}`;
  const number = await journey.open({
    title: `Take it back: ${name}`,
    branch: name,
    files: new Map([[`requests/${name}.yaml`, file]]),
  });
  await journey.plan(number);
  return number;
}

async function carryOut(number: number): Promise<Ran> {
  await journey.approve(number);
  await journey.merge(number);
  return journey.reconcile();
}

describe('a Rollback', () => {
  it('takes a switch back to an earlier commit, by exactly the inverse of what was changed since', async () => {
    journey = await createJourney();
    await journey.reconcile();
    const earlier = await tip();
    const before = runs('leaf01');
    await deployed('ntpOnOneLeaf');
    const changed = runs('leaf01');

    const number = await ask('back', `targets: { devices: [leaf01] }\ninput: { to: { commit: ${earlier} } }\n`);
    const asked = journey.comment(number);
    const passed = await carryOut(number);

    expect(changed).not.toEqual(before);
    expect(asked).toContain('```diff\n- unset service ntp mgmt server 192.168.200.140 iburst on\n```');
    expect(asked).toContain('What is unset stands on the switch and not in what it goes back to.');
    expect(asked).toContain(`goes back to commit \`${earlier.slice(0, 12)}\`, so it then runs something else`);
    expect(passed.code).toBe(0);
    expect(runs('leaf01')).toEqual(before);
    expect(JSON.parse((await journey.ledgerFile('devices/ams1/leaf01.json')) ?? '')).toMatchObject({
      appliedCommit: await tip(),
      rolledBackTo: `commit ${earlier.slice(0, 12)}`,
    });
  });

  it('takes back a whole run, batch by batch, and leaves alone what that run did not change', async () => {
    journey = await createJourney();
    await journey.reconcile();
    const before = ALL.map(runs);
    const run = await deployed('addVlan');
    const changed = LEAVES.map(runs);

    const number = await ask(
      'vlan-away',
      `targets: { sites: [ams1] }\nrollout: { batch_size: 2, ${GOES} }\ninput: { to: { run: ${run} } }\n`,
    );
    const asked = journey.comment(number);
    await carryOut(number);

    expect(changed).not.toEqual(before.slice(0, LEAVES.length));
    expect(asked).toContain('4 devices change');
    expect(asked).toMatch(/`spine01`: .*does not go back to commit .*: it was no part of that run/);
    expect(journey.comment(number)).toContain('4 applied');
    expect(ALL.map(runs)).toEqual(before);
  });

  it('takes a switch back to its newest backup, over what was changed by hand', async () => {
    journey = await createJourney();
    await journey.reconcile();
    await deployed('ntpOnOneLeaf');
    const before = runs('leaf01');
    journey.world.switches
      .get('leaf01')
      ?.outOfBand.applyAs('cumulus', { interface: { swp1: { link: { mtu: 1500 } } } });
    const byHand = runs('leaf01');

    const number = await ask('undo', 'targets: { devices: [leaf01] }\ninput: { to: { backup: latest } }\n');
    const asked = journey.comment(number);
    await carryOut(number);

    expect(byHand).not.toEqual(before);
    expect(asked).toContain('```diff\n- unset interface swp1 link mtu 1500\n```');
    expect(asked).not.toContain('something else than the branch says');
    expect(runs('leaf01')).toEqual(before);
  });

  it('takes a switch back to an older backup, with the secrets it had, over a deploy', async () => {
    journey = await createJourney();
    await journey.reconcile();
    await deployed('ntpOnOneLeaf');
    const before = runs('leaf01');
    const backedUp = await ledgerTip();
    await deployed('addVlan');
    const withVlan = runs('leaf01');

    const number = await ask(
      'undo',
      `targets: { devices: [leaf01] }\nrollout: { ${GOES} }\ninput: { to: { backup: ${backedUp} } }\n`,
    );
    const asked = journey.comment(number);
    await carryOut(number);

    expect(withVlan).not.toEqual(before);
    expect(asked).toContain(`goes back to the backup of ledger commit \`${backedUp.slice(0, 12)}\``);
    expect(asked).not.toMatch(/secret/);
    expect(runs('leaf01')).toEqual(before);
  });
});
