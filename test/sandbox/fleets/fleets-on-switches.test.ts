import { request } from 'node:https';
import { afterAll, describe, expect, it } from 'vitest';
import type { IntendedConfiguration } from '../../../desired-state/fleet.ts';
import { driverFor } from '../../../drivers/registry.ts';
import { createManualClock } from '../../../sandbox/clock.ts';
import { type DemoSwitch, readDemoFabric } from '../../../sandbox/demo-fabric.ts';
import { demoPasswords } from '../../../sandbox/fleets/demo-secrets.ts';
import { makeDemoStories } from '../../../sandbox/fleets/demo-stories.ts';
import { applyEdit } from '../../../sandbox/fleets/fleet-files.ts';
import { type EmulatedSwitch, startSwitch } from '../../../sandbox/switches/emulated-switch.ts';
import { makeSyntheticFleet } from '../../../sandbox/synthetic-fleet.ts';
import type { Tree } from '../../../schemas/json.ts';
import { createFleetInGit, renderAll, withSecrets } from './fleet-in-git.ts';

const { files, switches, secrets } = readDemoFabric();
const stories = makeDemoStories(files);
const fleet = await createFleetInGit();
afterAll(fleet.remove);

const cumulus = driverFor('cumulus');
const today = renderAll(await fleet.load(files));

/** What a switch was left with by whoever racked it: a way in, and nothing else. */
function startRacked(spec: DemoSwitch, intended: Tree): Promise<EmulatedSwitch> {
  const { eth0 } = intended['interface'] as Tree;
  const configuration: Tree = { interface: { eth0: eth0 as Tree }, system: { api: { state: 'enabled' } } };
  return start(spec, configuration);
}

function start(spec: DemoSwitch, configuration: Tree): Promise<EmulatedSwitch> {
  return startSwitch({ ...spec, configuration, stepMilliseconds: 0 }, { clock: createManualClock() });
}

function intendedOf(rendered: ReadonlyMap<string, IntendedConfiguration>, name: string): Tree {
  return withSecrets(rendered.get(name)?.tree ?? {}, secrets);
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

function send(to: EmulatedSwitch, method: string, path: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        ...{ host: to.host, port: to.port, path: `/nvue_v1${path}`, method, rejectUnauthorized: false, agent: false },
        auth: `pointsman:${demoPasswords.pointsman}`,
        headers: { 'content-type': 'application/json' },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body && JSON.stringify(body));
  });
}

async function stage(to: EmulatedSwitch, tree: Tree): Promise<{ readonly id: string; readonly patched: Answer }> {
  const created = await send(to, 'POST', '/revision', {});
  const id = Object.keys(JSON.parse(created.body))[0] ?? '';
  await send(to, 'DELETE', `/?rev=${id}`);
  return { id, patched: await send(to, 'PATCH', `/?rev=${id}`, tree) };
}

async function apply(to: EmulatedSwitch, id: string): Promise<Record<string, unknown>> {
  await send(to, 'PATCH', `/revision/${id}`, { state: 'apply', 'auto-prompt': { ays: 'ays_yes' } });
  return JSON.parse((await send(to, 'GET', `/revision/${id}`)).body);
}

describe('the demo fabric', () => {
  it.each(switches.map((spec) => [spec.name, spec] as const))('is what %s takes and applies', async (name, spec) => {
    const intended = intendedOf(today, name);
    const device = await startRacked(spec, intended);
    try {
      const { id, patched } = await stage(device, intended);
      const revision = await apply(device, id);

      expect(patched).toMatchObject({ status: 200 });
      expect(revision).toMatchObject({ state: 'applied_and_saved' });
      // Applied with the accounts of the fleet: the password belongs to the hash, or this would be 401.
      expect(await send(device, 'GET', '/system?rev=operational')).toMatchObject({ status: 200 });
      expect(device.unreachable()).toBeUndefined();
    } finally {
      await device.close();
    }
  });

  it.each(switches.map(({ name }) => name))('is between 2 and 25 kB on %s', (name) => {
    const kilobytes = JSON.stringify(today.get(name)?.tree).length / 1024;

    expect(kilobytes).toBeGreaterThan(name.startsWith('leaf') ? 5 : 2);
    expect(kilobytes).toBeLessThan(25);
  });

  it.each(switches.map(({ name }) => name))('takes nothing from %s that keeps us in', (name) => {
    const intended = intendedOf(today, name);

    expect(cumulus.hazards(intended, intended, 'pointsman')).toEqual([]);
    expect(cumulus.hazards(intended, {}, 'pointsman')).toEqual([]);
  });

  it('shows its cables by LLDP', async () => {
    const leaf = switches[0] as DemoSwitch;
    const device = await start(leaf, intendedOf(today, leaf.name));
    try {
      const { body } = await send(device, 'GET', '/interface/swp51/lldp?rev=operational');

      expect(body).toContain('spine01');
    } finally {
      await device.close();
    }
  });
});

