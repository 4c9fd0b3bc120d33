import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../../sandbox/fleets/fleet-files.ts';
import { createJourney, git, type Journey, nextSecond } from '../support/journey.ts';
import { type Readings, readingsOf, requestText } from '../support/readings.ts';

let journey: Journey;
let readings: Readings;
beforeEach(async () => {
  // At the machine's own pace: half a minute must not pass while a pass is made.
  journey = await createJourney({ speed: 1 });
  readings = readingsOf(journey);
});
afterEach(() => journey.close());

const HALF_A_MINUTE = 31_000;
const HOUR = 3_601_000;
const withRetries = (...lines: readonly string[]): string =>
  textOf(journey.world.files, 'pointsman.yaml').replace(
    /^rollout:\n/m,
    ['rollout:', ...lines.map((line) => `  ${line}`), ''].join('\n'),
  );
const LEAVES = 'targets: { devices: [leaf*] }';
const leaf = (name: string) => {
  const one = journey.world.switches.get(name);
  if (!one) throw new Error(`there is no ${name}`);
  return one;
};
const outcomes = async (run: string) =>
  Object.fromEntries((await readings.run(run)).devices.map(({ device, outcome }) => [device, outcome?.kind]));
const stages = async (run: string) => (await readings.run(run)).stages.map(({ name, state }) => `${name} ${state}`);
const backupCommits = async () =>
  (await git(journey.gitDir, ['log', '--format=%s', 'pointsman/ledger', '--', 'backups'])).out.split('\n').length - 1;

describe('a request for a backup', () => {
  it('is done once, in two commits, by questions alone, and told where it was asked', async () => {
    const number = await readings.ask('move', 'ConfigurationBackup', LEAVES);
    readings.asked();

    const passed = await journey.reconcile();
    const again = await journey.reconcile();

    expect([passed.code, again.out]).toEqual([0, 'Nothing is due.\n']);
    expect(readings.asked()).toEqual({ devices: ['leaf01', 'leaf02', 'leaf03', 'leaf04'], writes: 0 });
    expect(await outcomes('configurationbackup-for-move-')).toEqual({
      ...{ leaf01: 'backed-up', leaf02: 'backed-up', leaf03: 'backed-up', leaf04: 'backed-up' },
    });
    expect((await readings.run('configurationbackup-for-move-')).devices[0]?.outcome).toMatchObject({ changed: true });
    expect(await journey.ledgerFile('backups/ams1/leaf04.yaml')).toContain('hostname: leaf04');
    expect((await journey.ledgerLog()).filter((line) => line.startsWith('configurationbackup-'))).toEqual([
      expect.stringContaining(': completed, 4 switches asked'),
      expect.stringContaining(': ask 4 of 6 switches: devices leaf*'),
    ]);
    expect(readings.told(number)).toEqual([expect.stringContaining('## ConfigurationBackup: completed')]);
  });

  it('keeps nothing that is kept already, and only what has changed since', async () => {
    await readings.ask('one', 'ConfigurationBackup', LEAVES);
    await journey.reconcile();
    const before = await backupCommits();
    await readings.push({ 'requests/two.yaml': requestText('SiteBackup', 'targets: { sites: [ams1] }') });
    await journey.reconcile();
    const same = await backupCommits();
    leaf('leaf02').outOfBand.applyAs('cumulus', { system: { message: { 'pre-login': 'moved' } } });
    await readings.push({ 'requests/three.yaml': requestText('ConfigurationBackup', LEAVES) });
    await journey.reconcile();

    const run = await readings.run('configurationbackup-for-three-');
    expect(same - before).toBe(1); // The spines, which had no backup.
    expect((await readings.run('sitebackup-for-two-')).status).toBe('COMPLETED');
    expect(run.devices.filter(({ outcome }) => outcome?.kind === 'backed-up' && outcome.changed)).toMatchObject([
      { device: 'leaf02', backup: 'backups/ams1/leaf02.yaml' },
    ]);
    expect(await backupCommits()).toBe(same + 1);
  });

  it('is done for a direct push too, and told to nobody', async () => {
    await journey.reconcile();
    await readings.push({ 'requests/move.yaml': requestText('ConfigurationBackup', LEAVES) });

    expect((await journey.reconcile()).code).toBe(0);
    expect(await outcomes('configurationbackup-for-move-')).toMatchObject({ leaf01: 'backed-up' });
    expect(journey.world.github.pullRequests()).toEqual([]);
  });

  it('needs nothing that is intended: a switch whose templates do not render is kept all the same', async () => {
    const path = 'desired-state/devices/ams1/leaf04.yaml';
    await journey.reconcile();
    await readings.push({
      'desired-state/templates/broken.yaml.j2': 'system: {{ data.nobody_said_this }}\n',
      [path]: `${textOf(journey.world.files, path)}templates: [broken.yaml.j2]\n`,
      'requests/move.yaml': requestText('ConfigurationBackup', LEAVES),
    });

    await journey.reconcile();

    expect((await readings.run('configurationdeploy-direct-')).status).toBe('FAILED');
    expect(await outcomes('configurationbackup-for-move-')).toMatchObject({ leaf04: 'backed-up' });
    expect(await journey.ledgerFile('backups/ams1/leaf04.yaml')).toMatch(/«secret:[0-9a-f]+»/);
  });

  it('is done again when its file changes, and not when it goes away', async () => {
    await readings.ask('move', 'ConfigurationBackup', 'targets: { devices: [leaf01] }');
    await journey.reconcile();
    await readings.push({ 'requests/move.yaml': requestText('ConfigurationBackup', 'targets: { devices: [leaf02] }') });
    await journey.reconcile();
    await readings.push({ 'requests/move.yaml': null });
    const last = await journey.reconcile();

    expect(last.out).toBe('Nothing is due.\n');
    expect((await readings.runs()).map(({ devices }) => devices.map(({ device }) => device).join())).toEqual(
      expect.arrayContaining(['leaf01', 'leaf02']),
    );
    expect(await readings.runs()).toHaveLength(2);
  });
});

