import { describe, expect, it } from 'vitest';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import { device, edited, type Files, fleetOf, fleetRepo, platforms, problemsOf, smallFleet } from './fleet-repo.ts';

const LEAF1 = 'desired-state/devices/ams1/leaf01.yaml';
const LEAF2 = 'desired-state/devices/ams1/leaf02.yaml';
const ROLE = 'desired-state/roles/leaf.yaml';
const SITE = 'desired-state/sites/ams1.yaml';
const TEMPLATE = 'desired-state/templates/base.j2';

describe('loadFleet()', () => {
  it('reads all of a valid fleet', async () => {
    const fleet = await fleetOf(smallFleet);

    expect(fleet.deviceCount).toBe(2);
    expect([...fleet.devices.values()].map(({ name, site, file }) => ({ name, site, file }))).toEqual([
      { name: 'leaf01', site: 'ams1', file: LEAF1 },
      { name: 'leaf02', site: 'ams1', file: LEAF2 },
    ]);
    expect(Object.keys(fleet.images)).toEqual(['cumulus-5.11.1']);
  });

  it('asks for no approval rules, and has none then', async () => {
    const fleet = await fleetOf(edited(smallFleet, { 'approvals.yaml': undefined }));

    expect(fleet.approvals).toEqual({ rules: [] });
  });

  it('minds no file that is none of its business', async () => {
    const more = {
      'README.md': '#',
      '.github/workflows/x.yml': 'a: [',
      'docs/y.yaml': ':',
      'desired-state/roles/README.md': '#',
    };

    expect(await problemsOf(edited(smallFleet, more))).toEqual([]);
  });

  it('says so when there is no such revision', async () => {
    const { repository, commit } = await fleetRepo();
    await commit(smallFleet);

    const loading = loadFleet({ repository, revision: 'refs/heads/nowhere' }, { platforms });

    await expect(loading).rejects.toMatchObject({
      code: 'DESIRED_STATE_REVISION_UNKNOWN',
      details: { revision: 'refs/heads/nowhere' },
    });
  });

  it.each<{
    readonly case: string;
    readonly edit: Record<string, string | undefined>;
    readonly problems: readonly string[];
  }>([
    {
      case: 'a fleet without settings',
      edit: { 'pointsman.yaml': undefined },
      problems: ['pointsman.yaml DESIRED_STATE_FILE_MISSING'],
    },
    {
      case: 'a role that is not there',
      edit: { [LEAF1]: device('10.0.0.1').replace('role: leaf', 'role: leef') },
      problems: [`${LEAF1}:2:7 DESIRED_STATE_ROLE_UNKNOWN`],
    },
    {
      case: 'a site folder without its site',
      edit: { 'desired-state/devices/ams2/leaf03.yaml': device('10.0.0.3') },
      problems: ['desired-state/devices/ams2/leaf03.yaml DESIRED_STATE_SITE_UNKNOWN'],
    },
    {
      case: 'a template that is not there',
      edit: { [LEAF1]: device('10.0.0.1', 'templates:\n  - bse.j2\n') },
      problems: [`${LEAF1}:6:5 DESIRED_STATE_TEMPLATE_UNKNOWN`],
    },
    {
      case: 'an image that is not there, and one for another platform',
      edit: {
        [LEAF1]: device('10.0.0.1', 'image: nothing\n'),
        [LEAF2]: device('10.0.0.2', 'image: cumulus-5.11.1\n').replace('cumulus\n', 'nvos\n'),
      },
      problems: [`${LEAF1}:5:8 DESIRED_STATE_IMAGE_UNKNOWN`, `${LEAF2}:5:8 DESIRED_STATE_IMAGE_PLATFORM`],
    },
    {
      case: 'an image that is not there although images.yaml breaks its schema',
      edit: { [LEAF1]: device('10.0.0.1', 'image: nothing\n'), 'desired-state/images.yaml': 'cumulus-5.11.1: {}\n' },
      problems: [
        `${LEAF1}:5:8 DESIRED_STATE_IMAGE_UNKNOWN`,
        ...Array.from({ length: 4 }, () => 'desired-state/images.yaml:1:1 SCHEMAS_MISSING_FIELD'),
      ],
    },
    {
      case: 'two devices with one name',
      edit: {
        'desired-state/sites/ams2.yaml': 'data: { ntp: 1 }\n',
        'desired-state/devices/ams2/leaf01.yaml': device('10.0.0.9'),
      },
      problems: ['desired-state/devices/ams2/leaf01.yaml DESIRED_STATE_NAME_TAKEN'],
    },
    {
      case: 'two devices with one address, the port written or not',
      edit: { [LEAF2]: device('10.0.0.1:8765').replace(/serial: .*/, 'serial: other') },
      problems: [`${LEAF2}:3:10 DESIRED_STATE_NOT_UNIQUE`],
    },
    {
      case: 'two devices with one serial number and one MAC',
      edit: {
        [LEAF1]: device('10.0.0.1', 'mac: 00:11:22:33:44:55\n'),
        [LEAF2]: device('10.0.0.2', 'mac: 00:11:22:33:44:55\n').replace(/serial: .*/, 'serial: S-10.0.0.1'),
      },
      problems: [`${LEAF2}:4:9 DESIRED_STATE_NOT_UNIQUE`, `${LEAF2}:5:6 DESIRED_STATE_NOT_UNIQUE`],
    },
    {
      case: 'an address in an unusual spelling, which could hide that it is taken',
      edit: { [LEAF1]: device('Leaf01.Example.net'), [LEAF2]: device('"[2001:DB8:0::1]:8765"') },
      problems: [`${LEAF1}:3:10 DESIRED_STATE_ADDRESS`, `${LEAF2}:3:10 DESIRED_STATE_ADDRESS`],
    },
    {
      case: 'a port that is none',
      edit: { [LEAF1]: device('10.0.0.1:70000') },
      problems: [`${LEAF1}:3:10 DESIRED_STATE_ADDRESS`],
    },
    {
      case: 'nobody to apply as and nothing to prove a switch by',
      edit: { 'pointsman.yaml': (smallFleet['pointsman.yaml'] ?? '').replace(/credentials:[\s\S]*/, '') },
      problems: [LEAF1, LEAF2].flatMap((file) => [
        `${file}:1:1 DESIRED_STATE_CREDENTIALS_MISSING`,
        `${file}:1:1 DESIRED_STATE_TLS_MISSING`,
      ]),
    },
    {
      case: 'a time zone that is none',
      edit: { [SITE]: 'time_zone: Europe/Amsterdm\ndata: { ntp: 1 }\n' },
      problems: [`${SITE}:1:12 DESIRED_STATE_TIME_ZONE`],
    },
    {
      case: 'freezes on dates that do not exist, and freezes that end before they begin',
      edit: {
        [SITE]: [
          'freezes:',
          '  - { name: a, reason: r, from: 2026-02-30, to: 2026-03-02 }',
          '  - { name: b, reason: r, from: 2026-02-01, to: 2026-02-29T10:00 }',
          '  - { name: c, reason: r, from: 2026-02-02, to: 2026-02-01 }',
          '  - { name: d, reason: r, from: 2026-02-02T10:00, to: 2026-02-02T10:00 }',
          '  - { name: e, reason: r, from: 2026-02-02, to: 2026-02-02 }',
          'data: { ntp: 1 }',
          '',
        ].join('\n'),
      },
      problems: [
        `${SITE}:2:33 DESIRED_STATE_NO_SUCH_DATE`,
        `${SITE}:3:49 DESIRED_STATE_NO_SUCH_DATE`,
        `${SITE}:4:49 DESIRED_STATE_FREEZE_ENDS_FIRST`,
        `${SITE}:5:55 DESIRED_STATE_FREEZE_ENDS_FIRST`,
      ],
    },
    {
      case: 'windows and freezes of one name',
      edit: {
        [SITE]: [
          'windows:',
          '  - { name: night, from: 22:00, to: 04:00 }',
          '  - { name: night, days: [sat, sun], from: 08:00, to: 20:00 }',
          'freezes:',
          '  - { name: night, reason: r, from: 2026-02-01, to: 2026-02-02 }',
          '  - { name: night, reason: r, from: 2026-03-01, to: 2026-03-02 }',
          'data: { ntp: 1 }',
          '',
        ].join('\n'),
      },
      problems: [`${SITE}:3:13 DESIRED_STATE_CALENDAR_NAME`, `${SITE}:6:13 DESIRED_STATE_CALENDAR_NAME`],
    },
    {
      case: 'times no clock shows, days that are none, and windows that could be taken for never open',
      edit: {
        [SITE]: [
          'windows:',
          '  - { name: a, from: 25:00, to: 04:00 }',
          '  - { name: b, from: 22:00, to: 24:00 }',
          '  - { name: c, days: [monday], from: 22:00, to: 4:00 }',
          'freezes:',
          '  - { name: a, reason: r, from: 2026-13-01, to: 2026-12-01T25:00 }',
          'data: { ntp: 1 }',
          '',
        ].join('\n'),
      },
      problems: ['2:22', '3:33', '4:23', '4:49', '6:33', '6:49'].map((place) => `${SITE}:${place} SCHEMAS_VALUE`),
    },
    {
      case: 'no window in a list of windows',
      edit: { [SITE]: 'windows: []\ndata: { ntp: 1 }\n' },
      problems: [`${SITE}:1:10 SCHEMAS_VALUE`],
    },
    {
      case: 'names of files that cannot be names of devices',
      edit: {
        'desired-state/devices/ams1/Leaf 3.yaml': device('10.0.0.3'),
        'desired-state/devices/ams1/leaf4.yml': 'a',
      },
      problems: [
        'desired-state/devices/ams1/Leaf 3.yaml DESIRED_STATE_FILE_NAME',
        'desired-state/devices/ams1/leaf4.yml DESIRED_STATE_FILE_UNKNOWN',
      ],
    },
    {
      case: 'files that would be ignored',
      edit: {
        'requests/old/x.yaml': '{}',
        'workflows/y.yaml': '{}',
        'desired-state/cables/ams1.yaml': '{}',
        'desired-state/racks/1.yaml': '{}',
        'desired-state/templates/notes.txt': 'x',
      },
      problems: [
        'desired-state/cables/ams1.yaml DESIRED_STATE_NOT_SUPPORTED',
        'desired-state/racks/1.yaml DESIRED_STATE_FILE_UNKNOWN',
        'desired-state/templates/notes.txt DESIRED_STATE_FILE_UNKNOWN',
        'requests/old/x.yaml DESIRED_STATE_FILE_UNKNOWN',
        'workflows/y.yaml DESIRED_STATE_NOT_SUPPORTED',
      ],
    },
    {
      case: 'a startup.yaml beside nothing',
      edit: { 'desired-state/devices/ams1/leaf09.startup.yaml': '- set: {}\n' },
      problems: ['desired-state/devices/ams1/leaf09.startup.yaml DESIRED_STATE_FILE_UNKNOWN'],
    },
    {
      case: 'a range key that cannot be read, in a role and below a list',
      edit: {
        [ROLE]: 'configuration:\n  interface:\n    swp4-1: {}\n',
        [LEAF1]: device('10.0.0.1', 'configuration:\n  - set:\n      interface:\n        swp1-: {}\n'),
      },
      problems: [`${LEAF1}:8:9 DESIRED_STATE_RANGE`, `${ROLE}:3:5 DESIRED_STATE_RANGE`],
    },
    {
      case: 'ranges inside ranges that multiply',
      edit: { [SITE]: 'data: { ntp: 1 }\nconfiguration: { interface: { swp1-4000: { vlan: { 1-4000: {} } } } }\n' },
      problems: [`${SITE}:2:1 DESIRED_STATE_TOO_LARGE`],
    },
    {
      case: 'a configuration that is no tree',
      edit: { [SITE]: 'data: { ntp: 1 }\nconfiguration:\n  - nset: {}\n' },
      problems: [`${SITE}:3:5 DESIRED_STATE_CONFIGURATION`],
    },
    {
      case: 'secrets in plain text, as a value and as a key',
      edit: {
        [SITE]:
          'data: { ntp: 1 }\nconfiguration:\n  user:\n    password: hunter2\n  snmp:\n    readonly-community:\n      public: {}\n',
      },
      problems: [`${SITE}:4:5 DESIRED_STATE_SECRET_IN_PLAIN_TEXT`, `${SITE}:7:7 DESIRED_STATE_SECRET_IN_PLAIN_TEXT`],
    },
    {
      case: 'a reference to what cannot be a secret',
      edit: { [SITE]: 'data: { ntp: 1 }\nconfiguration:\n  user:\n    password: { secret: "Not A Name" }\n' },
      problems: [`${SITE}:4:5 DESIRED_STATE_SECRET_NAME`],
    },
    {
      case: 'secrets in lists, where they cannot be replaced',
      edit: { [SITE]: 'data: { ntp: 1 }\nconfiguration:\n  a: ["secret:x"]\n  b:\n    - { c: { secret: x } }\n' },
      problems: [`${SITE}:3:3 DESIRED_STATE_SECRET_GLUED`, `${SITE}:4:3 DESIRED_STATE_SECRET_GLUED`],
    },
    {
      case: 'a template that cannot be read',
      edit: { [TEMPLATE]: 'system:\n  {% if %}\n' },
      problems: [`${TEMPLATE}:2 DESIRED_STATE_TEMPLATE`],
    },
    {
      case: 'a tag that is not closed, where it begins',
      edit: { [TEMPLATE]: 'system:\n{% for x in data.ntp\n  a: 1\n{% endfor %}\n' },
      problems: [`${TEMPLATE}:2 DESIRED_STATE_TEMPLATE`],
    },
    {
      case: 'templates that name others wrongly',
      edit: { [TEMPLATE]: '{% include "bse.j2" %}\n{% include data.ntp %}\n' },
      problems: [`${TEMPLATE}:1:12 DESIRED_STATE_TEMPLATE_UNKNOWN`, `${TEMPLATE}:2:12 DESIRED_STATE_TEMPLATE_COMPUTED`],
    },
    {
      case: 'an undefined variable, once for all devices',
      edit: { [TEMPLATE]: 'system:\n  a: {{ data.nothing }}\n' },
      problems: [`${TEMPLATE}:2 DESIRED_STATE_TEMPLATE`],
    },
    {
      case: 'a template whose output is no YAML, at the template',
      edit: { [TEMPLATE]: '{% if true %}\n\nsystem:\n  a: [1\n  b: 2\n{% endif %}\n' },
      problems: [`${TEMPLATE}:4 SCHEMAS_YAML_SYNTAX`],
    },
    {
      case: 'a template that is wrong although the rest of the fleet is, too',
      edit: { [TEMPLATE]: 'a: {{ data.nothing }}\n', [LEAF2]: device('10.0.0.2').replace('role', 'rol') },
      problems: [`${LEAF2}:2:1 SCHEMAS_UNKNOWN_FIELD`, `${TEMPLATE}:1 DESIRED_STATE_TEMPLATE`],
    },
  ])('tells of $case', async ({ edit, problems }) => {
    expect(await problemsOf(edited(smallFleet, edit))).toEqual(problems);
  });

  it('goes on judging a file that breaks its schema', async () => {
    const files: Files = edited(smallFleet, {
      [LEAF2]:
        'platform: cumulus\nrole: leef\naddress: 10.0.0.1\nserial: 5\nconfiguration: { interface: { swp2-1: {} } }\n',
    });

    expect(await problemsOf(files)).toEqual([
      `${LEAF2}:2:7 DESIRED_STATE_ROLE_UNKNOWN`,
      `${LEAF2}:3:10 DESIRED_STATE_NOT_UNIQUE`,
      `${LEAF2}:4:9 SCHEMAS_VALUE`,
      `${LEAF2}:5:31 DESIRED_STATE_RANGE`,
    ]);
  });

  it('names one device and how many others run into a mistake of a template', async () => {
    const { repository, commit } = await fleetRepo();
    const files = edited(smallFleet, {
      [TEMPLATE]: 'a: {{ data.nothing }}\n',
      'desired-state/devices/ams1/leaf03.yaml': device('10.0.0.3'),
    });

    const loaded = await loadFleet({ repository, revision: await commit(files) }, { platforms, render: true });

    expect(loaded).toMatchObject({ problems: [{ message: 'undefined value, rendering leaf01 and 2 others' }] });
  });

  it('quotes no secret it finds in plain text', async () => {
    const { repository, commit } = await fleetRepo();
    const canary = 'c4n4ry-hunter2';
    const files = edited(smallFleet, {
      [SITE]: [
        ...['data: { ntp: 1 }', 'configuration:', `  a: { password: ${canary} }`, '  b:', `    password: "${canary}"`],
        ...['  snmp:', '    readonly-community:', `      ${canary}: {}`, ''],
      ].join('\n'),
      [TEMPLATE]: `user:\n  password: ${canary}\nreadonly-community: { ${canary}: {} }\n`,
    });

    const loaded = await loadFleet({ repository, revision: await commit(files) }, { platforms, render: true });

    expect(loaded).toMatchObject({ kind: 'invalid' });
    expect(loaded.kind === 'invalid' && loaded.problems.length).toBe(5);
    expect(JSON.stringify(loaded)).not.toContain(canary);
  });
});