describe('the demo stories on a switch', () => {
  async function onSwitch<T>(
    story: keyof typeof stories,
    name: string,
    act: (device: EmulatedSwitch, tree: Tree) => Promise<T>,
  ): Promise<T> {
    const spec = switches.find((known) => known.name === name) as DemoSwitch;
    const after = renderAll(await fleet.load(applyEdit(files, stories[story].files)));
    const device = await start(spec, intendedOf(today, name));
    return act(device, intendedOf(after, name)).finally(() => device.close());
  }

  it.each<[keyof typeof stories, string]>([
    ['addVlan', 'leaf02'],
    ['ntpOnOneLeaf', 'leaf01'],
    ['bgpAsnChange', 'leaf03'],
  ])('%s is taken and applied by %s', async (story, name) => {
    const revision = await onSwitch(story, name, async (device, tree) => apply(device, (await stage(device, tree)).id));

    expect(revision).toMatchObject({ state: 'applied_and_saved' });
  });

  it('wrongValue is refused when it is staged, at the leaf that is wrong', async () => {
    const patched = await onSwitch('wrongValue', 'leaf02', async (device, tree) => (await stage(device, tree)).patched);

    expect(patched.status).toBe(400);
    expect(JSON.parse(patched.body)).toMatchObject({
      validation: {
        selected_errors: [{ error: 'Not an IPv4 address', instanceLocation: '/mlag/backup/10.10.10.260' }],
      },
    });
  });

  it('semanticError is taken when it is staged, and invalid when it is applied', async () => {
    const [status, revision] = await onSwitch('semanticError', 'leaf03', async (device, tree) => {
      const { id, patched } = await stage(device, tree);
      return [patched.status, await apply(device, id)] as const;
    });

    expect(status).toBe(200);
    expect(revision).toMatchObject({ state: 'invalid' });
    expect(JSON.stringify(revision)).toContain('BGP requires autonomous-system to be set');
  });

  it('cutManagement is a hazard, and leaves nobody a way in once it is live', async () => {
    const unreachable = await onSwitch('cutManagement', 'leaf04', async (device, tree) => {
      expect(cumulus.hazards(tree, device.applied(), 'pointsman').map(({ name }) => name)).toEqual([
        'management-interface-removed',
      ]);
      const { id } = await stage(device, tree);
      await apply(device, id).catch(() => undefined);
      return device.unreachable();
    });

    expect(unreachable).toMatch(/eth0/);
  });

  it('bgpAsnChange is marked disruptive', () => {
    const marks = cumulus.mark(
      { kind: 'set', path: ['router', 'bgp', 'autonomous-system'], to: 65113, from: 65103 },
      intendedOf(today, 'leaf03'),
    );

    expect(marks.map(({ kind }) => kind)).toContain('disruptive');
  });
});

describe('a synthetic fleet', () => {
  const synthetic = makeSyntheticFleet({ devices: 8, sites: 2 });

  it('has switches that run exactly what its repo says', async () => {
    const rendered = renderAll(await fleet.load(synthetic.files));

    for (const { name, configuration } of synthetic.switches) {
      const intended = withSecrets(rendered.get(name)?.tree ?? {}, synthetic.secrets);
      expect(cumulus.normalise(configuration)).toEqual(intended);
      expect(cumulus.hazards(intended, configuration, 'pointsman')).toEqual([]);
    }
  });

  it.each([
    ['shared', 8],
    ['distinct', 8],
    ['one', 1],
  ] as const)('has a %s change that concerns %i of 8', async (which, expected) => {
    const change = await fleet.change(synthetic.files, applyEdit(synthetic.files, synthetic.change[which]));

    expect(change.kind === 'valid' && change.changed).toHaveLength(expected);
  });

  it('is taken and applied by its switches', async () => {
    const [spec] = synthetic.switches;
    const after = renderAll(await fleet.load(applyEdit(synthetic.files, synthetic.change.shared)));
    if (!spec) throw new Error('no switch');
    const device = await startSwitch(
      { ...spec, configuration: spec.configuration, stepMilliseconds: 0 },
      { clock: createManualClock() },
    );
    try {
      const { id, patched } = await stage(device, withSecrets(after.get(spec.name)?.tree ?? {}, synthetic.secrets));

      expect(patched).toMatchObject({ status: 200 });
      expect(await apply(device, id)).toMatchObject({ state: 'applied_and_saved' });
    } finally {
      await device.close();
    }
  });
});