describe('a switch that cannot be asked', { timeout: 180_000 }, () => {
  it('is asked again three times, half a minute apart, and then fails the run; no other is asked twice', async () => {
    await readings.ask('move', 'ConfigurationDiff', LEAVES);
    leaf('leaf03').faults.unplugged(true);
    const codes = [];
    readings.asked();
    for (let pass = 1; pass <= 4; pass++) {
      codes.push((await journey.reconcile()).code, (await journey.reconcile()).code);
      if (pass === 1) expect(readings.asked().devices).toEqual(['leaf01', 'leaf02', 'leaf04']);
      journey.ahead(HALF_A_MINUTE);
    }

    expect(codes).toEqual([3, 3, 3, 3, 3, 3, 1, 0]);
    expect(readings.asked().devices).toEqual([]);
    const run = await readings.run('configurationdiff-for-move-');
    expect(run).toMatchObject({ status: 'FAILED', why: '1 of 4 switches could not be asked' });
    expect(run.devices.find(({ device }) => device === 'leaf03')?.outcome).toMatchObject({
      kind: 'untouched',
      error: { code: 'DRIVER_UNREACHABLE' },
    });
    expect((await journey.ledgerLog()).filter((line) => line.includes('1 switch to be asked again'))).toHaveLength(3);
  });

  it('of a backup stands for a person after that, who has it alone asked again', async () => {
    await readings.push({ 'pointsman.yaml': withRetries('retry_count: 1', 'retry_delay_seconds: 3600') });
    const number = await readings.ask('move', 'ConfigurationBackup', LEAVES);
    leaf('leaf03').faults.unplugged(true);
    const codes = [];
    const kept = [];
    for (let pass = 1; pass <= 2; pass++) {
      codes.push((await journey.reconcile()).code, (await journey.reconcile()).code);
      kept.push(await backupCommits());
      journey.ahead(HOUR);
    }
    const run = await readings.run('configurationbackup-for-move-');
    const [told] = readings.told(number);
    const stood = await stages('configurationbackup-for-move-');
    leaf('leaf03').faults.unplugged(false);
    readings.asked();
    await nextSecond(journey.clock);
    await journey.world.github.as('dora').comment(number, `/pointsman retry ${run.name}`);
    const passed = await journey.reconcile();

    expect(codes).toEqual([3, 3, 1, 1]);
    expect(kept).toEqual([1, 1]);
    expect(run).toMatchObject({ status: 'RUNNING' });
    expect(stood).toEqual(['load_running_configuration FAILED', 'persist_backup NOT_STARTED']);
    expect(told).toContain('## ConfigurationBackup: failed, and can be tried again');
    expect(told).toContain(`/pointsman retry ${run.name} load_running_configuration`);
    expect(passed.code).toBe(0);
    expect(readings.asked()).toEqual({ devices: ['leaf03'], writes: 0 });
    expect((await readings.run('configurationbackup-for-move-')).status).toBe('COMPLETED');
    expect(await backupCommits()).toBe(2);
    expect(readings.told(number)).toEqual([expect.stringContaining('## ConfigurationBackup: completed')]);
  });

  it('is asked again as often as the settings say, and what the clock asks for ends with that', async () => {
    await journey.reconcile();
    const text = 'schedules:\n  hourly: { workflow: ConfigurationBackup, schedule: { cron: "0 * * * *" } }\n';
    await readings.push({ 'pointsman.yaml': withRetries('retry_count: 0'), 'automation.yaml': text });
    await journey.reconcile();
    leaf('leaf03').faults.unplugged(true);
    journey.ahead(HOUR);

    const passed = await journey.reconcile();

    expect(passed.code).toBe(1);
    expect(await readings.run('configurationbackup-by-hourly-')).toMatchObject({ status: 'FAILED' });
    expect(await outcomes('configurationbackup-by-hourly-')).toMatchObject({
      leaf02: 'backed-up',
      leaf03: 'untouched',
    });
  });

  it('is kept as soon as it answers, and the run is as if nothing had been', async () => {
    const number = await readings.ask('move', 'ConfigurationDiff', LEAVES);
    leaf('leaf03').faults.unplugged(true);
    const waiting = await journey.reconcile();
    leaf('leaf03').faults.unplugged(false);
    readings.asked();
    journey.ahead(HALF_A_MINUTE);

    const passed = await journey.reconcile();

    expect(waiting.out).toContain('1 switch could not be asked');
    expect(passed.code).toBe(0);
    expect(readings.asked()).toEqual({ devices: ['leaf03'], writes: 0 });
    expect(await readings.artifact('configurationdiff-for-move-', 'diff.md')).toContain('4 switches asked');
    expect(readings.told(number)).toHaveLength(1);
  });

  it('is not asked again where that would not help, and the others have their end', async () => {
    await readings.ask('move', 'ConfigurationBackup', LEAVES);
    leaf('leaf03').faults.onRequest({ kind: 'reply', reply: { status: 403, body: {} } }, { path: /rev=applied/ });

    expect((await journey.reconcile()).code).toBe(1);
    expect(await outcomes('configurationbackup-for-move-')).toEqual({
      ...{ leaf01: 'backed-up', leaf02: 'backed-up', leaf03: 'untouched', leaf04: 'backed-up' },
    });
  });
});

