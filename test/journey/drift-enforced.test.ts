import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Tree } from '../../schemas/json.ts';
import { createJourney, type Journey, type Ran } from '../support/journey.ts';
import { type Readings, readingsOf } from '../support/readings.ts';

const HOUR_MS = 3_600_000;
vi.setConfig({ testTimeout: HOUR_MS / 12 });
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
/** Three days away, by any clock of this world. */
const ANOTHER_DAY = DAYS[(new Date().getUTCDay() + 3) % 7];

const automation = (windows: string, more = '') => `${more}schedules:
  hourly:
    workflow: DriftCheck
    schedule: { cron: "0 * * * *" }
drift_classes:
  clock:
    paths: [service.ntp]
drift:
  - name: clocks by themselves
    policy: enforce
    classes: [clock]
    windows: [${windows}]
`;
const SITE_WINDOWS = `windows:
  - { name: all day, from: "00:00", to: "00:00" }
  - { name: another day, days: [${ANOTHER_DAY}], from: "01:00", to: "02:00" }
`;
const NTP: Tree = { service: { ntp: { mgmt: { server: { '10.9.9.9': {} } } } } };
const GREETING: Tree = { system: { message: { 'pre-login': 'by hand' } } };

let journey: Journey;
let readings: Readings;
afterEach(() => journey.close());

async function begin(text: string): Promise<void> {
  const site = 'desired-state/sites/ams1.yaml';
  journey = await createJourney({
    // On a busy machine a switch has to be confirmed in its time all the same.
    speed: 20,
    files: (files) =>
      new Map([...files, ['automation.yaml', text], [site, `${SITE_WINDOWS}${String(files.get(site) ?? '')}`]]),
  });
  readings = readingsOf(journey);
  await journey.reconcile();
}

const leaf = () => {
  const found = journey.world.switches.get('leaf01');
  if (!found) throw new Error('there is no leaf01');
  return found;
};
const byHand = (patch: Tree) => leaf().outOfBand.applyAs('cumulus', patch);
async function check(): Promise<Ran> {
  journey.ahead(HOUR_MS);
  return journey.reconcile();
}
const enforcing = async () => (await readings.runs()).filter(({ enforces }) => enforces);
const proposals = () =>
  journey.world.github.pullRequests().filter(({ headBranch }) => headBranch.startsWith('pointsman/drift/'));
const issue = () => journey.world.github.issues().find(({ body }) => body.includes('pointsman:alarm:drift'));

describe('drift that a rule of automation.yaml may take back by itself', () => {
  it('is taken back inside a window, by a run that names the rule and no person, and the issue closes', async () => {
    await begin(automation('all day'));
    const before = leaf().applied();
    byHand(NTP);

    const passed = await check();
    const told = issue()?.body;
    const [run] = await enforcing();
    await check();

    expect(passed.code).toBe(0);
    expect(leaf().applied()).toEqual(before);
    expect(run).toMatchObject({ status: 'COMPLETED', enforces: { rule: 'clocks by themselves', devices: ['leaf01'] } });
    const by = /^rule "clocks by themselves" of automation\.yaml at [0-9a-f]{7}$/;
    expect(run?.decision).toMatchObject({ decision: 'granted', by: [expect.stringMatching(by)] });
    expect(await journey.ledgerFile(`approvals/${run?.name}/perform_configuration_diff.json`)).toContain('"standing"');
    expect(await readings.artifact(run?.name ?? '', 'README.md')).toContain('clocks by themselves');
    expect(await readings.artifact(run?.name ?? '', 'plan.md')).toContain('unset service ntp mgmt server 10.9.9.9');
    expect(told).toMatch(/taken back by rule .*clocks by themselves.* of automation\.yaml at .*, run \[/);
    expect(proposals()).toEqual([]);
    expect(await enforcing()).toHaveLength(1);
    expect(issue()).toMatchObject({ state: 'closed' });
    expect(await journey.ledgerFile('devices/ams1/leaf01.json')).toContain(run?.name);
  });

  it.each([
    ['outside of its windows', automation('another day'), NTP, 'it is outside "another day"'],
    [
      'where part of it lies outside of its classes',
      automation('all day'),
      { ...NTP, ...GREETING },
      'system message pre-login is in none of the classes of the rule',
    ],
    [
      'while the kill switch holds its site’s deploys',
      automation('all day', 'workflows: { ConfigurationDeploy: { paused: true, reason: moving } }\n'),
      NTP,
      'paused by automation.yaml (workflow ConfigurationDeploy): moving',
    ],
  ] as const)('is only proposed %s, and the issue says why', async (_when, text, patch, why) => {
    await begin(text);
    byHand(patch);
    const drifted = leaf().applied();

    const passed = await check();

    expect(passed.code).toBe(0);
    expect(leaf().applied()).toEqual(drifted);
    expect(await enforcing()).toEqual([]);
    expect(proposals()).toMatchObject([{ state: 'open' }]);
    expect(issue()?.body.replaceAll('`', '')).toContain(`not taken back by itself: ${why}`);
  });

  it('is not tried a second time after the switch took it back, but proposed', async () => {
    await begin(automation('all day'));
    byHand(NTP);
    const drifted = leaf().applied();
    leaf().faults.onApply({ kind: 'unhealthy' });

    await check();
    leaf().faults.clear();
    const [first] = await enforcing();
    const atFirst = proposals();
    await check();
    await check();

    expect(first).toMatchObject({ status: 'FAILED', devices: [{ outcome: { kind: 'reverted' } }] });
    expect(leaf().applied()).toEqual(drifted);
    expect(atFirst).toEqual([]);
    expect(await enforcing()).toHaveLength(1);
    expect(proposals()).toMatchObject([{ state: 'open' }]);
    expect(issue()?.body.replaceAll('`', '')).toContain(`it was tried by ${first?.name}, which ended FAILED`);
  });
});
