import { describe, expect, it } from 'vitest';
import { explainDevice } from '../../desired-state/explain-device.ts';
import type { IntendedConfiguration } from '../../desired-state/fleet.ts';
import { renderDevice } from '../../desired-state/render-device.ts';
import { device, edited, type Files, fleetOf, platforms, smallFleet } from './fleet-repo.ts';

const LEAF1 = 'desired-state/devices/ams1/leaf01.yaml';
const ROLE = 'desired-state/roles/leaf.yaml';
const SITE = 'desired-state/sites/ams1.yaml';

describe('renderDevice()', () => {
  it('lays site over role, device over site, and templates over files', async () => {
    const { tree } = await rendered({
      [ROLE]: 'templates: [r.j2]\nconfiguration: { a: role, b: role, c: role, d: role, e: role }\n',
      [SITE]: 'configuration: { b: site, c: site, d: site, e: site }\n',
      [LEAF1]: device('10.0.0.1', 'templates: [d.j2]\nconfiguration: { c: device, d: device, e: device }\n'),
      'desired-state/templates/r.j2': 'd: role template\ne: role template\n',
      'desired-state/templates/d.j2': 'e: device template\n',
    });

    expect(tree).toEqual({ a: 'role', b: 'site', c: 'device', d: 'role template', e: 'device template' });
  });

  it('lets null take away what a wider layer said', async () => {
    const { tree } = await rendered({
      [ROLE]: 'configuration: { service: { ntp: { a: 1 }, dns: { b: 1 } } }\n',
      [LEAF1]: device('10.0.0.1', 'configuration: { service: { ntp: null } }\n'),
    });

    expect(tree).toEqual({ service: { dns: { b: 1 } } });
  });

  it('merges after ranges are written out, so that one port can differ', async () => {
    const { tree } = await rendered({
      [ROLE]: 'configuration: { interface: { swp1-3: { mtu: 9216, up: {} } } }\n',
      [SITE]: 'configuration: { interface: { swp3: null } }\n',
      [LEAF1]: device('10.0.0.1', 'configuration: { interface: { "swp2,5": { mtu: 1500 } } }\n'),
    });

    expect(tree).toEqual({
      interface: { swp1: { mtu: 9216, up: {} }, swp2: { mtu: 1500, up: {} }, swp5: { mtu: 1500 } },
    });
  });

  it('takes the list form of switches, its sets and unsets in order', async () => {
    const { tree } = await rendered({
      [ROLE]: 'configuration: { system: { hostname: x, banner: y, ntp: { a: {}, b: {} } } }\n',
      [LEAF1]: device(
        '10.0.0.1',
        [
          ...['configuration:', '  - header: { model: VX }', '  - set: { system: { hostname: one } }'],
          ...['  - unset: { system: { banner: null, ntp: { a: {} } } }', '  - set: { system: { hostname: two } }', ''],
        ].join('\n'),
      ),
    });

    expect(tree).toEqual({ system: { hostname: 'two', ntp: { b: {} } } });
  });

  it('puts a startup.yaml beneath what its own object says', async () => {
    const { tree } = await rendered({
      [ROLE]: 'configuration: { b: role, c: role }\n',
      'desired-state/roles/leaf.startup.yaml': '- header: {}\n- set: { a: startup, b: startup }\n',
      'desired-state/devices/ams1/leaf01.startup.yaml': '- set: { c: device startup, d: device startup }\n',
      [LEAF1]: device('10.0.0.1', 'configuration: { d: device }\n'),
    });

    expect(tree).toEqual({ a: 'startup', b: 'role', c: 'device startup', d: 'device' });
  });

  it('shows templates the device, its site and role, and their data, the nearer winning', async () => {
    const { tree } = await rendered({
      [ROLE]: 'labels: { tier: leaf }\ntemplates: [t.j2]\ndata: { bgp: { asn: 1, timers: 3 }, dns: [a] }\n',
      [SITE]: 'time_zone: Europe/Amsterdam\nlabels: { country: nl }\ndata: { bgp: { asn: 2 }, dns: [b] }\n',
      [LEAF1]: device('10.0.0.1', 'labels: { rack: r1 }\ndata: { bgp: { asn: 3 } }\n'),
      'desired-state/templates/t.j2': [
        'who: {{ device.name }} {{ device.site }} {{ device.role }} {{ device.platform }} {{ device.serial }}',
        'at: "{{ device.address }}"',
        'labels: {{ device.labels.rack }} {{ role.labels.tier }} {{ site.labels.country }} {{ device.labels.country }}',
        'zone: {{ site.time_zone }}',
        'bgp: {{ data.bgp.asn }} {{ data.bgp.timers }} {{ data.dns[0] }}',
        'mac: {{ "none" if device.mac is not defined else device.mac }}',
        '',
      ].join('\n'),
    });

    expect(tree).toEqual({
      who: 'leaf01 ams1 leaf cumulus S-10.0.0.1',
      at: '10.0.0.1',
      labels: 'r1 leaf nl nl',
      zone: 'Europe/Amsterdam',
      bgp: '3 3 b',
      mac: 'none',
    });
  });

  it('takes a template that gives nothing for no layer, and the list form from one that gives it', async () => {
    const { tree } = await rendered({
      [ROLE]: 'templates: [none.j2, list.j2]\nconfiguration: { a: 1, b: 2 }\n',
      'desired-state/templates/none.j2': '{% if false %}\na: 5\n{% endif %}\n{# really #}\n',
      'desired-state/templates/list.j2': '- unset: { a: null }\n- set: { b: 3 }\n',
    });

    expect(tree).toEqual({ b: 3 });
  });

  it('knows a secret by its name, wherever and however it is referred to', async () => {
    const { tree, secrets } = await rendered({
      [ROLE]: [
        'templates: [t.j2]',
        'configuration:',
        '  user: { password: { secret: site/a } }',
        '  text: { password: "secret:site/b" }',
        '  radius: { secret: { secret: site/c } }',
        '  snmp: { readonly-community: { "secret:site/d": { access: any } } }',
        '  neighbor: { swp1-2: { password: { secret: site/e } } }',
        '',
      ].join('\n'),
      'desired-state/templates/t.j2': [
        "bgp: { password: {{ secret('site/f') }} }",
        'snmp:',
        '  readonly-community:',
        "    {{ secret('site/' ~ 'g') }}: {}",
        '',
      ].join('\n'),
    });

    expect(secrets.map(({ path, at, secret }) => `${path.join('/')} ${at} ${secret}`).sort()).toEqual([
      'bgp/password value site/f',
      'neighbor/swp1/password value site/e',
      'neighbor/swp2/password value site/e',
      'radius/secret value site/c',
      'snmp/readonly-community/secret:site/d key site/d',
      'snmp/readonly-community/secret:site/g key site/g',
      'text/password value site/b',
      'user/password value site/a',
    ]);
    expect(tree['bgp']).toEqual({ password: 'secret:site/f' });
  });

  it.each([
    {
      case: 'glued to text',
      template: 'user: { password: "x{{ secret(\'a\') }}" }\n',
      code: 'DESIRED_STATE_SECRET_GLUED',
    },
    { case: 'glued to a key', template: "community:\n  x{{ secret('a') }}: 1\n", code: 'DESIRED_STATE_SECRET_GLUED' },
    { case: 'in a list', template: "servers: [{{ secret('a') }}]\n", code: 'DESIRED_STATE_SECRET_GLUED' },
    {
      case: 'with a name that is none',
      template: "user: { password: {{ secret('A B') }} }\n",
      code: 'DESIRED_STATE_SECRET_NAME',
    },
    { case: 'in plain text', template: 'user: { password: hunter2 }\n', code: 'DESIRED_STATE_SECRET_IN_PLAIN_TEXT' },
  ])('refuses a secret in a template that is $case', async ({ template, code }) => {
    const fleet = await fleetOf(only({ [ROLE]: 'templates: [t.j2]\n', 'desired-state/templates/t.j2': template }));
    const leaf = fleet.devices.get('leaf01');

    const result = leaf && renderDevice(fleet, leaf, platforms);

    expect(result).toMatchObject({ kind: 'invalid', problems: [{ code, file: 'desired-state/templates/t.j2' }] });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it('renders a device once as long as nothing it is made from changes', async () => {
    const fleet = await fleetOf(smallFleet);
    const leaf = fleet.devices.get('leaf01');

    expect(leaf && renderDevice(fleet, leaf, platforms)).toBe(leaf && renderDevice(fleet, leaf, platforms));
  });
});

describe('explainDevice()', () => {
  it('says where every leaf was written, through ranges, lists and templates', async () => {
    const fleet = await fleetOf(
      only({
        [ROLE]: 'templates: [main.j2]\nconfiguration:\n  interface:\n    swp1-3:\n      mtu: 9216\n      up: {}\n',
        [SITE]: '# the site\nconfiguration:\n  ntp: 10.0.0.9\n',
        [LEAF1]: device(
          '10.0.0.1',
          'configuration:\n  - set:\n      interface:\n        "swp2,7":\n          mtu: 1500\n',
        ),
        'desired-state/roles/leaf.startup.yaml': '- header: {}\n- set:\n    banner: hello\n    ntp: 10.0.0.1\n',
        'desired-state/templates/main.j2': [
          '{# A comment over',
          '   two lines #}',
          'system:',
          '  hostname: {{ device.name }}',
          '{% for n in range(2) -%}',
          '  {% if true %}  loop{{ n }}: x{% endif %}',
          '{% endfor %}',
          '{% include "part.j2" %}',
          'tree: {{ {"a": [1], "b": 2} | tojson }}',
          '',
        ].join('\n'),
        'desired-state/templates/part.j2': '\nincluded:\n  leaf: 1\n',
      }),
    );

    expect(explained(fleet)).toEqual([
      'banner "hello" desired-state/roles/leaf.startup.yaml:3',
      'included/leaf 1 desired-state/templates/part.j2:3',
      'interface/swp1/mtu 9216 desired-state/roles/leaf.yaml:5',
      'interface/swp1/up {} desired-state/roles/leaf.yaml:6',
      'interface/swp2/mtu 1500 desired-state/devices/ams1/leaf01.yaml:9',
      'interface/swp2/up {} desired-state/roles/leaf.yaml:6',
      'interface/swp3/mtu 9216 desired-state/roles/leaf.yaml:5',
      'interface/swp3/up {} desired-state/roles/leaf.yaml:6',
      'interface/swp7/mtu 1500 desired-state/devices/ams1/leaf01.yaml:9',
      'ntp "10.0.0.9" desired-state/sites/ams1.yaml:3',
      'system/hostname "leaf01" desired-state/templates/main.j2:4',
      'system/loop0 "x" desired-state/templates/main.j2:6',
      'system/loop1 "x" desired-state/templates/main.j2:6',
      'tree/a [1] desired-state/templates/main.j2:9',
      'tree/b 2 desired-state/templates/main.j2:9',
    ]);
  });

  it('names the file alone when a template measures its own text', async () => {
    const fleet = await fleetOf(
      only({
        [ROLE]: 'templates: [t.j2]\n',
        'desired-state/templates/t.j2': '{% set block %}\nab\ncd\n{% endset %}\nsize: {{ block | length }}\n',
      }),
    );

    expect(explained(fleet)).toEqual(['size 7 desired-state/templates/t.j2:-']);
  });

  it('explains what stands at or below a path, and nothing where there is nothing', async () => {
    const fleet = await fleetOf(smallFleet);

    expect(explained(fleet, ['system'])).toHaveLength(2);
    expect(explained(fleet, ['system', 'hostname'])).toEqual([
      'system/hostname "leaf01" desired-state/templates/base.j2:2',
    ]);
    expect(explained(fleet, ['system', 'nothing'])).toEqual([]);
    expect(explained(fleet, ['constructor'])).toEqual([]);
  });
});

describe('IntendedConfiguration.originOf()', () => {
  it('goes up to the nearest node that was written, and takes a branch for where it begins', async () => {
    const configuration = await rendered({ [ROLE]: 'configuration:\n  a:\n    b:\n      c: 1\n' });

    expect(configuration.originOf(['a', 'b'])).toEqual({ file: ROLE, line: 3 });
    expect(configuration.originOf(['a', 'b', 'c', 'd'])).toEqual({ file: ROLE, line: 4 });
    expect(configuration.originOf(['x'])).toBeUndefined();
  });
});

function explained(fleet: Awaited<ReturnType<typeof fleetOf>>, path?: readonly string[]): readonly string[] {
  const leaf = fleet.devices.get('leaf01');
  const result = leaf && explainDevice(fleet, leaf, platforms, path);
  if (result?.kind !== 'explained') throw new Error(JSON.stringify(result));
  return result.leaves
    .map(
      ({ path: at, value, origin }) =>
        `${at.join('/')} ${JSON.stringify(value)} ${origin?.file}:${origin?.line ?? '-'}`,
    )
    .sort();
}

/** leaf01 of a fleet with an empty role and site but for `edits`. */
async function rendered(edits: Record<string, string>): Promise<IntendedConfiguration> {
  const fleet = await fleetOf(only(edits));
  const leaf = fleet.devices.get('leaf01');
  const result = leaf && renderDevice(fleet, leaf, platforms);
  if (result?.kind !== 'rendered') throw new Error(JSON.stringify(result));
  return result.configuration;
}

function only(edits: Record<string, string>): Files {
  return edited(smallFleet, { [ROLE]: '{}\n', [SITE]: '{}\n', 'desired-state/templates/base.j2': undefined, ...edits });
}
