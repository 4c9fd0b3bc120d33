import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoPasswordHashes } from '../../sandbox/fleets/demo-secrets.ts';
import type { EmulatedSwitch } from '../../sandbox/switches/emulated-switch.ts';
import type { Tree } from '../../schemas/json.ts';
import { type BrownWorld, createBrownWorld } from '../support/brown-world.ts';

let brown: BrownWorld;
beforeAll(async () => {
  brown = await createBrownWorld();
});
afterAll(() => brown.close());

const leaf = (number: number): EmulatedSwitch => brown.switches[number - 1] as EmulatedSwitch;
const address = (number: number): string => brown.addresses[number - 1] ?? '';
/** Somebody changes a switch, and back again when the test is done. */
async function whileChanged<T>(one: EmulatedSwitch, patch: Tree, back: Tree, work: () => Promise<T>): Promise<T> {
  one.outOfBand.applyAs('ann', patch);
  try {
    return await work();
  } finally {
    one.outOfBand.applyAs('ann', back);
  }
}

describe('pointsman adopt, on a bad day', () => {
  /** Nothing is half written: neither files nor secrets. */
  async function refused(
    args: readonly string[],
    more: Readonly<Record<string, string>> = {},
    environment = brown.environment,
  ) {
    const [fleet, secrets] = [brown.clone(more), brown.scratch()];
    const before = existsSync(join(fleet, 'desired-state'));
    const ran = await brown.adopt(fleet, [...args, ...brown.acceptAll, '--secrets-out', secrets], environment);
    expect(readdirSync(secrets)).toEqual([]);
    expect(existsSync(join(fleet, 'desired-state'))).toBe(before);
    return ran;
  }

  it('names every switch that cannot be taken in, whatever is wrong with the others', async () => {
    const reply = { status: 200, body: { hostname: 'x', 'product-name': 'Toaster OS', 'product-release': '1.0' } };
    leaf(2).faults.onRequest({ kind: 'reply', reply }, { path: /\/system\?/ });

    const ran = await refused([address(1), address(2), 'ams1/nobody=127.0.0.1:1']);

    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/^Not adopted: 2 of 3 switches/);
    expect(ran.out).toContain('WORKFLOW_PRODUCT_UNKNOWN: leaf02 calls its system "Toaster OS"');
    expect(ran.out).toContain('DRIVER_UNREACHABLE: nobody (127.0.0.1:1)');
    leaf(2).faults.clear();
  });

  it('says that no login was accepted', async () => {
    const wrong = { ...brown.environment, POINTSMAN_SECRET_FLEET_PLAN_PASSWORD: 'canary-wrong' };

    const ran = await refused([address(1)], {}, wrong);

    expect(ran.code).toBe(1);
    expect(ran.out).toContain('DRIVER_AUTHENTICATION_FAILED');
    expect(ran.out + ran.said).not.toContain('canary-wrong');
  });

  it('sends no password to a switch the CA did not sign for', async () => {
    const before = leaf(2).requests().length;
    const fleet = brown.clone({ 'ca.pem': leaf(1).certificatePem });

    const ran = await brown.adopt(fleet, [address(2), '--ca', 'ca.pem', '--secrets-out', brown.scratch()]);

    expect(ran.code).toBe(1);
    expect(ran.out).toContain('DRIVER_IDENTITY_MISMATCH');
    expect(leaf(2).requests()).toHaveLength(before);
  });

  it('notices one switch behind two addresses', async () => {
    const ran = await refused([address(1), `ams1/other=localhost:${leaf(1).port}`]);

    expect(ran.code).toBe(1);
    expect(ran.out).toContain('CLI_SWITCH_NOT_ADOPTABLE: other has the same serial number as leaf01');
  });

  it('notices two switches that call themselves the same', async () => {
    const bare = [1, 2].map((number) => `127.0.0.1:${leaf(number).port}`);

    const ran = await whileChanged(
      leaf(2),
      { system: { hostname: 'leaf01' } },
      { system: { hostname: 'leaf02' } },
      () => refused([...bare, '--site', 'ams1']),
    );

    expect(ran.code).toBe(1);
    expect(ran.out).toContain(`has the same name as 127.0.0.1:${leaf(1).port}`);
    expect(ran.out).toContain('next: Give each a name of its own');
  });

  it('takes a name that cannot be one for what it is', async () => {
    const ran = await whileChanged(
      leaf(1),
      { system: { hostname: '../../etc/passwd' } },
      { system: { hostname: 'leaf01' } },
      () => refused([`127.0.0.1:${leaf(1).port}`, '--site', 'ams1']),
    );

    expect(ran.code).toBe(1);
    expect(ran.out).toContain('cannot be a name in a fleet');
  });

  it('leaves a switch out that the fleet has already, under whatever name', async () => {
    const serial = 'MT2312X04711';
    const device = `platform: cumulus\nrole: leaf\naddress: 10.9.9.9\nserial: ${serial}\ntls: { pins: ["sha256:${'0'.repeat(64)}"] }\n`;
    const more = {
      'desired-state/sites/ams1.yaml': 'time_zone: UTC\n',
      'desired-state/roles/leaf.yaml': 'configuration: {}\n',
      'desired-state/devices/ams1/old-leaf.yaml': device,
    };

    const ran = await refused([address(1)], more);

    expect(ran.code).toBe(1);
    expect(ran.out).toContain('leaf01 is in the fleet already: old-leaf has its serial number');
  });

  it('says which limit a configuration passes that is larger than any file may be', async () => {
    const description = 'x'.repeat(1_100_000);

    const ran = await whileChanged(
      leaf(1),
      { interface: { lo: { description } } },
      { interface: { lo: { description: null } } } as Tree,
      () => refused([address(1)]),
    );

    expect(ran.code).toBe(1);
    expect(ran.out).toContain('desired-state/devices/ams1/leaf01.yaml: expected at most 1048576 bytes');
    expect(ran.out).toContain('Nothing was written.');
  });

  it.each(['on', '0123', '2026-11-21', '1:20', 'null', ' x ', 'a: b # c', '"', "'"])(
    'keeps a description of %j what it is',
    async (description) => {
      const fleet = brown.clone();

      const ran = await whileChanged(
        leaf(1),
        { interface: { lo: { description } } },
        { interface: { lo: { description: null } } } as Tree,
        () => brown.adopt(fleet, [address(1), ...brown.acceptAll, '--secrets-out', brown.scratch()]),
      );

      expect(ran.out).toMatch(/^Adopted 1 switch of ams1\. The first plan is empty/);
    },
  );

  it('writes nothing when a switch changes while it is being adopted, and shows what would differ', async () => {
    // After everything was read, and before it is asked again.
    const stop = leaf(1).onRequest(({ request, phase }) => {
      if (phase !== 'performed' || !/rev=startup/.test(request.path)) return;
      leaf(1).outOfBand.applyAs('ann', { interface: { lo: { description: 'moved' } } });
    });

    const ran = await refused([address(1)]);
    stop();
    leaf(1).outOfBand.applyAs('ann', { interface: { lo: { description: null } } } as Tree);

    expect(ran.code).toBe(2);
    expect(ran.out).toMatch(/^Not adopted: the first plan for 1 switch of ams1 would not be empty/);
    expect(ran.out).toContain('description');
  });

  it('lists the secrets a switch gives to nobody, and goes on without them only when asked to', async () => {
    const hidden = { system: { aaa: { user: { noc: { 'hashed-password': '*' } } } } };
    const back = { system: { aaa: { user: { noc: { 'hashed-password': demoPasswordHashes.noc } } } } };
    const fleet = brown.clone();

    const [without, asked] = await whileChanged(leaf(1), hidden, back, async () => [
      await refused([address(1)]),
      await brown.adopt(fleet, [
        address(1),
        ...brown.acceptAll,
        '--secrets-out',
        brown.scratch(),
        '--allow-differences',
      ]),
    ]);

    expect([without?.code, asked?.code]).toEqual([3, 3]);
    expect(without?.out).toContain('1 secret no switch gives away');
    expect(without?.out).toContain('ams1/noc-hashed-password: leaf01, system.aaa.user.noc.hashed-password');
    const device = readFileSync(join(fleet, 'desired-state/devices/ams1/leaf01.yaml'), 'utf8');
    expect(device).toContain('hashed-password: { secret: ams1/noc-hashed-password }');
  });

  it('tells programs what is in the way, as JSON and nothing else', async () => {
    const fleet = brown.clone();
    const unaccepted = await brown.adopt(fleet, [address(1), '--json']);
    const unreached = await brown.adopt(fleet, ['ams1/nobody=127.0.0.1:1', '--json']);

    expect([unaccepted.code, unreached.code]).toEqual([3, 1]);
    expect(JSON.parse(unaccepted.out)).toMatchObject({
      adopted: false,
      certificates: [{ switch: 'leaf01', site: 'ams1', accepted: false, pin: leaf(1).pin }],
    });
    expect(JSON.parse(unreached.out)).toMatchObject({ adopted: false, errors: [{ code: 'DRIVER_UNREACHABLE' }] });
  });

  it('refuses to put secrets where they could be committed, and to throw them away', async () => {
    const fleet = brown.clone();
    const args = [address(1), ...brown.acceptAll];

    const inside = await brown.adopt(fleet, [...args, '--secrets-out', 'secrets']);
    const nowhere = await brown.adopt(fleet, args);

    expect([inside.code, nowhere.code]).toEqual([1, 1]);
    expect(inside.said).toContain('lies in the Git work tree');
    expect(nowhere.said).toContain('nothing says where they should go');
    expect(existsSync(join(fleet, 'desired-state'))).toBe(false);
  });

  it('overwrites no file that says something else, unless told to', async () => {
    const [fleet, out, secrets] = [brown.clone(), brown.scratch(), brown.scratch()];
    const args = [address(1), ...brown.acceptAll, '--out', out, '--secrets-out', secrets];
    const device = join(out, 'desired-state/devices/ams1/leaf01.yaml');
    mkdirSync(dirname(device), { recursive: true });
    writeFileSync(device, '# mine\n');

    const first = await brown.adopt(fleet, args);
    const kept = readFileSync(device, 'utf8');
    const secretsAfterFirst = existsSync(join(secrets, 'ams1/cumulus-hashed-password'));
    const forced = await brown.adopt(fleet, [...args, '--overwrite']);

    expect([first.code, forced.code]).toEqual([1, 0]);
    expect(first.said).toContain('CLI_FILE_IN_THE_WAY: desired-state/devices/ams1/leaf01.yaml would be overwritten');
    expect([kept, secretsAfterFirst]).toEqual(['# mine\n', false]);
    expect(readFileSync(device, 'utf8')).toContain('platform: cumulus');
  });

  it('overwrites no secret that says something else, unless told to', async () => {
    const [fleet, secrets] = [brown.clone(), brown.scratch()];
    const args = [address(1), ...brown.acceptAll, '--secrets-out', secrets];
    const secret = join(secrets, 'ams1/cumulus-hashed-password');
    mkdirSync(dirname(secret));
    writeFileSync(secret, 'mine\n');

    const first = await brown.adopt(fleet, args);
    const kept = readFileSync(secret, 'utf8');
    const filesAfterFirst = existsSync(join(fleet, 'desired-state'));
    const forced = await brown.adopt(fleet, [...args, '--overwrite']);

    expect([first.code, forced.code]).toEqual([1, 0]);
    expect(first.said).toContain(`CLI_FILE_IN_THE_WAY: ${secret} would be overwritten`);
    expect([kept, filesAfterFirst]).toEqual(['mine\n', false]);
    expect(readFileSync(secret, 'utf8')).toBe(`${demoPasswordHashes.cumulus}\n`);
  });

  it('leaves a role and a site alone that somebody else stands under', async () => {
    const device = `platform: cumulus\nrole: leaf\naddress: 10.9.9.9\nserial: OTHER\ntls: { pins: ["sha256:${'0'.repeat(64)}"] }\n`;
    const role = 'desired-state/roles/leaf.yaml';
    const fleet = brown.clone({
      'desired-state/sites/ams1.yaml': 'time_zone: UTC\n',
      [role]: 'labels: { tier: leaf }\n',
      'desired-state/devices/ams1/other.yaml': device,
    });
    const args = [address(1), address(2), ...brown.acceptAll, '--secrets-out', brown.scratch()];

    const ran = await brown.adopt(fleet, args);

    expect(ran.code).toBe(0);
    expect(ran.out).toContain('Left as they are, because other switches stand under them: role leaf, site ams1.');
    expect(readFileSync(join(fleet, role), 'utf8')).toBe('labels: { tier: leaf }\n');
  });

  it.each([
    { what: 'no site', args: ['10.0.0.1'], said: 'at which site' },
    { what: 'no address', args: ['ams1/leaf01='], said: 'is not an address' },
    { what: 'a bad name', args: ['ams1/Leaf_!=10.0.0.1'], said: 'cannot be a name' },
    { what: 'a bad port', args: ['ams1/leaf01=10.0.0.1:70000'], said: 'is not a port' },
    { what: 'one address twice', args: ['ams1/a=10.0.0.1', 'ams1/b=10.0.0.1'], said: 'stands there twice' },
    { what: 'one name twice', args: ['ams1/a=10.0.0.1', 'ams1/a=10.0.0.2'], said: 'stands there twice' },
    { what: 'a bad pin', args: ['ams1/a=10.0.0.1', '--accept-pin', 'sha256:12'], said: '--accept-pin is' },
    { what: 'a bad role', args: ['ams1/a=10.0.0.1', '--role', 'leaf'], said: '--role is' },
    { what: 'an unknown platform', args: ['ams1/a=10.0.0.1', '--platform', 'ios'], said: 'Use one of cumulus, nvos' },
    { what: 'a platform of texts', args: ['ams1/a=10.0.0.1', '--platform', 'frr'], said: 'write templates' },
    { what: 'two places to write to', args: ['ams1/a=10.0.0.1', '--pr', '--out', 'x'], said: 'both --pr and --out' },
  ])('refuses $what on the command line', async ({ args, said }) => {
    const ran = await brown.adopt(brown.clone(), args);

    expect(ran.code).toBe(1);
    expect(ran.said).toContain('CLI_USAGE');
    expect(ran.said).toContain(said);
  });
});
