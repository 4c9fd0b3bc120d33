import { beforeAll, describe, expect, it } from 'vitest';
import { checkTargets, targetsInWords } from '../../desired-state/check-targets.ts';
import type { Fleet, FleetDevice } from '../../desired-state/fleet.ts';
import { renderProblems } from '../../schemas/render-problems.ts';
import { type FleetFile, parseFleetFile } from '../../schemas/validate-file.ts';
import { device, edited, fleetOf, smallFleet } from './fleet-repo.ts';

let fleet: Fleet;
/** The same, whose settings allow three switches to a request. */
let strict: Fleet;

const files = edited(smallFleet, {
  'desired-state/sites/fra1.yaml': 'labels: { country: de }\ndata: { ntp: 1 }\n',
  'desired-state/sites/lon1.yaml': 'data: { ntp: 1 }\n',
  'desired-state/roles/spine.yaml': 'labels: { tier: spine }\n',
  'desired-state/roles/oob.yaml': 'labels: { tier: oob }\n',
  'desired-state/devices/ams1/leaf02.yaml': device('10.0.0.2', 'labels: { rack: r2 }\ntenant: blue\n'),
  'desired-state/devices/fra1/leaf03.yaml': device('10.0.0.3', 'status: maintenance\n'),
  'desired-state/devices/ams1/spine01.yaml': device('10.0.0.4').replace('role: leaf', 'role: spine'),
});

beforeAll(async () => {
  fleet = await fleetOf(files);
  const settings = `${files['pointsman.yaml']}requests: { most_devices: 3 }\n`;
  strict = await fleetOf(edited(files, { 'pointsman.yaml': settings }));
});

function requestOf(targets: string): FleetFile<'request'> {
  const text = `workflow: ConfigurationBackup\nreason: before the move\ntargets:\n  ${targets.replaceAll('\n', '\n  ')}\n`;
  const parsed = parseFleetFile('request', text, 'requests/backup.yaml');
  if (parsed.kind === 'invalid') throw new Error(renderProblems(parsed.problems));
  return parsed.file;
}

