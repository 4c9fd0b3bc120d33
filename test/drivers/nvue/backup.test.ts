import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { driverFor } from '../../../drivers/registry.ts';
import { canonicalJson } from '../../../schemas/canonical.ts';
import type { Tree } from '../../../schemas/json.ts';

describe('renderBackup()', () => {
  const identity = { hostname: 'leaf01', serial: 'MT0001', model: 'MSN4600C', version: '5.11.1', pin: 'sha256:00' };
  const render = (tree: Tree, as = identity) => driverFor('cumulus').renderBackup(tree, as).text;
  const read = (text: string, version: '1.1' | '1.2' = '1.2'): Tree =>
    (parse(text, { version }) as readonly { readonly set?: Tree }[])[1]?.set ?? {};

  it('writes the file that nv config replace loads, for people too', async () => {
    const tree: Tree = {
      system: {
        hostname: 'leaf01',
        aaa: { user: { cumulus: { 'hashed-password': '«secret:3f9a3f9a3f9a3f9a»', role: 'system-admin' } } },
        'snmp-server': { 'readonly-community': { '«secret:0011223344556677»': { access: { any: {} } } } },
      },
      bridge: { domain: { br_default: { vlan: { '10': { vni: { '10010': {} } }, '20': {} } } } },
      interface: {
        swp10: { type: 'swp', link: { mtu: 9216 } },
        swp2: { type: 'swp', description: 'to spine01: port 2 # north', link: { 'auto-negotiate': 'on' } },
        eth0: { ip: { address: { '192.0.2.11/24': {} } } },
      },
    };

    await expect(render(tree)).toMatchFileSnapshot('./golden/leaf01.yaml');
  });

  it('says what the same file says after another release, and nothing about when', () => {
    expect(render({ a: 1 }, { ...identity, version: '5.12.0' })).not.toBe(render({ a: 1 }));
    expect(render({ a: 1 })).toBe(render({ a: 1 }));
  });

  it('does not let a name break out of the comment it stands in', () => {
    const text = render({ a: 1 }, { ...identity, hostname: 'leaf01\n- set: {}', model: 'x\u2028y' });

    expect(parse(text)).toHaveLength(2);
    expect(text.split('\n')[0]).toMatch(/^# leaf01 - set: \{\}/);
  });

  it.each(['1.1', '1.2'] as const)(
    'reads back as what was written, key for key and word for word, as YAML %s',
    (version) => {
      const text = fc.oneof(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.constantFrom(
          'on',
          'off',
          'yes',
          'No',
          '~',
          'null',
          '10',
          '010',
          '1e3',
          '0x1f',
          '12:30:45',
          '2026-11-20',
          '- a',
          'a: b',
        ),
      );
      const { tree } = fc.letrec<{ tree: Tree; node: Tree[string] }>((tie) => ({
        tree: fc.dictionary(text, tie('node'), { maxKeys: 4, noNullPrototype: true }),
        node: fc.oneof(
          { maxDepth: 3 },
          text,
          fc.integer(),
          fc.boolean(),
          fc.array(fc.oneof(text, fc.integer()), { maxLength: 3 }),
          tie('tree'),
        ),
      }));
      fc.assert(
        fc.property(
          tree.filter((value) => Object.keys(value).length > 0),
          (value) => {
            expect(canonicalJson(read(render(value), version))).toBe(canonicalJson(value));
          },
        ),
      );
    },
  );
});