describe('a request that cannot be meant', () => {
  it.each([
    { what: 'nobody', lines: ['targets: { devices: [leef01] }'], says: 'did you mean "leaf01"?' },
    {
      what: 'more than it allows',
      lines: ['targets: { devices: [leaf*], at_most: 3 }'],
      says: 'its targets are 4 switches, and it says at most 3',
    },
  ])('because it is about $what fails before any switch is asked, and once', async ({ lines, says }) => {
    const number = await readings.ask('move', 'ConfigurationDiff', ...lines);
    readings.asked();

    const passed = await journey.reconcile();
    const again = await journey.reconcile();

    expect([passed.code, again.out]).toEqual([1, 'Nothing is due.\n']);
    expect(readings.asked().devices).toEqual([]);
    expect(await stages('configurationdiff-for-move-')).toEqual([
      'load_intended_configuration FAILED',
      'perform_configuration_diff UNREACHABLE',
    ]);
    expect(await readings.artifact('configurationdiff-for-move-', 'problems.txt')).toContain(says);
    expect(readings.told(number)).toEqual([expect.stringContaining('## ConfigurationDiff: failed')]);
  });

  it('because it is no request is a failed run of its commit, with every problem, and once', async () => {
    await journey.reconcile();
    readings.asked();
    await readings.push({
      'requests/move.yaml': requestText('ConfigurationBackap', LEAVES),
      'requests/more/two.yaml': requestText('ConfigurationBackup', LEAVES),
      'requests/late.yaml': requestText('ConfigurationBackup', LEAVES, 'not_before: 2026-02-30T10:00'),
    });

    const passed = await journey.reconcile();
    const again = await journey.reconcile();

    expect([passed.code, again.out]).toEqual([1, 'Nothing is due.\n']);
    expect(readings.asked().devices).toEqual([]);
    const run = await readings.run('configurationdeploy-direct-');
    expect(run.stages[0]).toMatchObject({ state: 'FAILED', error: { code: 'RECONCILER_FLEET_INVALID' } });
    expect(run.stages[0]?.error?.details).toMatchObject({
      problems: [{ file: 'requests/late.yaml' }, { file: 'requests/more/two.yaml' }, { file: 'requests/move.yaml' }],
    });
  });
});

