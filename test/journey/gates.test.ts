import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJourney, git, type Journey } from '../support/journey.ts';

let journey: Journey;
beforeEach(async () => {
  journey = await createJourney();
});
afterEach(() => journey.close());

const applied = () => JSON.stringify(journey.world.switches.get('leaf01')?.applied());
/** What went live; a candidate that is tried and thrown away is none of it. */
const writes = () =>
  [...journey.world.switches.values()].flatMap((one) =>
    one
      .requests()
      .filter(
        ({ method, path, body }) =>
          method === 'PATCH' && path.includes('/revision/') && JSON.stringify(body ?? '').includes('"apply"'),
      ),
  );
const gateState = () => journey.world.github.pullRequest(journey.gate()).state;

/** Somebody with the right to does what a ruleset would have refused. */
async function pushDirectly(by: string): Promise<void> {
  const { files, title } = journey.stories.ntpOnOneLeaf;
  await journey.world.github.as(by).push('main', Object.fromEntries(files), title);
}

describe('a direct push without a pull request', () => {
  it('writes nothing and opens a pull request that shows what would change and asks', async () => {
    await journey.reconcile();
    await pushDirectly('ada');

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    const answer = `Approve #${journey.gate()} to let it go on, or close it to reject.`;
    expect(passed.out).toContain(`\n  next: ${answer}\n`);
    const page = (await git(journey.gitDir, ['grep', '-h', 'An approval is missing', 'pointsman/ledger', '--', 'runs']))
      .out;
    expect(page).toContain(answer);
    expect(writes()).toEqual([]);
    expect(journey.comment(journey.gate())).toContain('Plan: 1 device changes, waiting for 1 approval');
    expect(journey.comment(journey.gate())).not.toContain('could not be compared');
    expect(journey.comment(journey.gate())).toContain(
      'approve this pull request to let it go on, or close it to reject',
    );
  });

  it('is applied once somebody else approves the gate, and the gate is closed', async () => {
    await journey.reconcile();
    await pushDirectly('ada');
    await journey.reconcile();
    await journey.approve(journey.gate(), 'bea');

    const passed = await journey.reconcile();

    expect(passed.code).toBe(0);
    expect(applied()).toContain('192.168.200.140');
    expect(journey.comment(journey.gate())).toContain('Applied: 1 applied, of 1 device');
    expect(gateState()).toBe('closed');
    expect(journey.world.github.pullRequest(journey.gate()).merge).toBeUndefined();
  });

  it('is not released by the one who pushed it', async () => {
    await journey.reconcile();
    await pushDirectly('bea');
    await journey.reconcile();
    await journey.approve(journey.gate(), 'bea');

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(writes()).toEqual([]);
    expect(journey.comment(journey.gate())).toMatch(/`bea` approves: does not count.*commit of it/);
  });

  it('is rejected by closing the gate, whose branch is then deleted so that it cannot be opened again', async () => {
    await journey.reconcile();
    await pushDirectly('ada');
    await journey.reconcile();
    const gate = journey.gate();
    await journey.world.github.as('dora').close(gate);

    const passed = await journey.reconcile();
    const again = await journey.reconcile();

    expect(passed.code).toBe(1);
    expect(journey.comment(gate)).toContain('Rejected: 1 not reached, of 1 device');
    expect(again.out).toBe('Nothing is due.\n');
    await expect(journey.world.github.as('dora').reopen(gate)).rejects.toThrow();
    expect(writes()).toEqual([]);
  });

  it('is not released by merging the gate without a review', async () => {
    await journey.reconcile();
    await pushDirectly('ada');
    await journey.reconcile();
    await journey.world.github.as('dora').merge(journey.gate());

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(writes()).toEqual([]);
  });
});

describe('a gate somebody pushed to', () => {
  it('is written again, and what was approved there before does not count', async () => {
    await journey.reconcile();
    await pushDirectly('ada');
    await journey.reconcile();
    const gate = journey.gate();
    const { headBranch } = journey.world.github.pullRequest(gate);
    await journey.approve(gate, 'bea');
    await journey.world.github.as('ada').push(headBranch, { 'notes.md': 'mine\n' }, 'Add a note');

    const passed = await journey.reconcile();

    expect(passed.code).toBe(3);
    expect(writes()).toEqual([]);
    expect(journey.comment(gate)).toMatch(/`bea` approves: does not count/);
  });
});
