import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AdoptResult, adoptChanges, type RunningDifference } from '../../desired-state/adopt-changes.ts';
import type { Fleet, Platforms } from '../../desired-state/fleet.ts';
import { renderDevice } from '../../desired-state/render-device.ts';
import { withDifferences } from '../../desired-state/running-difference.ts';
import { isTree, type Json, type Tree } from '../../schemas/json.ts';
import { fleetInMemory } from './fleet-in-memory.ts';
import { device, edited, type Files, platforms, smallFleet } from './fleet-repo.ts';

const LEAF1 = 'desired-state/devices/ams1/leaf01.yaml';
const STARTUP = 'desired-state/devices/ams1/leaf01.startup.yaml';
const ROLE = 'desired-state/roles/leaf.yaml';
const SITE = 'desired-state/sites/ams1.yaml';
const TEMPLATE = 'desired-state/templates/base.j2';

/** A fleet whose templates say nothing. */
const plain = edited(smallFleet, { [ROLE]: 'configuration: {}\n', [TEMPLATE]: undefined });
const own = (...lines: readonly string[]) => device('10.0.0.1', `${lines.join('\n')}\n`);
const runs = (path: string, to?: Json): RunningDifference => ({
  path: path.split('.'),
  ...(to === undefined ? {} : { to }),
});

describe('adoptChanges(), what stands in the device’s own file', () => {
  it('changes a value where it stands', async () => {
    const text = own('configuration:', '  # uplink', '  swp1: { mtu: "9216" }   # jumbo', '  swp2: { mtu: 1500 }');

    const result = await adopt({ [LEAF1]: text }, [runs('swp1.mtu', 9000), runs('swp2.mtu', '1600')]);

    expect(textOf(result)).toBe(text.replace('"9216"', '"9000"').replace('1500', '1600'));
    expect(result.kind === 'adopted' && result.written).toEqual([
      { path: ['swp1', 'mtu'], file: LEAF1, line: 7 },
      { path: ['swp2', 'mtu'], file: LEAF1, line: 8 },
    ]);
  });

  it('takes out what the switch lacks, and the map it leaves empty', async () => {
    const text = own('configuration:', '  # keep', '  a:', '    b: 1', '  c: 2');

    const result = await adopt({ [LEAF1]: text }, [runs('a.b')]);

    expect(textOf(result)).toBe(own('configuration:', '  # keep', '  c: 2'));
    expect(result.kind === 'adopted' && result.written).toEqual([{ path: ['a', 'b'], file: LEAF1 }]);
  });

  it('leaves the map empty where the switch has it so', async () => {
    const result = await adopt({ [LEAF1]: own('configuration:', '  a:', '    b: 1') }, [runs('a.b'), runs('a', {})]);

    expect(textOf(result)).toBe(own('configuration:', '  a: {}'));
  });

  it('leaves the map empty in the file it stands in', async () => {
    const startup = '- set:\n    ntp:\n      one:\n        iburst: 1 # fast\n';

    const result = await adopt({ [STARTUP]: startup }, [runs('ntp.one.iburst'), runs('ntp.one', {})]);

    expect(result.kind === 'adopted' && Object.fromEntries(result.files)).toEqual({
      [STARTUP]: '- set:\n    ntp:\n      one: {}\n',
    });
  });

  it('takes the section away with the last thing in it', async () => {
    const result = await adopt({ [LEAF1]: own('configuration:', '  a: { b: 1 }') }, [runs('a.b')]);

    expect(textOf(result)).toBe(device('10.0.0.1'));
  });

  it('puts null in the place of a value that a wider layer says too', async () => {
    const result = await adopt(
      { [ROLE]: 'configuration: { a: { b: 1, c: 2 } }\n', [LEAF1]: own('configuration:', '  a:', '    b: 5 # ours') },
      [runs('a.b')],
    );

    expect(textOf(result)).toBe(own('configuration:', '  a:', '    b: null # ours'));
  });

  it('takes a null away when the switch has again what it removed, and removes the rest of it', async () => {
    const files = {
      [ROLE]: 'configuration: { ntp: { one: {}, two: {} } }\n',
      [LEAF1]: own('configuration:', '  ntp: null', '  a: 1'),
    };

    const both = await adopt(files, [runs('ntp.one', {}), runs('ntp.two', {})]);
    const one = await adopt(files, [runs('ntp.one', {})]);

    expect(textOf(both)).toBe(own('configuration:', '  a: 1'));
    expect(textOf(one)).toBe(own('configuration:', '  ntp:', '    two: null', '  a: 1'));
  });

  it('puts a tree in the place of a value, and a value in that of a tree', async () => {
    const text = own('configuration:', '  a: 1', '  b:', '    c: 2');

    const result = await adopt({ [LEAF1]: text }, [runs('a'), runs('a.x.v', 'z'), runs('b.c'), runs('b', 3)]);

    expect(textOf(result)).toBe(own('configuration:', '  a:', '    x:', '      v: z', '  b: 3'));
  });

  it('takes a whole tree for what stands at its path', async () => {
    const result = await adopt({ [LEAF1]: own('configuration:', '  a: { b: 1, c: 2 }') }, [runs('a', { c: 2, d: 3 })]);

    expect(textOf(result)).toBe(own('configuration:', '  a: { c: 2, d: 3 }'));
  });
});

