import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { frr } from '../../../drivers/frr/driver.ts';
import { parseText } from '../../../drivers/frr/parse.ts';
import { renderFile } from '../../../drivers/frr/render.ts';
import type { Tree } from '../../../schemas/json.ts';

const FRR = '/etc/frr/frr.conf';
const INTERFACES = '/etc/network/interfaces';

const word = fc
  .stringMatching(/^[a-zé][a-z0-9.:/#!"'{}$|&;-]{0,8}$/)
  .filter((text) => !/^(?:end|exit|auto|iface|vlan|mapping|source|template|rename|allow|bfd|rpki|wpa|no-)/.test(text));
const line = fc.tuple(fc.constant('x'), word, word).map((words) => `${words.join('-')} y`);
const secret = fc.record({
  '<secret>': fc.oneof(word, fc.constant('two words'), fc.constant('\ue0f0secret:site/x\ue0f1')),
});
const lines = fc.dictionary(line, fc.constant({}), { maxKeys: 4 });
const oneWord = fc.record({ '<secret>': word });
const withSecrets = (key: string) =>
  fc
    .option(key.startsWith('ip ospf') ? oneWord : secret, { nil: undefined })
    .map((value): Tree => (value ? { [key]: value } : {}));

const family = fc.tuple(lines, lines).map(([own, vni]): Tree => ({ ...own, 'vni 10': vni }));
const router = fc.tuple(lines, withSecrets('neighbor swp1 password'), family, family).map(
  ([own, hidden, four, six]): Tree => ({
    ...own,
    ...hidden,
    'address-family ipv4 unicast': four,
    'address-family ipv6 unicast': six,
  }),
);
const frrTree = fc
  .record({
    top: lines,
    bgp: router,
    vrf: lines,
    interface: fc.tuple(lines, withSecrets('ip ospf authentication-key')),
    chain: withSecrets('key-string'),
  })
  .map(
    ({ top, bgp, vrf, interface: [own, hidden], chain }): Tree => ({
      ...top,
      'router bgp 65001': bgp,
      'vrf RED': vrf,
      'interface swp1': { ...own, ...hidden },
      'key chain K': { 'key 1': chain },
      'ip route 10.0.0.0/8 Null0': {},
    }),
  );
const interfacesTree = fc
  .tuple(lines, lines)
  .map(([one, two]): Tree => ({ 'auto swp1': {}, 'iface swp1': one, 'iface swp2': two, 'source /etc/x': {} }));
const trees: fc.Arbitrary<Readonly<Record<string, Tree>>> = fc.record({ [FRR]: frrTree, [INTERFACES]: interfacesTree });

const identity = { hostname: 'leaf01', serial: 'S1', model: 'A: b', version: 'FRR 8.4.4', pin: '' };

describe('renderFile()', () => {
  it.each([FRR, INTERFACES])('writes what reads back as the same tree, in the same order (%s)', (file) => {
    fc.assert(
      fc.property(trees, (tree) => {
        const text = renderFile(file, tree[file] ?? {}).text;
        const parsed = parseText(file, text);

        expect(parsed.kind === 'parsed' && JSON.stringify(parsed.tree)).toBe(JSON.stringify({ [file]: tree[file] }));
      }),
    );
  });

  it('says of every line which one it is', () => {
    const rendered = renderFile(FRR, {
      'router bgp 1': { 'neighbor swp1 password': { '<secret>': 'x' } },
      'ip forwarding': {},
    });

    expect(rendered.text).toBe('router bgp 1\n neighbor swp1 password x\nexit\n!\nip forwarding\n');
    expect([1, 2, 3, 5].map((number) => rendered.pathOf(number))).toEqual([
      ['router bgp 1'],
      ['router bgp 1', 'neighbor swp1 password'],
      undefined,
      ['ip forwarding'],
    ]);
  });
});

describe('renderBackup()', () => {
  it('writes a list whose texts read back as what was running', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const { text } = frr.renderBackup(tree, identity);
        const [{ header }, { text: files }] = parse(text) as [{ header: object }, { text: Record<string, string> }];

        expect(header).toEqual({ hostname: 'leaf01', serial: 'S1', model: 'A: b', version: 'FRR 8.4.4' });
        const read = Object.entries(files).map(([file, content]) => {
          const parsed = frr.text?.parse(file, content);
          return parsed?.kind === 'parsed' ? parsed.tree : parsed;
        });
        expect(Object.assign({}, ...read)).toEqual(tree);
      }),
    );
  });
});