describe('requests and changes in one commit', () => {
  it('are all on record before any of them is worked on', async () => {
    await journey.reconcile();
    const { files } = journey.stories.ntpOnOneLeaf;
    await readings.push({
      ...(Object.fromEntries(files) as Record<string, string>),
      'requests/one.yaml': requestText('ConfigurationDiff', LEAVES),
      'requests/two.yaml': requestText('DriftCheck', LEAVES),
    });

    await journey.reconcile();

    expect(await journey.ledgerLog()).toContain('start 3 runs');
    expect((await readings.runs()).map(({ name }) => name.replace(/-[0-9a-f]{12}$/, '')).sort()).toEqual([
      'configurationdeploy-direct',
      'configurationdiff-for-one',
      'driftcheck-for-two',
    ]);
  });

  it('leave no commit behind when more is pushed before the next pass', async () => {
    await journey.reconcile();
    await readings.push({ 'requests/one.yaml': requestText('ConfigurationDiff', LEAVES) });
    await readings.push({ 'docs/notes.md': 'notes\n' });
    await readings.push({ 'requests/two.yaml': requestText('ConfigurationDiff', LEAVES) });

    await journey.reconcile();

    expect((await readings.runs()).map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED']);
    expect((await journey.reconcile()).out).toBe('Nothing is due.\n');
  });
});

describe('a request for a diff', () => {
  it('shows what differs, also of a switch that is not to be changed, and sends nothing but questions', async () => {
    const path = 'desired-state/devices/ams1/leaf02.yaml';
    await journey.reconcile();
    leaf('leaf02').outOfBand.applyAs('cumulus', { system: { message: { 'pre-login': 'by hand' } } });
    readings.asked();
    await readings.push({
      [path]: `${textOf(journey.world.files, path)}flags: { deploy_enabled: false }\n`,
      'requests/move.yaml': requestText('ConfigurationDiff', LEAVES),
    });

    await journey.reconcile();

    expect(readings.asked().writes).toBe(0);
    const run = await readings.run('configurationdiff-for-move-');
    expect(run.status).toBe('COMPLETED');
    expect(run.devices.map(({ device, outcome }) => [device, outcome])).toEqual([
      ['leaf01', { kind: 'in-sync' }],
      ['leaf02', { kind: 'differs', changes: 1, digest: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      ['leaf03', { kind: 'in-sync' }],
      ['leaf04', { kind: 'in-sync' }],
    ]);
    const page = await readings.artifact('configurationdiff-for-move-', 'diff.md');
    expect(page).toContain('# 1 differ, 4 switches asked');
    expect(page).toContain('- unset system message pre-login "by hand"');
  });
});

describe('a request with a moment', () => {
  it('is on record at once, asks nobody before, and is done then', async () => {
    await journey.reconcile();
    const moment = new Date(journey.clock.now() + 3_600_000).toISOString().slice(0, 16);
    await readings.push({
      'requests/move.yaml': requestText('ConfigurationBackup', LEAVES, `not_before: ${moment}`),
    });
    readings.asked();
    const held = await journey.reconcile();
    const again = await journey.reconcile();
    const before = readings.asked().devices;
    const run = await readings.run('configurationbackup-for-move-');
    journey.ahead(3_700_000);

    const passed = await journey.reconcile();

    expect([held.code, again.code, passed.code]).toEqual([3, 3, 0]);
    expect(before).toEqual([]);
    expect(run.hold).toMatchObject({ until: Date.parse(`${moment}Z`) });
    expect((await journey.ledgerLog()).filter((line) => line.includes(': held,'))).toHaveLength(1);
    expect(await outcomes('configurationbackup-for-move-')).toMatchObject({ leaf01: 'backed-up' });
  });
});

describe('two processes at once', () => {
  it('do a reading once between them: one end, one comment', async () => {
    const number = await readings.ask('move', 'ConfigurationBackup', LEAVES);

    const ended = await Promise.all([journey.spawn(['reconcile']).ended, journey.spawn(['reconcile', '--json']).ended]);

    expect(ended.map(({ how }) => how).every((how) => how === 0 || how === 3)).toBe(true);
    expect(await outcomes('configurationbackup-for-move-')).toEqual({
      ...{ leaf01: 'backed-up', leaf02: 'backed-up', leaf03: 'backed-up', leaf04: 'backed-up' },
    });
    expect((await journey.ledgerLog()).filter((line) => line.includes(': completed'))).toHaveLength(1);
    expect(readings.told(number)).toHaveLength(1);
  });
});

describe('a run that has had its time', () => {
  it('ends as timed out, and asks nobody any more', async () => {
    const number = await readings.ask('move', 'ConfigurationBackup', LEAVES);
    leaf('leaf03').faults.unplugged(true);
    await journey.reconcile();
    readings.asked();
    journey.ahead(86_500_000);

    const passed = await journey.reconcile();

    expect(passed.code).toBe(1);
    expect(readings.asked().devices).toEqual([]);
    expect(await readings.run('configurationbackup-for-move-')).toMatchObject({
      status: 'TIMED_OUT',
      why: 'its time is over',
    });
    expect(readings.told(number)).toEqual([expect.stringContaining('## ConfigurationBackup: timed out')]);
  });
});
