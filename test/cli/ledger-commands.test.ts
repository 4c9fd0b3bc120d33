import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Io } from '../../cli/io.ts';
import { createJourney, type Journey } from '../support/journey.ts';
import { pointsman, type Ran, scratchFolder } from './run.ts';

let journey: Journey;
let cache: string;
let passed: Ran;
/** Names of the two runs, the newer first. */
let newer: string;
let older: string;

beforeAll(async () => {
  journey = await createJourney();
  cache = scratchFolder();
  for (const story of [journey.stories.ntpOnOneLeaf, journey.stories.addVlan]) {
    const number = await journey.open(story);
    await journey.plan(number);
    await journey.approve(number);
    await journey.merge(number);
    passed = await command('reconcile', '--json');
  }
  const runs = JSON.parse((await command('runs', '--json')).out) as readonly { readonly name: string }[];
  [newer = '', older = ''] = runs.map(({ name }) => name);
});
afterAll(() => journey.close());

const command = (name: string, ...args: readonly string[]): Promise<Ran> => commandOn({}, name, ...args);
const commandOn = (given: Partial<Io>, name: string, ...args: readonly string[]): Promise<Ran> =>
  pointsman([name, ...args, '--remote', journey.world.github.remoteUrl, '--cache', join(cache, 'mirror')], {
    cwd: cache,
    clock: journey.clock,
    environment: journey.world.environment,
    ...given,
  });
const commits = async (): Promise<number> => (await journey.ledgerLog()).length;

describe('pointsman reconcile', () => {
  it('tells programs how every run ended, and nothing else on either stream', () => {
    const { said, code, out } = passed;

    expect({ said, code }).toEqual({ said: '', code: 0 });
    expect(JSON.parse(out)).toMatchObject({ runs: [{ kind: 'ended', status: 'COMPLETED', run: newer }], failures: [] });
  });

  it('ends with 3 while something waits for a person, and says what for', async () => {
    const number = await journey.open(journey.stories.bgpAsnChange);
    await journey.plan(number);
    await journey.merge(number);

    const ran = await command('reconcile');

    expect(ran.code).toBe(3);
    expect(ran.out).toMatch(
      new RegExp(`^configurationdeploy-pr-${number}-[0-9a-f]{12}: waits, .+\\n  next: Approve #${number}\\.$`, 'm'),
    );
  });

  it('ends with 1 when the forge does not answer, and says what of it is left for later', async () => {
    const lift = journey.world.github.inject(
      { path: /\/pulls/, kind: 'rest' },
      { kind: 'status', status: 502 },
      Number.POSITIVE_INFINITY,
    );

    const ran = await command('reconcile', '--json');

    lift();
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.out).failures).toContainEqual(
      expect.objectContaining({ error: expect.objectContaining({ disposition: 'retry-later' }) }),
    );
  });
});

describe('pointsman runs', () => {
  it('lists runs, newest first, in columns below their names', async () => {
    const ran = await command('runs');

    const [head = '', ...rows] = ran.out.trimEnd().split('\n');
    const column = head.indexOf('RUN');
    expect(head).toMatch(/^STATUS +STARTED \(UTC\) +RUN/);
    expect(rows.map((row) => row.slice(column).split(' ')[0])).toEqual(expect.arrayContaining([newer, older]));
    expect(rows.findIndex((row) => row.includes(newer))).toBeLessThan(rows.findIndex((row) => row.includes(older)));
    for (const row of rows) expect(row.slice(column - 2, column)).toBe('  ');
  });

  it('lists as many as are asked for', async () => {
    const ran = await command('runs', '--limit', '1', '--json');

    expect(JSON.parse(ran.out)).toHaveLength(1);
  });
});

describe('pointsman show', () => {
  it('shows the page of a run by its name and by the end of it', async () => {
    const whole = await command('show', older);
    const suffix = await command('show', older.slice(-12));

    expect(whole.code).toBe(0);
    expect(whole.out).toContain(older);
    expect(whole.out).toContain('leaf01');
    expect(suffix).toEqual(whole);
  });

  it('gives programs the run', async () => {
    const ran = await command('show', older, '--json');

    expect(JSON.parse(ran.out)).toMatchObject({ name: older, status: 'COMPLETED', devices: [{ device: 'leaf01' }] });
  });

  it('refuses a name no run has', async () => {
    const ran = await command('show', 'configurationdeploy-pr-99-000000000000');

    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.said).toContain('no run is called configurationdeploy-pr-99-000000000000');
    expect(ran.said).toContain('next: pointsman runs lists them.');
  });

  it('refuses an end that fits several runs, and names them', async () => {
    const ran = await command('show', '');

    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.said).toMatch(/fits \d runs: /);
    expect(ran.said).toContain(newer);
    expect(ran.said).toContain(older);
  });
});

