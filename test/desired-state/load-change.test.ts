import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceAccess } from '../../desired-state/device-access.ts';
import { createFleetCache } from '../../desired-state/fleet-cache.ts';
import { type LoadedChange, loadChange } from '../../desired-state/load-change.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import { renderDevice } from '../../desired-state/render-device.ts';
import type { Repository } from '../../git/repository.ts';
import { device, edited, type Files, fleetRepo, platforms, smallFleet } from './fleet-repo.ts';

const LEAF1 = 'desired-state/devices/ams1/leaf01.yaml';
const LEAF2 = 'desired-state/devices/ams1/leaf02.yaml';
const LEAF3 = 'desired-state/devices/ams1/leaf03.yaml';
const ROLE = 'desired-state/roles/leaf.yaml';
const SITE = 'desired-state/sites/ams1.yaml';
const TEMPLATE = 'desired-state/templates/base.j2';

describe('loadChange()', () => {
  it.each<{
    readonly case: string;
    readonly edit: Record<string, string | undefined>;
    readonly changed: readonly string[];
    readonly removed?: readonly string[];
  }>([
    {
      case: 'a device that is to hold something else',
      edit: { [LEAF1]: device('10.0.0.1', 'data: { ntp: 2 }\n') },
      changed: ['leaf01'],
    },
    {
      case: 'no device when only words for people differ',
      edit: { [LEAF1]: device('10.0.0.1', '# a comment\nlabels: { rack: r1 }\n') },
      changed: [],
    },
    { case: 'a device that is reached elsewhere', edit: { [LEAF1]: device('10.0.0.11') }, changed: ['leaf01'] },
    {
      case: 'a device that is proved otherwise',
      edit: { [LEAF2]: device('10.0.0.2', `tls: { pins: ["sha256:${'c'.repeat(64)}"] }\n`) },
      changed: ['leaf02'],
    },
    {
      case: 'no device when it is only spoken to as someone else',
      edit: { [LEAF1]: device('10.0.0.1', 'credentials: { apply: { username: x, password: { secret: y } } }\n') },
      changed: [],
    },
    { case: 'a new device', edit: { [LEAF3]: device('10.0.0.3') }, changed: ['leaf03'] },
    { case: 'a device that is gone', edit: { [LEAF2]: undefined }, changed: [], removed: ['leaf02'] },
    {
      case: 'a renamed device as one that is gone and one that is new',
      edit: { [LEAF2]: undefined, [LEAF3]: device('10.0.0.2') },
      changed: ['leaf03'],
      removed: ['leaf02'],
    },
    {
      case: 'every device of a role',
      edit: { [ROLE]: (smallFleet[ROLE] ?? '').replace('9216', '9000') },
      changed: ['leaf01', 'leaf02'],
    },
    { case: 'every device of a site', edit: { [SITE]: 'data: { ntp: 10.9.9.9 }\n' }, changed: ['leaf01', 'leaf02'] },
    {
      case: 'every device of a template',
      edit: { [TEMPLATE]: 'system: { hostname: {{ device.name }} }\n' },
      changed: ['leaf01', 'leaf02'],
    },
    {
      case: 'a device whose startup.yaml is new',
      edit: { 'desired-state/devices/ams1/leaf01.startup.yaml': '- set: { x: 1 }\n' },
      changed: ['leaf01'],
    },
    {
      case: 'no device when a template comes to the same',
      edit: { [TEMPLATE]: `{# words #}${smallFleet[TEMPLATE]}` },
      changed: [],
    },
    {
      case: 'every device when the fleet proves switches otherwise',
      edit: { 'pointsman.yaml': (smallFleet['pointsman.yaml'] ?? '').replace(/a{64}/, 'd'.repeat(64)) },
      changed: ['leaf01', 'leaf02'],
    },
    {
      case: 'nothing when rules change',
      edit: { 'approvals.yaml': 'expires_after_hours: 2\nrules: []\n' },
      changed: [],
    },
    { case: 'nothing when files change that are not the fleet', edit: { 'README.md': '# hello' }, changed: [] },
    {
      case: 'a site time zone, which no template uses, as nothing',
      edit: { [SITE]: 'time_zone: UTC\ndata:\n  ntp: 10.0.0.123\n' },
      changed: [],
    },
  ])('finds $case', async ({ edit, changed, removed = [] }) => {
    const result = await change(smallFleet, edited(smallFleet, edit));

    expect(result).toMatchObject({ kind: 'valid', removed });
    if (result.kind === 'invalid') return;
    expect(result.changed.map(({ name }) => name)).toEqual(changed);
    expect(result.elsewhere).toBe(result.after.deviceCount - changed.length);
  });

  it('gives both fleets, so that both sides of the change can be rendered', async () => {
    const result = await change(smallFleet, edited(smallFleet, { [LEAF1]: device('10.0.0.1', 'data: { ntp: 2 }\n') }));

    if (result.kind === 'invalid') throw new Error('invalid');
    const ntp = [result.before, result.after].map((fleet) => {
      const leaf = fleet?.devices.get('leaf01');
      const rendering = fleet && leaf && renderDevice(fleet, leaf, platforms);
      return rendering?.kind === 'rendered' && rendering.configuration.tree['system'];
    });
    expect(ntp).toEqual([
      { hostname: 'leaf01', ntp: '10.0.0.123' },
      { hostname: 'leaf01', ntp: 2 },
    ]);
  });

  it.each<{
    readonly case: string;
    readonly edit: Record<string, string | undefined>;
    readonly problems: readonly string[];
  }>([
    { case: 'a broken device', edit: { [LEAF1]: 'platform: [' }, problems: [`${LEAF1} SCHEMAS_YAML_SYNTAX`] },
    {
      case: 'an address that a device it did not touch has',
      edit: { [LEAF3]: device('10.0.0.1').replace('S-', 'T-') },
      problems: [`${LEAF3} DESIRED_STATE_NOT_UNIQUE`],
    },
    {
      case: 'an address that a device further down has',
      edit: { 'desired-state/devices/ams1/a.yaml': device('10.0.0.2:8765').replace('S-', 'T-') },
      problems: [`${LEAF2} DESIRED_STATE_NOT_UNIQUE`],
    },
    {
      case: 'a serial number that is taken',
      edit: { [LEAF1]: device('10.0.0.1').replace('S-10.0.0.1', 'S-10.0.0.2') },
      problems: [`${LEAF2} DESIRED_STATE_NOT_UNIQUE`],
    },
    {
      case: 'a name that is taken',
      edit: {
        'desired-state/sites/z.yaml': 'data: { ntp: 1 }\n',
        'desired-state/devices/z/leaf01.yaml': device('10.0.0.9'),
      },
      problems: ['desired-state/devices/z/leaf01.yaml DESIRED_STATE_NAME_TAKEN'],
    },
    {
      case: 'a role that is gone',
      edit: { [ROLE]: undefined },
      problems: [LEAF1, LEAF2].map((file) => `${file} DESIRED_STATE_ROLE_UNKNOWN`),
    },
    {
      case: 'a template that fails for one device',
      edit: { [LEAF1]: device('10.0.0.1', 'data: { ntp: null }\n') },
      problems: [`${TEMPLATE} DESIRED_STATE_TEMPLATE`],
    },
    {
      case: 'a file that would be ignored',
      edit: { 'workflows/y.yaml': '{}' },
      problems: ['workflows/y.yaml DESIRED_STATE_NOT_SUPPORTED'],
    },
    {
      case: 'two mistakes in files of different kinds',
      edit: { [LEAF1]: device('10.0.0.1', 'colour: red\n'), [TEMPLATE]: 'a: {{ data.nothing }}\n' },
      problems: [`${LEAF1} SCHEMAS_UNKNOWN_FIELD`, `${TEMPLATE} DESIRED_STATE_TEMPLATE`],
    },
  ])('refuses $case', async ({ edit, problems }) => {
    const result = await change(smallFleet, edited(smallFleet, edit));

    expect(result.kind === 'invalid' && result.problems.map(({ file, code }) => `${file} ${code}`)).toEqual(problems);
  });

  it('takes every device a change touches for changed when it was not valid before', async () => {
    const broken = edited(smallFleet, { [LEAF1]: 'platform: [' });

    const result = await change(broken, smallFleet);

    expect(result).toMatchObject({ kind: 'valid', changed: [{ name: 'leaf01' }], elsewhere: 1 });
    expect(result).not.toHaveProperty('before');
  });

  it('reads no file of a device that was not touched', async () => {
    const { repository, commit } = await fleetRepo();
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`desired-state/devices/ams1/x${n}.yaml`, device(`10.1.0.${n}`)]),
    );
    const fleet = edited(smallFleet, many);
    const [before, after] = [
      await commit(fleet),
      await commit(edited(fleet, { [LEAF1]: device('10.0.0.1', 'data: { ntp: 2 }\n') })),
    ];
    const { counted, blobs } = counting(repository);

    const result = await loadChange({ repository: counted, before, after, platforms });

    expect(result).toMatchObject({ kind: 'valid', changed: [{ name: 'leaf01' }], elsewhere: 41 });
    // Settings, approvals, images, site, role, template, and the device before and after.
    expect(blobs()).toBe(8);
  });

  it('reads nothing twice in one process', async () => {
    const { repository, commit } = await fleetRepo();
    const [before, after] = [
      await commit(smallFleet),
      await commit(edited(smallFleet, { [LEAF1]: device('10.0.0.1', 'data: { ntp: 2 }\n') })),
    ];
    const cache = createFleetCache();
    await loadChange({ repository, before, after, platforms, cache });
    const { counted, blobs } = counting(repository);

    const again = await loadChange({ repository: counted, before, after, platforms, cache });

    expect(again).toMatchObject({ kind: 'valid', changed: [{ name: 'leaf01' }] });
    expect(blobs()).toBe(0);
  });

  it('finds what rendering everything before and after finds', async () => {
    await fc.assert(
      fc.asyncProperty(world, world, async (one, other) => {
        const { repository, commit } = await fleetRepo();
        const [before, after] = [await commit(one), await commit(other)];

        const result = await loadChange({ repository, before, after, platforms });

        const [old, now] = [await everything(repository, before), await everything(repository, after)];
        if (!now) {
          expect(result.kind).toBe('invalid');
          return;
        }
        if (!old) return; // What a change means is only defined from a valid fleet.
        expect(result.kind).toBe('valid');
        if (result.kind === 'invalid') return;
        expect(result.changed.map(({ name }) => name)).toEqual(
          [...now.keys()].filter((name) => old.get(name) !== now.get(name)).sort(),
        );
        expect(result.removed).toEqual([...old.keys()].filter((name) => !now.has(name)).sort());
        expect(result.elsewhere + result.changed.length).toBe(now.size);
      }),
      { numRuns: 12 },
    );
  });
});

