import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab } from '../../sandbox/lab/lab.ts';
import { missingForLab } from '../../sandbox/lab/missing.ts';
import { startLab } from '../../sandbox/lab/start-lab.ts';
import type { Journey, Ran } from '../support/journey.ts';
import { createLabJourney, factoryFiles } from '../support/lab-journey.ts';
import { readingsOf, requestText } from '../support/readings.ts';

const never = new AbortController().signal;
const missing = missingForLab();
const why = missing.length > 0 ? `: SKIPPED, ${missing.join(' ')}` : '';

const ROUTERS = ['leaf01', 'leaf02', 'spine01', 'spine02'] as const;
const TEMPLATES = /^templates:.*$/m;
const LOOPBACK = { leaf01: '10.255.1.1', leaf02: '10.255.1.2' } as const;

let folder: string;
let lab: Lab;
let journey: Journey;

describe.skipIf(missing.length > 0)(`a fabric of real routers, changed by pull requests only${why}`, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pointsman-lab-'));
    const directory = join(folder, 'lab');
    lab = await startLab({ spines: 2, leaves: 2, imageFiles: factoryFiles(), directory }, never);
    journey = await createLabJourney(lab, {
      pace: { confirmWithinSeconds: 180 },
      // Nothing is said about any router yet: they run what they came with.
      files: (files) =>
        new Map(
          [...files].map(([path, text]) => [path, path.includes('/roles/') ? text.replace(TEMPLATES, '') : text]),
        ),
    });
    await journey.reconcile();
  });
  afterAll(async () => {
    await journey?.close();
    await lab?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  let bringUp: string;

  it('comes up from nothing: sessions established, loopbacks reached, backups kept', async () => {
    const { number, commit, planned, passed } = await change('bring-up', {
      ...(await role('leaf', (text) => `templates: [fabric.frr.conf.j2]\n${text}`)),
      ...(await role('spine', (text) => `templates: [fabric.frr.conf.j2]\n${text}`)),
    });
    bringUp = commit;

    expect(planned.code).toBe(2);
    expect(journey.comment(number)).toContain('Applied: 4 applied, of 4 devices');
    expect(passed.code).toBe(0);
    for (const router of ROUTERS) {
      expect(await sessionsOf(router)).toEqual(['Established', 'Established']);
      expect(await journey.ledgerFile(`backups/lab1/${router}.yaml`)).toContain('neighbor FABRIC remote-as external');
      expect((await lab.run(router, ['cat', '/etc/frr/frr.conf'])).stdout).toContain('neighbor FABRIC peer-group');
    }
    await untilInstalled('leaf01', `${LOOPBACK.leaf02}/32`);
    const ping = await lab.run('leaf01', ['ping', '-c', '2', '-W', '5', '-I', LOOPBACK.leaf01, LOOPBACK.leaf02]);
    expect(ping.stdout).toContain('2 received, 0% packet loss');
  });

  it('is as intended then: nothing is due, every router is asked and none differs, other spaces make no plan', async () => {
    const template = 'desired-state/templates/fabric.frr.conf.j2';
    const passed = await journey.reconcile();
    await readingsOf(journey).push({
      'requests/look.yaml': requestText('ConfigurationDiff', 'targets: { sites: [lab1] }'),
    });
    const looked = await journey.reconcile();
    const again = await journey.open({
      title: 'Write it in another way',
      branch: 'another-way',
      files: new Map([[template, (await file(template)).replaceAll('\n neighbor', '\n   neighbor')]]),
    });
    await journey.plan(again);

    expect([passed.out, looked.code]).toEqual(['Nothing is due.\n', 0]);
    expect(await readingsOf(journey).artifact('configurationdiff-for-look-', 'diff.md')).toContain(
      '# No difference, 4 switches asked',
    );
    expect(journey.comment(again)).toContain('## Plan: nothing changes');
    await journey.world.github.as('ada').close(again);
  });

  it('takes a policy on, and goes back to what it was before by a request', async () => {
    const policy = await change('policy', await role('leaf', (text) => `${text}  accept: [10.255.0.0/16]\n`));
    const during = await lab.run('leaf01', ['vtysh', '-c', 'show running-config']);
    const back = await change('back', {
      'requests/without-policy.yaml': [
        ...['workflow: Rollback', 'reason: the policy has to be thought over', 'targets: { roles: [leaf] }'],
        ...['input:', `  to: { commit: "${bringUp.slice(0, 12)}" }`, ''],
      ].join('\n'),
    });
    const after = await lab.run('leaf01', ['vtysh', '-c', 'show running-config']);

    expect([policy.passed.code, back.passed.code]).toEqual([0, 0]);
    expect(during.stdout).toContain('neighbor FABRIC route-map FROM-FABRIC in');
    expect(after.stdout).not.toContain('FROM-FABRIC');
    expect(journey.comment(back.number)).toContain('Applied: 2 applied, of 2 devices');
    expect(await sessionsOf('leaf01')).toEqual(['Established', 'Established']);
  });

  it('undoes by itself what cuts off its management, and the run says so', async () => {
    await journey.world.github.as('dora').push(
      'main',
      {
        'pointsman.yaml': (await file('pointsman.yaml')).replace(
          /confirm_within_seconds: \d+/,
          'confirm_within_seconds: 30',
        ),
      },
      'Hurry',
    );
    await journey.reconcile();
    const cut = await change('cut', {
      'desired-state/templates/cut.frr.conf.j2': `ip route ${gatewayOf('leaf02')}/32 blackhole\n`,
      'desired-state/devices/lab1/leaf02.yaml': `${await file('desired-state/devices/lab1/leaf02.yaml')}templates: [cut.frr.conf.j2]\n`,
    });

    const running = await lab.run('leaf02', ['vtysh', '-c', 'show running-config']);
    expect(cut.planned.out).toContain('touches management');
    expect(cut.passed.code).toBe(1);
    expect(journey.comment(cut.number)).toContain('**reverted**');
    expect(running.stdout).not.toContain('blackhole');
    expect(await sessionsOf('leaf02')).toEqual(['Established', 'Established']);
    expect(await journey.ledgerFile('devices/lab1/leaf02.json')).toBeDefined();
  });
});

