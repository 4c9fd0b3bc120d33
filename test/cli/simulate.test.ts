import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Io } from '../../cli/io.ts';
import type { Simulation } from '../../plans/simulation.ts';
import { git as bare, createJourney, type Journey } from '../support/journey.ts';
import { git, pointsman, type Ran, scratchFolder } from './run.ts';

let journey: Journey;
/** A clone of the fleet repo, at a commit whose change reached no switch yet: all four leaves lack VLAN 120. */
let clone: string;

beforeAll(async () => {
  journey = await createJourney();
  clone = join(scratchFolder(), 'fleet');
  const number = await journey.open(journey.stories.addVlan);
  await journey.merge(number);
  // Begins the ledger; what was merged before is taken as it is.
  await journey.reconcile();
  git('.', 'clone', '--quiet', journey.gitDir, clone);
  mkdirSync(join(clone, 'requests'));
});
afterAll(() => journey.close());
afterEach(() => {
  git(clone, 'checkout', '--quiet', '--', '.');
  rmSync(join(clone, 'requests'), { recursive: true });
  mkdirSync(join(clone, 'requests'));
});

const remote = (): readonly string[] => ['--remote', journey.world.github.remoteUrl, '--cache', scratchFolder()];
const simulate = (args: readonly string[], more: Partial<Io> = {}): Promise<Ran> =>
  pointsman(['simulate', ...args], {
    cwd: clone,
    clock: journey.clock,
    environment: { ...journey.world.environment, PATH: process.env['PATH'] },
    ...more,
  });
const read = (ran: Ran): Simulation => JSON.parse(ran.out);

function ask(name: string, lines: readonly string[]): void {
  writeFileSync(join(clone, 'requests', `${name}.yaml`), textOf(lines));
}
const textOf = (lines: readonly string[]): string => `reason: before the audit\n${lines.join('\n')}\n`;
const DEPLOY = [
  'workflow: MultiDeploy',
  'targets: { devices: ["leaf*"] }',
  'rollout: { batch_size: 2, canary_percentage: 25, gate: first, apart: [] }',
];
const BACKUP = ['workflow: ConfigurationBackup', 'targets: { sites: [ams1] }'];

/** What everything emulated has seen and holds. */
async function world() {
  const { world: emulated } = journey;
  return {
    switches: [...emulated.switches.values()].flatMap((one) => one.requests()),
    github: emulated.github.requests(),
    refs: (await bare(journey.gitDir, ['for-each-ref'])).out,
    comments: emulated.github.pullRequests().map(({ number }) => emulated.github.comments(number)),
  };
}

const names = ['leaf01', 'leaf02', 'leaf03', 'leaf04'];