describe('adoptChanges(), ranges', () => {
  const text = own(
    'configuration:',
    '  interface:',
    '    swp1-4:',
    '      mtu: 9216 # all',
    '      up: {}',
    '    eth0: {}',
  );

  it('says of one port what is its own, beside the range', async () => {
    const result = await adopt({ [LEAF1]: text }, [runs('interface.swp2.mtu', 1500), runs('interface.swp3.up')]);

    expect(textOf(result)).toBe(
      text.replace('up: {}\n', 'up: {}\n    swp2:\n      mtu: 1500\n    swp3:\n      up: null\n'),
    );
  });

  it('changes the range when all of it is changed alike', async () => {
    const ports = ['swp1', 'swp2', 'swp3', 'swp4'];

    const changed = await adopt(
      { [LEAF1]: text },
      ports.map((port) => runs(`interface.${port}.mtu`, 1500)),
    );
    const gone = await adopt(
      { [LEAF1]: text },
      ports.map((port) => runs(`interface.${port}.up`)),
    );

    expect(textOf(changed)).toBe(text.replace('9216', '1500'));
    expect(changed.kind === 'adopted' && changed.written[3]).toEqual({
      ...runs('interface.swp4.mtu'),
      file: LEAF1,
      line: 8,
    });
    expect(textOf(gone)).toBe(text.replace('      up: {}\n', ''));
    expect(gone.kind === 'adopted' && gone.written[0]).toEqual({ ...runs('interface.swp1.up'), file: LEAF1 });
  });

  it('writes what several ports have in common under a range', async () => {
    const some = ['swp1', 'swp2', 'swp3'].map((port) => runs(`interface.${port}.mtu`, 1500));
    const others = ['swp7', 'swp8'].map((port) => runs(`interface.${port}.up`, {}));

    const result = await adopt({ [LEAF1]: text }, [...some, ...others]);

    const added = '    swp1-3:\n      mtu: 1500\n    swp7-8:\n      up: {}\n';
    expect(textOf(result)).toBe(text.replace('    eth0: {}\n', `${added}    eth0: {}\n`));
  });

  it('takes one port out of a range', async () => {
    const result = await adopt({ [LEAF1]: text }, [runs('interface.swp4.mtu'), runs('interface.swp4.up')]);

    expect(textOf(result)).toBe(text.replace('    eth0', '    swp4: null\n    eth0'));
  });
});

describe('adoptChanges(), what others share', () => {
  it('overrides what the role says, and leaves the role and its other switches alone', async () => {
    const files = { [ROLE]: 'configuration: { swp1: { mtu: 9216, up: {} } }\n' };

    const result = await adopt(files, [runs('swp1.mtu', 1500), runs('swp1.up')]);

    expect(result.kind === 'adopted' && [...result.files.keys()]).toEqual([LEAF1]);
    expect(textOf(result)).toBe(own('configuration:', '  swp1:', '    mtu: 1500', '    up: null'));
  });

  it('removes what the site says at its top', async () => {
    const result = await adopt({ [SITE]: 'configuration: { ntp: { a: { x: 1 }, b: {} } }\n' }, [
      runs('ntp.a.x'),
      runs('ntp.b'),
    ]);

    expect(textOf(result)).toBe(own('configuration:', '  ntp: null'));
  });

  it('adds what nobody says to the device', async () => {
    const result = await adopt({ [LEAF1]: own('labels: { rack: r1 }', '# end') }, [
      runs('acl.x', { rule: { '10': { action: 'permit' } } }),
    ]);

    expect(textOf(result)).toBe(
      own(
        'labels: { rack: r1 }',
        'configuration:',
        '  acl:',
        '    x:',
        '      rule:',
        '        "10":',
        '          action: permit',
        '# end',
      ),
    );
  });

  it('does not write what the platform adds by itself', async () => {
    const implied: Platforms = { ...platforms, cumulus: { ...platforms.cumulus, normalise: withPortTypes } };

    const result = await adopt({}, [runs('interface.swp9.type', 'swp'), runs('interface.swp9.mtu', 1500)], implied);

    expect(textOf(result)).toBe(own('configuration:', '  interface:', '    swp9:', '      mtu: 1500'));
    expect(result.kind === 'adopted' && result.written[0]).toEqual({
      ...runs('interface.swp9.type'),
      file: LEAF1,
      line: 7,
    });
  });
});