interface Changed {
  readonly number: number;
  readonly commit: string;
  readonly planned: Ran;
  readonly passed: Ran;
}

/** The whole road of one pull request. */
async function change(branch: string, files: Readonly<Record<string, string>>): Promise<Changed> {
  const number = await journey.open({ title: branch, branch, files: new Map(Object.entries(files)) });
  const planned = await journey.plan(number);
  await journey.approve(number);
  const commit = await journey.merge(number);
  return { number, commit, planned, passed: await journey.reconcile() };
}

/** A file of the fleet's branch as it stands now. */
async function file(path: string): Promise<string> {
  const text = await journey.fleetFile(path);
  if (text === undefined) throw new Error(`there is no ${path}`);
  return text;
}

async function role(name: string, edit: (text: string) => string): Promise<Readonly<Record<string, string>>> {
  const path = `desired-state/roles/${name}.yaml`;
  return { [path]: edit(await file(path)) };
}

async function sessionsOf(router: string): Promise<readonly string[]> {
  for (let tries = 0; ; tries += 1) {
    const { stdout } = await lab.run(router, ['vtysh', '-c', 'show bgp summary json']);
    const peers = JSON.parse(stdout).ipv4Unicast?.peers ?? {};
    const states = Object.values<{ readonly state: string }>(peers).map(({ state }) => state);
    if (tries >= 60 || (states.length > 0 && states.every((state) => state === 'Established'))) return states;
    await journey.clock.sleep(1000, never);
  }
}

/** Established is not yet installed. */
async function untilInstalled(router: string, prefix: string): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    const { stdout } = await lab.run(router, ['vtysh', '-c', `show ip route ${prefix} json`]);
    if (/"installed":true/.test(stdout)) return;
    await journey.clock.sleep(1000, never);
  }
}

/** Where we speak to it from. */
function gatewayOf(router: string): string {
  const address = lab.nodes.find(({ name }) => name === router)?.address ?? '';
  const [first, second, third = '0'] = address.split('.');
  return `${first}.${second}.${Number(third) - (Number(third) % 4)}.1`;
}
