import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceDrift } from '../../ledger/ledger.ts';
import { createJourney, git, type Journey } from '../support/journey.ts';
import { type Readings, readingsOf } from '../support/readings.ts';

const NIGHTLY = 'schedules:\n  nightly:\n    workflow: DriftCheck\n    schedule: { cron: "0 * * * *" }\n';
const HOUR = 3_600_000;

let journey: Journey;
let readings: Readings;
beforeEach(async () => {
  journey = await createJourney({
    speed: 1,
    files: (files) => new Map([...files, ['automation.yaml', NIGHTLY]]),
  });
  readings = readingsOf(journey);
  await journey.reconcile();
});
afterEach(() => journey.close());

const byHand = (device: string, patch: object = { 'pre-login': 'by hand' }) =>
  journey.world.switches.get(device)?.outOfBand.applyAs('cumulus', { system: { message: { ...patch } } });
/** The next hour, and the pass that is made in it. */
async function check() {
  journey.ahead(HOUR);
  return journey.reconcile();
}
async function driftOf(device: string): Promise<DeviceDrift | undefined> {
  const text = await journey.ledgerFile(`drift/ams1/${device}.json`);
  return text === undefined ? undefined : JSON.parse(text);
}
const commitsTo = async (folder: string) =>
  (await git(journey.gitDir, ['log', '--format=%H', 'pointsman/ledger', '--', folder])).out.trim().split('\n');
const newest = async () => {
  const runs = (await readings.runs()).filter(({ workflow }) => workflow === 'DriftCheck');
  const [last] = runs.toSorted((a, b) => b.startedAt - a.startedAt);
  if (!last) throw new Error('no check was made');
  return last;
};

describe('a check for drift by the clock', () => {
  it('finds nothing, in two commits, by questions alone', async () => {
    const before = (await journey.ledgerLog()).length;
    readings.asked();

    const passed = await check();

    expect(passed.code).toBe(0);
    expect(readings.asked()).toMatchObject({ writes: 0 });
    expect((await newest()).devices.map(({ outcome }) => outcome?.kind)).toEqual(Array(6).fill('in-sync'));
    expect((await journey.ledgerLog()).length - before).toBe(2);
  });

  it('finds what was done by hand, by whom and when, and lists it', async () => {
    byHand('leaf03');

    await check();

    const run = await newest();
    expect(await driftOf('leaf03')).toMatchObject({
      ...{ site: 'ams1', device: 'leaf03', run: run.name, by: 'cumulus', more: 0 },
      changes: [{ path: ['system', 'message', 'pre-login'], running: 'by hand' }],
      changedAt: expect.any(Number),
    });
    expect(run.status).toBe('COMPLETED');
    expect(run.devices.find(({ device }) => device === 'leaf03')?.outcome).toMatchObject({
      kind: 'differs',
      changes: 1,
    });
    const page = await readings.artifact(run.name, 'drift.md');
    expect(page).toContain('# 1 of 6 switches drifts');
    expect(page).toContain('| `system.message.pre-login` | nothing | `by hand` |');
  });

  it('writes of it only once while nothing of it is new, and no more when it is mended', async () => {
    byHand('leaf03');
    await check();
    const first = await driftOf('leaf03');
    await check();
    const second = await driftOf('leaf03');
    const written = await commitsTo('drift');
    byHand('leaf03', { 'pre-login': 'by another hand' });
    await check();
    const other = await driftOf('leaf03');
    journey.world.switches.get('leaf03')?.outOfBand.applyAs('cumulus', { system: { message: null } });
    await check();

    expect(second).toEqual(first);
    expect(written).toHaveLength(1);
    expect(other?.since).toBeGreaterThan(first?.since ?? 0);
    expect(await driftOf('leaf03')).toBeUndefined();
  });

  it('takes nothing for drift that is merged and not applied yet, and still finds what is', async () => {
    const number = await journey.open(journey.stories.ntpOnOneLeaf);
    await journey.plan(number);
    await journey.merge(number);
    byHand('leaf01');
    await journey.reconcile();

    await check();
    const waiting = await driftOf('leaf01');
    const [deploy] = (await readings.runs()).filter(({ workflow }) => workflow === 'ConfigurationDeploy');
    await journey.world.github.as('dora').comment(number, `/pointsman terminate ${deploy?.name}`);
    await journey.reconcile();
    await check();

    // While a run is at the switch nobody knows; afterwards only what nobody merged is drift.
    expect(waiting).toBeUndefined();
    expect((await driftOf('leaf01'))?.changes).toEqual([
      { path: ['system', 'message', 'pre-login'], running: 'by hand' },
    ]);
    expect((await newest()).devices.find(({ device }) => device === 'leaf01')?.outcome).toMatchObject({
      kind: 'differs',
    });
  });

  it('says apart what differs only because it is not applied yet', async () => {
    const number = await journey.open(journey.stories.ntpOnOneLeaf);
    await journey.plan(number);
    await journey.merge(number);
    await journey.reconcile();

    await check();

    const page = await readings.artifact((await newest()).name, 'drift.md');
    expect(page).toContain('# No drift');
    expect(page).toContain('## Not drift');
    expect(page).toMatch(/`leaf01`: what differs was merged/);
  });

  it('forgets the drift of a switch that left the fleet', async () => {
    byHand('leaf03');
    await check();
    await readings.push({ 'desired-state/devices/ams1/leaf03.yaml': null });
    await check();

    expect(await driftOf('leaf03')).toBeUndefined();
  });

  it('leaves out the sites that are paused, and says so', async () => {
    await readings.push({ 'automation.yaml': `sites: { ams1: { paused: true, reason: moving } }\n${NIGHTLY}` });
    readings.asked();

    const passed = await check();

    expect(passed.code).toBe(0);
    expect(readings.asked().devices).toEqual([]);
    expect((await newest()).stages[0]?.history.at(-1)?.why).toContain('without ams1, which automation.yaml pauses');
  });
});
