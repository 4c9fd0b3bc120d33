import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSecretLines } from '../../cli/action/secret-lines.ts';
import { makeSkeleton } from '../../cli/init/skeleton.ts';
import { readDemoFabric } from '../../sandbox/demo-fabric.ts';
import { textOf, withEndpoints } from '../../sandbox/fleets/fleet-files.ts';
import { type BrownWorld, createBrownWorld } from '../support/brown-world.ts';

let brown: BrownWorld;
beforeAll(async () => {
  brown = await createBrownWorld();
});
afterAll(() => brown.close());

const DEVICES = 'desired-state/devices/ams1';
const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => !file.startsWith('.git/') && statSync(join(folder, file)).isFile())
    .sort();
const read = (folder: string, file: string): string => readFileSync(join(folder, file), 'utf8');
const asked = () => brown.switches.map((one) => one.requests().length);

describe('pointsman adopt', () => {
  it('shows the certificates first, and sends no switch anything until they are accepted', async () => {
    const fleet = brown.clone();

    const ran = await brown.adopt(fleet, [...brown.addresses, '--secrets-out', brown.scratch()]);

    expect(ran.code).toBe(3);
    for (const { pin } of brown.switches) expect(ran.out).toContain(`--accept-pin ${pin}`);
    expect(ran.out).toContain('openssl x509 -noout -fingerprint -sha256');
    expect(asked()).toEqual([0, 0, 0, 0, 0, 0]);
    expect(filesBelow(fleet).filter((file) => file.startsWith('desired-state/'))).toEqual([]);
  });

  it('stops for all as long as one certificate is not accepted', async () => {
    const ran = await brown.adopt(brown.clone(), [...brown.addresses, ...brown.acceptAll.slice(2)]);

    expect(ran.code).toBe(3);
    expect(ran.out).toMatch(/^1 switch answers/);
    expect(asked()).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('writes the demo’s six switches as less text than their configurations, finds the first plan empty, and sends questions only', async () => {
    const [fleet, secrets] = [brown.clone(), brown.scratch()];

    const ran = await brown.adopt(fleet, [...brown.addresses, ...brown.acceptAll, '--secrets-out', secrets]);

    expect(ran.out).toMatch(/^Adopted 6 switches of ams1\. The first plan is empty/);
    expect(ran.code).toBe(0);
    const sizes = /^Desired state: ([\d,]+) lines.* one by one: ([\d,]+) lines/m.exec(ran.out);
    const [desired, apart] = sizes?.slice(1).map((text) => Number(text.replaceAll(',', ''))) ?? [];
    expect(apart).toBeGreaterThan(2 * (desired ?? Number.NaN));
    const written = filesBelow(fleet).filter((file) => file.startsWith('desired-state/'));
    expect(written).toEqual([
      ...['leaf01', 'leaf02', 'leaf03', 'leaf04', 'spine01', 'spine02'].map((name) => `${DEVICES}/${name}.yaml`),
      ...['desired-state/roles/leaf.yaml', 'desired-state/roles/spine.yaml', 'desired-state/sites/ams1.yaml'],
    ]);
    await expect(withoutWorld(read(fleet, `${DEVICES}/spine01.yaml`))).toMatchFileSnapshot(
      './golden/adopted-spine01.yaml',
    );
    await expect(read(fleet, 'desired-state/roles/spine.yaml')).toMatchFileSnapshot('./golden/adopted-role-spine.yaml');
    await expect(read(fleet, 'desired-state/sites/ams1.yaml')).toMatchFileSnapshot('./golden/adopted-site.yaml');
    const methods = brown.switches.flatMap((one) => one.requests().map(({ method }) => method));
    expect(new Set(methods)).toEqual(new Set(['GET']));
  });

  it('puts secrets where only their owner can read them, and no part of one anywhere else', async () => {
    const [fleet, secrets] = [brown.clone(), brown.scratch()];
    const environment = { ...brown.environment, POINTSMAN_LOG: 'debug' };

    const ran = await brown.adopt(
      fleet,
      [...brown.addresses, ...brown.acceptAll, '--secrets-out', secrets],
      environment,
    );

    const values = filesBelow(secrets).map((file) => read(secrets, file).trimEnd());
    expect(values).toHaveLength(16);
    expect(filesBelow(secrets).map((file) => statSync(join(secrets, file)).mode & 0o777)).toEqual(
      values.map(() => 0o600),
    );
    const shown = [ran.out, ran.said, ...filesBelow(fleet).map((file) => read(fleet, file))].join('\n');
    for (const value of [...values, ...readDemoFabric().secrets.values()]) expect(shown).not.toContain(value);
    expect(shown).not.toMatch(/\$nvsec\$|\$6\$/);
  });

  it('writes secrets as variables that a shell reads back as they are, when asked for a file of them', async () => {
    const secrets = join(brown.scratch(), 'fleet.env');

    const ran = await brown.adopt(brown.clone(), [...brown.addresses, ...brown.acceptAll, '--secrets-out', secrets]);

    expect(ran.code).toBe(0);
    expect(statSync(secrets).mode & 0o777).toBe(0o600);
    expect(readFileSync(secrets, 'utf8')).toMatch(/^POINTSMAN_SECRET_AMS1_CUMULUS_HASHED_PASSWORD='\$6\$/m);
  });

  it('writes secrets as lines that the action takes, when GitHub Actions is to have them', async () => {
    const lines = join(brown.scratch(), 'fleet-secrets.txt');
    const folder = brown.scratch();
    const args = [...brown.addresses, ...brown.acceptAll];

    await brown.adopt(brown.clone(), [...args, '--secrets-out', folder]);
    const ran = await brown.adopt(brown.clone(), [...args, '--secrets-out', lines]);

    expect(ran.code).toBe(0);
    const taken = readSecretLines(readFileSync(lines, 'utf8'));
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(taken.size).toBe(files.length);
    expect(taken.size).toBeGreaterThan(10);
    expect([...taken.values()].toSorted()).toEqual(
      files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8').trimEnd()).toSorted(),
    );
  });

  it('calls switches what they call themselves, with roles as asked, and writes where it is told to', async () => {
    const [fleet, out] = [brown.clone(), brown.scratch()];
    const bare = brown.switches.map(({ host, port }) => `${host}:${port}`);
    const args = [
      '--site',
      'ams1',
      '--role',
      'tor=leaf*',
      '--role',
      'core=sp?ne0*',
      '--out',
      out,
      '--secrets-out',
      brown.scratch(),
    ];

    const ran = await brown.adopt(fleet, [...bare, '--trust-on-first-use', ...args]);

    expect(ran.code).toBe(0);
    expect(ran.out).toContain('CERTIFICATE NOT COMPARED');
    expect(filesBelow(out)).toContain(`${DEVICES}/leaf03.yaml`);
    expect(read(out, `${DEVICES}/leaf03.yaml`)).toContain('\nrole: tor\n');
    expect(filesBelow(out)).toContain('desired-state/roles/core.yaml');
    expect(filesBelow(fleet).filter((file) => file.startsWith('desired-state/'))).toEqual([]);
  });

  it('believes a certificate the given CA signed, and pins it', async () => {
    const [leaf01] = brown.switches;
    const [fleet, scratch] = [brown.clone({ 'ca.pem': leaf01?.certificatePem ?? '' }), brown.scratch()];

    const ran = await brown.adopt(fleet, [brown.addresses[0] ?? '', '--ca', 'ca.pem', '--secrets-out', scratch]);

    expect(ran.code).toBe(0);
    expect(read(fleet, `${DEVICES}/leaf01.yaml`)).toContain(leaf01?.pin);
  });

  it('lets real switches take the place of the example a fleet began with', async () => {
    const answers = { repository: 'acme/fleet', branch: 'main', site: 'ams1', timeZone: 'UTC', role: 'leaf' };
    const more = { device: 'example01', platform: 'cumulus', team: 'acme/netops', approvals: 1 } as const;
    const skeleton = makeSkeleton({ ...answers, ...more }, new Map());
    const fleet = brown.clone(Object.fromEntries(skeleton));

    const ran = await brown.adopt(fleet, [...brown.addresses, ...brown.acceptAll, '--secrets-out', brown.scratch()]);

    expect(ran.out).toMatch(/^Adopted 6 switches of ams1\. The first plan is empty/);
    expect(existsSync(join(fleet, `${DEVICES}/example01.yaml`))).toBe(false);
    expect(read(fleet, 'desired-state/sites/ams1.yaml')).toMatch(/time_zone: UTC\n\nconfiguration:\n/);
    expect(read(fleet, 'desired-state/roles/leaf.yaml')).toContain('bond1-16:');
  });

  it('changes nothing for the switches a fleet has already, and names what it knows by the names it has', async () => {
    const { files, secrets } = readDemoFabric();
    const endpoints = new Map(
      brown.switches.map(({ name, host, port, pin }) => [name, { address: `${host}:${port}`, pin }]),
    );
    const known = new Map(withEndpoints(files, endpoints));
    known.delete(`${DEVICES}/leaf04.yaml`);
    const fleet = brown.clone(Object.fromEntries(known));
    const variables = [...secrets].map(([name, value]): [string, string] => [
      `POINTSMAN_SECRET_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`,
      value,
    ]);

    const ran = await brown.adopt(
      fleet,
      [brown.addresses[3] ?? '', ...brown.acceptAll, '--secrets-out', brown.scratch()],
      Object.fromEntries(variables),
    );

    expect(ran.out).toMatch(/^Adopted 1 switch of ams1\. The first plan is empty/);
    expect(ran.out).toContain('Left as they are, because other switches stand under them: site ams1.');
    expect(ran.out).toContain('role leaf-brownfield');
    expect(read(fleet, 'desired-state/sites/ams1.yaml')).toBe(textOf(files, 'desired-state/sites/ams1.yaml'));
    expect(read(fleet, `${DEVICES}/leaf04.yaml`)).not.toContain('hashed-password');
  });

  it('tells programs the same, without a secret', async () => {
    const args = [...brown.acceptAll, '--secrets-out', brown.scratch(), '--json'];

    const ran = await brown.adopt(brown.clone(), [...brown.addresses, ...args]);

    expect(JSON.parse(ran.out)).toMatchObject({
      empty: true,
      switches: [{ name: 'leaf01', role: 'leaf', plan: 'unchanged' }, {}, {}, {}, {}, {}],
      written: { kind: 'files' },
    });
    expect(ran.out).not.toMatch(/\$nvsec\$|\$6\$/);
  });
});

/** Ports and certificates are new in every world. */
function withoutWorld(text: string): string {
  return text.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:8765').replace(/sha256:[0-9a-f]{64}/, `sha256:${'0'.repeat(64)}`);
}