/** `line:column message`, and the hint. */
const problemsOf = (targets: string, of = fleet, isMeant?: (device: FleetDevice) => boolean) =>
  checkTargets(of, requestOf(targets), isMeant).map(
    ({ line, column, message, hint }) => `${line}:${column} ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );

describe('checkTargets()', () => {
  it.each([
    'devices: [leaf01, leaf02]',
    'devices: ["leaf*", spine01]',
    'sites: [ams1, fra1]\nroles: [leaf]',
    'status: [active, maintenance]',
    'tenants: [blue]',
    'tenants: ["*"]',
    'labels: { rack: r* }\ndevices: ["*"]',
    'platforms: [cumulus]\nat_most: 4',
  ])('finds nothing wrong with %j', (targets) => {
    expect(problemsOf(targets)).toEqual([]);
  });

  it.each([
    { targets: 'devices: [leaf01, leaf0l]', found: ['4:21 there is no device leaf0l (did you mean "leaf01"?)'] },
    { targets: 'devices:\n  - leaf01\n  - "edge*"', found: ['6:7 there is no device edge*'] },
    { targets: 'sites: [ams1, fra2]', found: ['4:17 there is no site fra2 (did you mean "fra1"?)'] },
    { targets: 'roles: [leaf, spin]', found: ['4:17 there is no role spin (did you mean "spine"?)'] },
    { targets: 'platforms: [cumulus, nvos]', found: ['4:24 there is no platform nvos'] },
    { targets: 'status: [active, activ]', found: ['4:20 there is no status activ (did you mean "active"?)'] },
    { targets: 'tenants: [blue, blu]', found: ['4:19 there is no tenant blu (did you mean "blue"?)'] },
    { targets: 'sites: [ams1, lon1]', found: ['4:17 no switch of the fleet stands at lon1'] },
    { targets: 'roles: [leaf, oob]', found: ['4:17 no switch of the fleet has the role oob'] },
    { targets: 'status: [active, retired]', found: ['4:20 no switch of the fleet has the status retired'] },
    {
      targets: 'devices: [leaf01, spine01]\nroles: [leaf]',
      found: ['4:21 no switch that the other targets leave is called spine01'],
    },
    {
      targets: 'sites: [ams1, fra1]\nroles: [spine]',
      found: ['4:17 no switch that the other targets leave stands at fra1'],
    },
  ])('finds what would shrink $targets without a word', ({ targets, found }) => {
    expect(problemsOf(targets)).toEqual(found);
  });

  it.each([
    { targets: 'devices: [edge99]', found: ['4:13 there is no device edge99'] },
    { targets: 'sites: [lon1]', found: ['4:11 no switch of the fleet stands at lon1'] },
    {
      targets: 'sites: [fra1]\nroles: [spine]',
      found: ['4:3 no switch of the fleet is all of this: sites fra1, roles spine'],
    },
    {
      targets: 'labels: { rak: r2 }',
      found: ['4:18 no switch of the fleet has the label rak=r2 (did you mean "rack"?)'],
    },
    {
      targets: 'labels: { tier: spin }',
      found: ['4:19 no switch of the fleet has the label tier=spin (did you mean "spine"?)'],
    },
    {
      targets: 'labels: { rack: r2, country: de }',
      found: ['4:3 no switch of the fleet is all of this: label rack=r2, label country=de'],
    },
    { targets: 'labels: { constructor: "*" }', found: ['4:26 no switch of the fleet has the label constructor=*'] },
  ])('says why $targets is nobody', ({ targets, found }) => {
    expect(problemsOf(targets)).toEqual(found);
  });

  it('names every one of them at once', () => {
    expect(problemsOf('devices: [leaf0l, leaf02]\nsites: [ams1, ams2]')).toHaveLength(2);
  });

  it('refuses more switches than the request says, at the place where it says so', () => {
    expect(problemsOf('devices: ["*"]\nat_most: 3')).toEqual([
      '5:12 its targets are 4 switches, and it says at most 3',
    ]);
  });

  it('refuses more switches than the settings say, whatever the request says', () => {
    const most = '4:3 its targets are 4 switches, and a request may be about 3: devices *';
    const hint = '(name fewer, or raise requests.most_devices in pointsman.yaml)';

    expect(problemsOf('devices: ["*"]', strict)).toEqual([`${most} ${hint}`]);
    expect(problemsOf('devices: ["*"]\nat_most: 9', strict)).toEqual([`${most} ${hint}`]);
    expect(problemsOf('devices: ["leaf*"]', strict)).toEqual([]);
  });

  it('leaves out who is not meant', () => {
    const isMeant = ({ value }: FleetDevice): boolean => value.status !== 'maintenance';

    expect(problemsOf('devices: ["*"]\nat_most: 3', fleet, isMeant)).toEqual([]);
    expect(problemsOf('sites: [fra1]', fleet, isMeant)).toEqual([
      '4:3 no switch of the fleet is all of this: sites fra1',
    ]);
  });

  it('shows the place in the file', () => {
    expect(checkTargets(fleet, requestOf('devices: [leaf0l]'))).toMatchObject([
      { file: 'requests/backup.yaml', code: 'DESIRED_STATE_TARGETS', excerpt: expect.stringContaining('leaf0l') },
    ]);
  });
});

it('checkTargets() allows 500 switches unless the settings say otherwise', async () => {
  const leaves = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `desired-state/devices/ams1/leaf${index + 10}.yaml`,
        device(`10.1.${Math.floor(index / 250)}.${(index % 250) + 1}`),
      ]),
    );
  const [fits, exceeds] = [
    await fleetOf({ ...smallFleet, ...leaves(498) }),
    await fleetOf({ ...smallFleet, ...leaves(499) }),
  ];

  expect(problemsOf('devices: ["*"]', fits)).toEqual([]);
  expect(problemsOf('devices: ["*"]', exceeds)[0]).toContain('its targets are 501 switches');
});

it('targetsInWords() says them as they are named', () => {
  expect(targetsInWords({ devices: ['a*', 'b'], sites: ['ams1'], labels: { rack: 'r1' }, at_most: 3 })).toBe(
    'devices a* or b, sites ams1, label rack=r1',
  );
});