describe('pointsman backup', () => {
  it('keeps configurations on the ledger in one commit, and makes none when nothing changed', async () => {
    const before = await commits();

    const first = await command('backup', 'spine*');
    const afterFirst = await commits();
    const second = await command('backup', 'spine*', 'leaf01');

    expect([first.code, second.code]).toEqual([0, 0]);
    expect(first.out).toBe('spine01: backups/ams1/spine01.yaml\nspine02: backups/ams1/spine02.yaml\n');
    expect(afterFirst).toBe(before + 1);
    expect(await commits()).toBe(afterFirst);
    expect(await journey.ledgerFile('backups/ams1/spine02.yaml')).toContain('hostname: spine02');
  });

  it('takes a site, all, or several names, and says what of it is nobody', async () => {
    const site = await command('backup', '--site', 'ams*');
    const all = await command('backup', '--all', '--json');
    const both = await command('backup', 'leaf01', 'spine*', '--site', 'ams1');
    const [nobody, elsewhere, nothing, muddled] = [
      await command('backup', '--site', 'ams1', '--site', 'fra1'),
      await command('backup', 'leaf01', '--site', 'fra*'),
      await command('backup'),
      await command('backup', 'leaf01', '--all'),
    ];

    const names = ['leaf01', 'leaf02', 'leaf03', 'leaf04', 'spine01', 'spine02'];
    expect([site.code, all.code, both.code]).toEqual([0, 0, 0]);
    expect(site.out).toBe(names.map((name) => `${name}: backups/ams1/${name}.yaml\n`).join(''));
    expect(JSON.parse(all.out).backups.map(({ device }: { device: string }) => device)).toEqual(names);
    expect(both.out.split('\n').map((line) => line.split(':')[0])).toEqual(['leaf01', 'spine01', 'spine02', '']);
    expect([nobody.code, elsewhere.code, nothing.code, muddled.code]).toEqual([1, 1, 1, 1]);
    expect(nobody.said).toContain('no switch to back up stands at fra1');
    expect(elsewhere.said).toContain('no device at fra* is called leaf01');
    expect(nothing.said).toContain('it is not said which switches');
    expect(muddled.said).toContain('--all means every switch');
  });

  it('writes files instead when told where, without the secrets of the fleet', async () => {
    journey.world.switches.get('leaf02')?.outOfBand.applyAs('noc', { system: { timezone: 'Asia/Tokyo' } });
    const before = await commits();
    const folder = join(scratchFolder(), 'not', 'yet', 'there');

    const ran = await command('backup', 'leaf0[12]', 'leaf02', '--out', folder);
    const right = await command('backup', 'leaf02', '--out', folder, '--json');

    expect(ran.code).toBe(1);
    expect(ran.said).toContain('no device is called leaf0[12]');
    expect(JSON.parse(right.out)).toEqual({
      backups: [{ device: 'leaf02', file: 'backups/ams1/leaf02.yaml' }],
      failures: [],
    });
    expect(readdirSync(join(folder, 'backups', 'ams1'))).toEqual(['leaf02.yaml']);
    const text = readFileSync(join(folder, 'backups', 'ams1', 'leaf02.yaml'), 'utf8');
    expect(text).toContain('timezone: Asia/Tokyo');
    for (const [name, value] of Object.entries(journey.world.environment)) {
      if (name.startsWith('POINTSMAN_SECRET_')) expect(text).not.toContain(value);
    }
    expect(await commits()).toBe(before);
  });

  it('backs up the others when one does not answer, names that one, and ends with 1', async () => {
    const leaf03 = journey.world.switches.get('leaf03');
    leaf03?.faults.unplugged(true);

    const ran = await command('backup', 'leaf03', 'leaf04');

    leaf03?.faults.unplugged(false);
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('leaf04: backups/ams1/leaf04.yaml\n');
    expect(ran.out).toMatch(/^error DRIVER_UNREACHABLE: .*leaf03/m);
    expect(ran.out).toMatch(/^ {2}next: /m);
  });

  it('shows on a terminal how many were read, and leaves nothing of it', async () => {
    const ran = await commandOn({ isTerminal: true }, 'backup', 'spine01', '--out', scratchFolder());

    expect(ran.said).toContain('1 of 1 switches read');
    expect(ran.said.endsWith('\r\u001b[2K')).toBe(true);
  });
});