describe('pointsman simulate, of the work tree', () => {
  it('tells what a deploy would do, step by step, and that it would wait', async () => {
    ask('vlan', DEPLOY);

    const ran = await simulate(['vlan']);

    expect(ran).toMatchObject({ code: 3, said: '' });
    await expect(ran.out).toMatchFileSnapshot('./golden/simulate-deploy.txt');
  });

  it('tells programs the same', async () => {
    ask('vlan', DEPLOY);

    const simulation = read(await simulate(['vlan', '--json']));

    expect(simulation).toMatchObject({
      workflow: 'MultiDeploy',
      request: 'vlan',
      reason: 'before the audit',
      targets: { count: 4, bySite: { ams1: 4 }, names },
      dispatched: { reads: 4, changes: 4 },
      waits: [],
      unknown: [],
      refusals: [],
    });
    expect(simulation.stages.map(({ name, touches, asks }) => [name, touches, asks?.length ?? 0])).toEqual([
      ['load_intended_configuration', 0, 0],
      ['perform_configuration_diff', 0, 1],
      ['execute_batches', 4, 0],
    ]);
    expect(simulation.batches.map(({ canary, gate, devices }) => [canary, gate, devices.length])).toEqual([
      [true, undefined, 1],
      [undefined, true, 2],
      [undefined, undefined, 1],
    ]);
  });

  it('takes the path of the file for its name', async () => {
    ask('backup', BACKUP);

    const [path, beside] = [
      await simulate(['requests/backup.yaml', '--json']),
      await simulate(['backup.yaml', '--json'], { cwd: join(clone, 'requests') }),
    ];

    expect(read(path).request).toBe('backup');
    expect(beside.out).toBe(path.out);
  });

  it('of what only reads asks no switch, and ends with 0', async () => {
    ask('backup', BACKUP);
    const before = await world();

    const ran = await simulate(['backup']);

    expect(ran).toMatchObject({ code: 0, said: '' });
    await expect(ran.out).toMatchFileSnapshot('./golden/simulate-backup.txt');
    expect(await world()).toEqual(before);
  });

  it('with --offline asks no switch, and says what is then not known', async () => {
    ask('vlan', DEPLOY);
    const before = await world();

    const ran = await simulate(['vlan', '--offline', '--json'], { environment: { PATH: process.env['PATH'] } });

    expect(ran).toMatchObject({ code: 3, said: '' });
    expect(read(ran)).toMatchObject({ dispatched: { reads: 4, changes: 4 }, batches: [] });
    expect(read(ran).unknown).toHaveLength(1);
    expect(await world()).toEqual(before);
  });

  it('refuses targets that are a slip, at their place, and contacts nothing', async () => {
    ask('vlan', ['workflow: MultiDeploy', 'targets:', '  devices: [leaf01, leaf2]']);
    const before = await world();

    const ran = await simulate(['vlan']);

    expect(ran.code).toBe(1);
    expect(ran.out).toContain('requests/vlan.yaml:4:21: there is no device leaf2; did you mean "leaf02"?\n');
    expect(await world()).toEqual(before);
  });

  it.each([
    { what: 'a request that is not there', name: 'gone', lines: undefined, code: 'expected this request' },
    {
      what: 'a workflow there is not',
      name: 'vlan',
      lines: ['workflow: MultiDeplyo', 'targets: { sites: [ams1] }'],
      code: 'did you mean "MultiDeploy"?',
    },
    {
      what: 'fields that do not go together',
      name: 'vlan',
      lines: [...BACKUP, 'rollout: { batch_size: 2 }'],
      code: 'a rollout means nothing',
    },
  ])('refuses $what', async ({ name, lines, code }) => {
    if (lines) ask(name, lines);

    const ran = await simulate([name]);

    expect(ran).toMatchObject({ code: 1, said: '' });
    expect(ran.out).toContain(': refused\n');
    expect(ran.out).toContain(code);
  });

  it('refuses one switch and not the others', async () => {
    ask('vlan', DEPLOY);
    const leaf02 = journey.world.switches.get('leaf02');
    leaf02?.faults.unplugged(true);

    const ran = await simulate(['vlan', '--json']);

    leaf02?.faults.unplugged(false);
    expect(ran.code).toBe(3);
    expect(read(ran)).toMatchObject({ dispatched: { changes: 3 }, refusals: [{ what: 'leaf02' }] });
  });

  it('says which batches would wait for a window, and until when', async () => {
    const site = join(clone, 'desired-state/sites/ams1.yaml');
    const text = git(clone, 'show', 'HEAD:desired-state/sites/ams1.yaml');
    writeFileSync(site, `${text}freezes:\n  - { name: audit, reason: no changes, from: 2026-01-01, to: 2199-01-01 }\n`);
    git(clone, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.net', 'commit', '--quiet', '-am', 'Freeze');
    ask('vlan', DEPLOY);

    const ran = await simulate(['vlan']);

    git(clone, 'reset', '--quiet', '--hard', 'HEAD^');
    expect(ran.code).toBe(3);
    expect(ran.out).toContain('  waits for ams1, which is frozen by "audit" (no changes)');
  });

  it.each([
    { lines: [...DEPLOY, 'not_before: 2199-01-01T22:00'], why: 'it is not to begin before 2199-01-01 22:00 UTC' },
    { lines: [...BACKUP, 'schedule: { cron: 0 2 1 1 * }'], why: 'it comes by its schedule, next at ' },
  ])('says that it waits: $why', async ({ lines, why }) => {
    ask('later', lines);

    const ran = await simulate(['later']);

    expect(ran.code).toBe(3);
    expect(ran.out).toContain(`\nWaits\n  ${why}`);
  });

  it('says that automation is paused, but where it is wanted all the same', async () => {
    writeFileSync(join(clone, 'automation.yaml'), 'paused: true\nreason: the move\n');
    git(clone, 'add', 'automation.yaml');
    git(clone, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.net', 'commit', '--quiet', '-am', 'Pause');
    ask('backup', BACKUP);
    ask('wanted', [...BACKUP, 'even_when_paused: true']);

    const [paused, wanted] = [await simulate(['backup']), await simulate(['wanted'])];

    git(clone, 'reset', '--quiet', '--hard', 'HEAD^');
    expect([paused.code, wanted.code]).toEqual([3, 0]);
    expect(paused.out).toContain('automation.yaml says that nothing automatic begins: the move');
  });

  it.each([
    { args: [], problem: 'no request was named' },
    { args: ['desired-state/sites/ams1.yaml'], problem: 'cannot be a request' },
    { args: ['../vlan'], problem: 'cannot be a request' },
    { args: ['vlan', '--pr', 'x'], problem: '--pr is "x"' },
  ])('refuses to guess: $problem', async ({ args, problem }) => {
    const ran = await simulate(args);

    expect(ran.code).toBe(1);
    expect(ran.said).toContain(problem);
  });
});

describe('pointsman simulate, of a pull request', () => {
  const open = (branch: string, files: Readonly<Record<string, readonly string[]>>): Promise<number> =>
    journey.open({
      title: branch,
      branch,
      files: new Map(Object.entries(files).map(([name, lines]) => [`requests/${name}.yaml`, textOf(lines)])),
    });

  it('reads switches and GitHub, and writes nothing anywhere', async () => {
    const number = await open('simulated', { vlan: DEPLOY });
    const before = await world();

    const ran = await simulate(['--pr', String(number), '--json', ...remote()]);

    const after = await world();
    const asked = after.switches.slice(before.switches.length);
    expect(ran.code).toBe(3);
    expect(read(ran)).toMatchObject({ request: 'vlan', dispatched: { reads: 4, changes: 4 } });
    expect(asked.length).toBeGreaterThan(0);
    expect(new Set(asked.map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(after.github.slice(before.github.length).filter(({ mutating }) => mutating)).toEqual([]);
    expect([after.refs, after.comments]).toEqual([before.refs, before.comments]);
  });

  it('takes a request of it by name, also one it does not bring', async () => {
    const number = await open('two', { backup: BACKUP, other: BACKUP });

    const [unnamed, named] = [
      await simulate(['--pr', String(number), ...remote()]),
      await simulate(['other', '--pr', String(number), '--json', ...remote()]),
    ];

    expect(unnamed).toMatchObject({ code: 1 });
    expect(unnamed.said).toContain('brings several requests: backup, other');
    expect(read(named).request).toBe('other');
  });

  it.each([
    { what: 'none', number: async () => journey.open({ ...journey.stories.ntpOnOneLeaf, branch: 'no-request' }) },
    { what: 'no pull request', number: async () => 999 },
  ])('refuses $what', async ({ number }) => {
    const ran = await simulate(['--pr', String(await number()), ...remote()]);

    expect(ran.code).toBe(1);
    expect(ran.said).toMatch(/brings no request|has no pull request 999/);
  });

  it('tells how long it would take by what earlier runs took', async () => {
    ask('vlan', DEPLOY);
    const none = await simulate(['vlan', '--json', ...remote()]);

    expect(read(none).expected).toBeUndefined();
  });
});