describe('adoptChanges(), the list form', () => {
  const list = own(
    'configuration:',
    '  - header: { model: VX }',
    '  - set:',
    '      a: 1 # one',
    '  - unset:',
    '      b: null',
  );
  const role = { [ROLE]: 'configuration: { b: 2, c: { d: 3 } }\n' };

  it('changes and adds in the block that sets', async () => {
    const result = await adopt({ ...role, [LEAF1]: list }, [runs('a', 5), runs('e', 6)]);

    expect(textOf(result)).toBe(list.replace('1 # one', '5 # one\n      e: 6'));
  });

  it('names what goes in the last block when that unsets, and in a new one otherwise', async () => {
    const set = own('configuration:', '  - set:', '      a: 1');

    const last = await adopt({ ...role, [LEAF1]: list }, [runs('c.d')]);
    const new_ = await adopt({ ...role, [LEAF1]: set }, [runs('c.d')]);

    expect(textOf(last)).toBe(`${list}      c: null\n`);
    expect(textOf(new_)).toBe(`${set}  - unset:\n      c: null\n`);
  });

  it('no longer unsets what the switch has again', async () => {
    const result = await adopt({ ...role, [LEAF1]: `${list}      x: null\n` }, [runs('b', 2)]);

    expect(textOf(result)).toBe(list.replace('b: null', 'x: null'));
  });

  it('sets above an unset range what one of it has again', async () => {
    const text = own('configuration:', '  - set: { a: 1 }', '  - unset:', '      interface:', '        swp1-4: null');

    const result = await adopt({ [ROLE]: 'configuration: { interface: { swp1-4: { mtu: 1 } } }\n', [LEAF1]: text }, [
      runs('interface.swp2.mtu', 1500),
    ]);

    expect(textOf(result)).toBe(`${text}  - set:\n      interface:\n        swp2:\n          mtu: 1500\n`);
  });

  it('leaves a block there that says nothing any more', async () => {
    const result = await adopt({ [LEAF1]: own('configuration:', '  - header: {}', '  - set: { a: 1 }') }, [runs('a')]);

    expect(textOf(result)).toBe(own('configuration:', '  - header: {}', '  - set: {}'));
  });

  it('says of one port what is its own beside a range of the startup.yaml', async () => {
    const startup = '- set:\n    interface:\n      swp1-4:\n        mtu: 9216\n';

    const result = await adopt({ [STARTUP]: startup }, [runs('interface.swp2.mtu', 1500)]);

    expect(result.kind === 'adopted' && Object.fromEntries(result.files)).toEqual({
      [STARTUP]: `${startup}      swp2:\n        mtu: 1500\n`,
    });
  });

  it('edits the startup.yaml beside the device where that says it', async () => {
    const startup = '# as it came\n- header:\n    model: VX\n- set:\n    a:\n      b: 1\n      c: 2 # two\n    d: 3\n';

    const result = await adopt({ [STARTUP]: startup }, [runs('a.b'), runs('a.c', 5), runs('d')]);

    expect(result.kind === 'adopted' && Object.fromEntries(result.files)).toEqual({
      [STARTUP]: '# as it came\n- header:\n    model: VX\n- set:\n    a:\n      c: 5 # two\n',
    });
  });

  it('writes into the device’s own file what the startup.yaml beside it does not say', async () => {
    const result = await adopt({ [STARTUP]: '- set: { a: 1 }\n' }, [runs('b', 2)]);

    expect(result.kind === 'adopted' && Object.fromEntries(result.files)).toEqual({
      [LEAF1]: own('configuration:', '  b: 2'),
    });
  });
});