/** Small fleets that differ in all the ways that matter, some of them not valid. */
const world: fc.Arbitrary<Files> = fc
  .record({
    hosts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }),
    sites: fc.array(fc.constantFrom('ams1', 'fra1'), { minLength: 5, maxLength: 5 }),
    roles: fc.array(fc.constantFrom('leaf', 'spine'), { minLength: 5, maxLength: 5 }),
    data: fc.array(
      fc.constantFrom('', 'data: { ntp: 9 }\n', 'configuration: { a: null }\n', 'templates: [extra.j2]\n'),
      { minLength: 5, maxLength: 5 },
    ),
    roleData: fc.constantFrom(1, 2),
    siteData: fc.constantFrom(1, 2),
    extra: fc.constantFrom('extra: 1\n', 'extra: 2\n', '{% include "part.j2" %}'),
    part: fc.constantFrom('part: 1\n', '# nothing\npart: 1\n', 'part: {{ data.missing }}\n'),
    startup: fc.boolean(),
  })
  .map(({ hosts, sites, roles, data, roleData, siteData, extra, part, startup }) => ({
    ...smallFleet,
    [LEAF1]: device('10.0.0.1', data[0]),
    [LEAF2]: device('10.0.0.2'),
    'desired-state/sites/fra1.yaml': `data: { ntp: ${siteData} }\n`,
    'desired-state/roles/spine.yaml': `templates: [base.j2]\nconfiguration: { a: ${roleData} }\n`,
    'desired-state/templates/extra.j2': extra,
    'desired-state/templates/part.j2': part,
    ...(startup ? { 'desired-state/roles/spine.startup.yaml': '- set: { b: 1 }\n' } : {}),
    ...Object.fromEntries(
      hosts.map((host, n) => [
        `desired-state/devices/${sites[n]}/d${n}.yaml`,
        device(`10.0.1.${host}`, data[n]).replace('role: leaf', `role: ${roles[n]}`),
      ]),
    ),
  }));

