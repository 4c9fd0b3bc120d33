import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJourney, type Journey } from '../support/journey.ts';
import { withSecondSite } from '../support/second-site.ts';

let journey: Journey;
beforeEach(async () => {
  journey = await createJourney({ files: withSecondSite });
});
afterEach(() => journey.close());

const asked = (name: string): number => journey.world.switches.get(name)?.requests().length ?? 0;
const hasVlan = (name: string): boolean =>
  JSON.stringify(journey.world.switches.get(name)?.applied()).includes('vlan120');

describe('a site with a runner of its own', () => {
  it('is asked by that runner alone, and the plan is complete when each has read its part', async () => {
    const number = await journey.open(journey.stories.addVlan);

    await journey.reconcile();
    const half = journey.comment(number);
    const before = [asked('leaf01') > 0, asked('leaf03') > 0];
    const work = await journey.matrix();
    await journey.reconcile('fra1');

    expect(before).toEqual([true, false]);
    expect(half).toContain('leaf03 waits for the runner of fra1');
    expect(work).toEqual({ include: [{ site: 'fra1', runner: ['self-hosted', 'fra1'] }] });
    expect(journey.comment(number)).toContain('Plan: 4 devices change, waiting for 1 approval');
    expect(await journey.matrix()).toEqual({ include: [] });
  });

  it('is deployed by that runner alone: a run each, one approval, one comment that tells of both', async () => {
    const number = await journey.open(journey.stories.addVlan);
    await journey.reconcile();
    await journey.reconcile('fra1');
    await journey.approve(number);
    await journey.merge(number);

    const here = await journey.reconcile();
    const between = ['leaf01', 'leaf02', 'leaf03', 'leaf04'].map(hasVlan);
    const work = await journey.matrix();
    const there = await journey.reconcile('fra1');

    expect([here.code, there.code]).toEqual([0, 0]);
    expect(between).toEqual([true, true, false, true]);
    expect(work).toEqual({ include: [{ site: 'fra1', runner: ['self-hosted', 'fra1'] }] });
    expect(hasVlan('leaf03')).toBe(true);
    expect(journey.comment(number)).toContain('Applied: 4 applied, of 4 devices');
    expect((await journey.ledgerLog()).filter((line) => line.includes(': completed'))).toHaveLength(2);
  });

  it('is not written to where its plan was never completed: a gate asks for its part', async () => {
    const number = await journey.open(journey.stories.addVlan);
    await journey.reconcile();
    await journey.approve(number);
    await journey.merge(number);

    await journey.reconcile();
    const there = await journey.reconcile('fra1');

    expect(there.code).toBe(3);
    expect(['leaf01', 'leaf02', 'leaf03', 'leaf04'].map(hasVlan)).toEqual([true, true, false, true]);
    expect(journey.comment(journey.gate())).toContain('Plan: 1 device changes');
  });

  it('that fails is not hidden by the others, which end well after it', async () => {
    const number = await journey.open(journey.stories.addVlan);
    await journey.reconcile();
    await journey.reconcile('fra1');
    await journey.approve(number);
    const merged = await journey.merge(number);
    const refusal = { kind: 'reply', reply: { status: 400, body: { title: 'no such leaf' } } } as const;
    journey.world.switches.get('leaf03')?.faults.onRequest(refusal, { method: 'PATCH', path: /^\/nvue_v1\/\?rev=/ });
    const deploy = () => journey.world.github.checks(merged).runs.filter(({ name }) => name === 'pointsman / deploy');

    const there = await journey.reconcile('fra1');
    const between = deploy();
    const here = await journey.reconcile();

    expect([there.code, here.code]).toEqual([1, 0]);
    expect(between).toMatchObject([{ status: 'in_progress', conclusion: null }]);
    expect(deploy()).toMatchObject([{ status: 'completed', conclusion: 'failure' }]);
    expect(journey.comment(number)).toContain('Failed: 1 untouched, 3 applied, of 4 devices');
  });

  it('refuses a site that names no runner, and says what to do', async () => {
    const ran = await journey.reconcile('ams1');

    expect(ran.code).toBe(1);
    expect(ran.said).toContain('the site ams1 names no runner');
  });
});