describe('adoptChanges(), templates', () => {
  const role = 'templates: [base.j2]\ndata: { asn: 65000, ports: [] }\n';
  const template = 'router:\n  bgp:\n    # of this switch\n    autonomous-system: {{ data.asn }}\n    timers: 3\n';

  it('leaves what a template says, and names its line and how many switches share it', async () => {
    const result = await adopt({ [ROLE]: role, [TEMPLATE]: template }, [runs('router.bgp.timers', 9)]);

    expect(result).toEqual({
      kind: 'nothing',
      left: [
        {
          path: ['router', 'bgp', 'timers'],
          why: `It comes from ${TEMPLATE}:5, which 2 switches are rendered from.`,
          next: 'Edit that line, or take the change back on the switch.',
        },
      ],
    });
  });

  it('changes the value of the device’s own data that the template is given', async () => {
    const text = own('data:', '  asn: 65001 # ours');

    const result = await adopt({ [ROLE]: role, [TEMPLATE]: template, [LEAF1]: text }, [
      runs('router.bgp.autonomous-system', 65009),
    ]);

    expect(textOf(result)).toBe(text.replace('65001', '65009'));
    expect(result.kind === 'adopted' && result.written).toEqual([
      { path: ['router', 'bgp', 'autonomous-system'], file: LEAF1, line: 6 },
    ]);
  });

  it('finds the value in a list, and keeps text text', async () => {
    const text = own('data:', '  ports:', '    - { name: swp1, mtu: "9216" }', '    - { name: swp2, mtu: "1500" }');
    const ports = '{% for port in data.ports %}\n{{ port.name }}:\n  mtu: {{ port.mtu }}\n{% endfor %}\n';

    const result = await adopt({ [ROLE]: role, [TEMPLATE]: ports, [LEAF1]: text }, [runs('swp2.mtu', 9000)]);

    expect(textOf(result)).toBe(text.replace('"1500"', '"9000"'));
  });

  it('changes it when all that follows from it runs as well, and not when only a part does', async () => {
    const both = 'asn: {{ data.asn }}\ndescription: AS{{ data.asn }}\n';
    const files = { [ROLE]: role, [TEMPLATE]: both, [LEAF1]: own('data: { asn: 65001 }') };

    const all = await adopt(files, [runs('asn', 65009), runs('description', 'AS65009')]);
    const part = await adopt(files, [runs('asn', 65009)]);

    expect(textOf(all)).toBe(own('data: { asn: 65009 }'));
    expect(part).toEqual({
      kind: 'nothing',
      left: [
        {
          path: ['asn'],
          why: `It comes from ${TEMPLATE}:1, which 2 switches are rendered from. Changing data.asn in ${LEAF1} would change other things too.`,
          next: 'Change data.asn by hand if all of it is right, or take the change back on the switch.',
        },
      ],
    });
  });

  it('does not touch data that stands in a file of others', async () => {
    const result = await adopt({ [ROLE]: role, [TEMPLATE]: template }, [runs('router.bgp.autonomous-system', 65009)]);

    expect(result).toMatchObject({ kind: 'nothing', left: [{ why: expect.stringContaining(`${TEMPLATE}:4`) }] });
  });

  it('does not choose between two values that would both do', async () => {
    const either = 'mtu: {{ [data.a, data.b] | max }}\n';
    const files = { [ROLE]: role, [TEMPLATE]: either, [LEAF1]: own('data: { a: 1500, b: 1500 }') };

    expect(await adopt(files, [runs('mtu', 9000)])).toMatchObject({ kind: 'nothing', left: [{ path: ['mtu'] }] });
  });

  it('leaves what a template takes away again', async () => {
    const result = await adopt({ [ROLE]: role, [TEMPLATE]: 'a: null\n' }, [runs('a', 1)]);

    expect(result).toMatchObject({
      kind: 'nothing',
      left: [{ path: ['a'], why: expect.stringContaining('the last word') }],
    });
  });

  it('adopts the rest beside what it leaves', async () => {
    const files = { [ROLE]: role, [TEMPLATE]: `${template}a: null\n` };

    const result = await adopt(files, [
      runs('b', 1),
      runs('router.bgp.timers', 9),
      runs('a', 1),
      runs('c', 2),
      runs('d', 3),
    ]);

    expect(result.left.map(({ path }) => path.join('.'))).toEqual(['router.bgp.timers', 'a']);
    expect(textOf(result)).toBe(own('configuration:', '  b: 1', '  c: 2', '  d: 3'));
  });
});