/** What every device of a fleet holds and how it is reached; `undefined` when the fleet is not valid. */
async function everything(repository: Repository, revision: string): Promise<ReadonlyMap<string, string> | undefined> {
  const loaded = await loadFleet({ repository, revision }, { platforms, render: true });
  if (loaded.kind === 'invalid') return undefined;
  const { fleet } = loaded;
  return new Map(
    [...fleet.devices.values()].map((each) => {
      const rendering = renderDevice(fleet, each, platforms);
      const { plan: _plan, apply: _apply, ...reach } = deviceAccess(fleet, each);
      return [
        each.name,
        JSON.stringify([rendering.kind === 'rendered' && sorted(rendering.configuration.tree), reach]),
      ];
    }),
  );
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, child]) => [key, sorted(child)]);
}

async function change(one: Files, other: Files): Promise<LoadedChange> {
  const { repository, commit } = await fleetRepo();
  return loadChange({ repository, before: await commit(one), after: await commit(other), platforms });
}

function counting(repository: Repository): { readonly counted: Repository; readonly blobs: () => number } {
  let read = 0;
  const counted: Repository = {
    ...repository,
    readBlobs(blobs) {
      read += blobs.length;
      return repository.readBlobs(blobs);
    },
  };
  return { counted, blobs: () => read };
}