describe('adoptChanges(), what is not adopted', () => {
  it('writes no secret, as a value or as a key, at any depth', async () => {
    const secret = { why: 'It is a secret, and the fleet repo only names secrets.' };

    const result = await adopt({}, [
      runs('aaa.user.ann.password', 'hunter2'),
      runs('aaa.user.bob', { role: 'x', password: 'hunter2' }),
      runs('snmp.readonly-community', { hunter2: {} }),
    ]);

    expect(result).toMatchObject({ kind: 'nothing', left: [secret, secret, secret] });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it('changes what stands beside and below a secret', async () => {
    const text = own('configuration:', '  snmp:', '    readonly-community:', '      secret:site/x: { access: any }');

    const result = await adopt({ [LEAF1]: text }, [runs('snmp.readonly-community.secret:site/x.access', 'none')]);

    expect(textOf(result)).toBe(text.replace('any', 'none'));
  });

  it('writes nothing that would be read as something else', async () => {
    const result = await adopt({}, [
      runs('a', 'secret:site/x'),
      runs('b', { c: null }),
      runs('10-12', 1),
      runs('interface.swp4-1', 1),
    ]);

    expect(result).toMatchObject({
      kind: 'nothing',
      left: [
        { why: expect.stringContaining('the name of a secret') },
        { why: expect.stringContaining('null') },
        { why: expect.stringContaining('reads as something else') },
        { why: expect.stringContaining('would not be valid') },
      ],
    });
  });

  it('says when there is nothing to do', async () => {
    const result = await adopt({ [LEAF1]: own('configuration: { a: 9000 }') }, [runs('a', '9000'), runs('b')]);

    const already = { why: 'The fleet repo says so already.', next: 'Nothing has to be done.' };
    expect(result).toEqual({
      kind: 'nothing',
      left: [
        { path: ['a'], ...already },
        { path: ['b'], ...already },
      ],
    });
  });

  it('leaves a file alone that cannot be changed in part', async () => {
    const result = await adopt({ [LEAF1]: own('configuration:', '  ? a', '  : 1', '  b: 2') }, [runs('a')]);

    expect(result).toMatchObject({
      kind: 'nothing',
      left: [{ why: `${LEAF1} is written in a way that cannot be changed in part.` }],
    });
  });

  it('adopts nothing for a switch that cannot be rendered', async () => {
    const result = await adopt({ [ROLE]: 'templates: [base.j2]\n', [TEMPLATE]: 'a: {{ data.nothing }}\n' }, [
      runs('b', 1),
    ]);

    expect(result).toMatchObject({
      kind: 'nothing',
      left: [{ path: ['b'], next: expect.stringContaining('validate') }],
    });
  });

  it('needs the text of every file it may write into', async () => {
    const fleet = await fleetInMemory(edited(plain, { [STARTUP]: '- set: {}\n' }));

    const act = () =>
      adoptChanges(fleet, new Map([[LEAF1, device('10.0.0.1')]]), leaf01(fleet), [runs('a', 1)], platforms);

    expect(act).toThrow(new TypeError(`${STARTUP} was not read before changes were adopted into it`));
  });
});

describe('adoptChanges(), files as people write them', () => {
  it('writes out what was an alias when one of the two changes', async () => {
    const text = own('configuration:', '  swp1: &port { mtu: 9216 }', '  swp2: *port', '  swp3: *port');

    const one = await adopt({ [LEAF1]: text }, [runs('swp2.mtu', 1500)]);
    const first = await adopt({ [LEAF1]: text }, [runs('swp1.mtu', 1500)]);

    expect(textOf(one)).toBe(text.replace('swp2: *port', 'swp2:\n    mtu: 1500'));
    expect(textOf(first)).toBe(
      own('configuration:', '  swp1: &port { mtu: 1500 }', '  swp2:', '    mtu: 9216', '  swp3:', '    mtu: 9216'),
    );
  });

  it('keeps carriage returns', async () => {
    const text = own('configuration:', '  a: 1 # one').replaceAll('\n', '\r\n');

    const result = await adopt({ [LEAF1]: text }, [runs('a', 2), runs('b.c', 3)]);

    expect(textOf(result)).toBe(own('configuration:', '  a: 2 # one', '  b:', '    c: 3').replaceAll('\n', '\r\n'));
  });
});

it('shows a reviewer the lines that matter and no others', async () => {
  const files = {
    [ROLE]: [
      'templates: [base.j2]',
      'data: { asn: 65000 }',
      'configuration:',
      '  interface:',
      '    swp51-52: { link: { mtu: 9216 } }',
      '',
    ].join('\n'),
    [TEMPLATE]: 'router:\n  bgp:\n    autonomous-system: {{ data.asn }}\n',
    [LEAF1]: [
      '# Rack 1, upper leaf.',
      device('10.0.0.1'),
      'data:',
      '  asn: 65101   # ours alone',
      '',
      'configuration:',
      '  system:',
      "    message: 'do not touch'",
      '',
      '  # The VLANs of rack 1.',
      '  bridge:',
      '    domain:',
      '      br_default:',
      '        vlan:',
      "          '10': {}    # web",
      "          '30': {}    # database",
      '',
      '  interface:',
      '    # Servers.',
      '    swp1-16:',
      '      link: { mtu: 9000, state: { up: {} } }',
      '    # To be taken down soon.',
      '    bond1:',
      '      description: old storage',
      '      # in hall 2',
      '      bond: { member: { swp17: {} } }',
      '    eth0: { ip: { vrf: mgmt } }',
      '',
    ].join('\n'),
  };

  const result = await adopt(files, [
    runs('router.bgp.autonomous-system', 65109),
    runs('system.message', 'maintenance'),
    runs('bridge.domain.br_default.vlan.20', {}),
    ...['swp1', 'swp2'].map((port) => runs(`interface.${port}.link.mtu`, 1500)),
    runs('interface.bond1.description'),
    runs('interface.bond1.bond.member.swp17'),
    runs('interface.swp51.link.mtu', 9100),
    ...['swp20', 'swp21'].map((port) => runs(`interface.${port}.link.state.down`, {})),
  ]);

  await expect(diff(files[LEAF1], textOf(result))).toMatchFileSnapshot('./golden/adopted-device.diff');
});

/**
 * Adopts into leaf01, and holds what came of it against what adopting promises: the switch renders to what runs there, and
 * the other one to what it did.
 */
async function adopt(
  edits: Files,
  differences: readonly RunningDifference[],
  knowledge: Platforms = platforms,
): Promise<AdoptResult> {
  const files = edited(plain, edits);
  const fleet = await fleetInMemory(files);
  const result = adoptChanges(fleet, new Map(Object.entries(files)), leaf01(fleet), differences, knowledge);
  if (result.kind === 'nothing') return result;

  const now = await fleetInMemory(edited(files, Object.fromEntries(result.files)));
  const left = result.left.map(({ path }) => path.join());
  const adopted = differences.filter(({ path }) => !left.includes(path.join()));
  const wanted = withDifferences(treeOf(fleet, 'leaf01', knowledge), adopted);
  expect(meaning(treeOf(now, 'leaf01', knowledge))).toEqual(meaning(wanted));
  expect(treeOf(now, 'leaf02', knowledge)).toEqual(treeOf(fleet, 'leaf02', knowledge));
  expect(result.written.map(({ path }) => path)).toEqual(adopted.map(({ path }) => path));
  return result;
}

function textOf(result: AdoptResult): string {
  return (result.kind === 'adopted' && result.files.get(LEAF1)) || JSON.stringify(result, null, 2);
}

function leaf01(fleet: Fleet) {
  const found = fleet.devices.get('leaf01');
  if (!found) throw new Error('there is no leaf01');
  return found;
}

function treeOf(fleet: Fleet, name: string, knowledge: Platforms): Tree {
  const target = fleet.devices.get(name);
  const rendered = target && renderDevice({ ...fleet }, target, knowledge);
  if (rendered?.kind !== 'rendered') throw new Error(`${name} cannot be rendered`);
  return rendered.configuration.tree;
}

/** A number and its text mean the same to a switch. */
function meaning(tree: Tree): unknown {
  return JSON.parse(JSON.stringify(tree, (_, value) => (typeof value === 'number' ? String(value) : value)));
}

/** Knows of ports that they are ports. */
function withPortTypes(tree: Tree): Tree {
  const interfaces = tree['interface'];
  if (!isTree(interfaces)) return tree;
  const typed = Object.entries(interfaces).map(([name, port]) => [
    name,
    isTree(port) ? { type: 'swp', ...port } : port,
  ]);
  return { ...tree, interface: Object.fromEntries(typed) };
}

function diff(before: string, after: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-diff-'));
  try {
    writeFileSync(join(folder, 'before'), before);
    writeFileSync(join(folder, 'after'), after);
    execFileSync('git', ['diff', '--no-index', '--no-color', '--unified=2', 'before', 'after'], { cwd: folder });
    return '';
  } catch (error) {
    const { stdout } = error as { readonly stdout: Buffer };
    return stdout.toString().split('\n').slice(4).join('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
