import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderYaml } from '../../desired-state/render-yaml.ts';
import type { Tree } from '../../schemas/json.ts';
import { parseYaml } from '../../schemas/parse-yaml.ts';
import { anyConfiguration } from './any-configuration.ts';

const written = (tree: Tree): string => `${renderYaml(tree).join('\n')}\n`;

function readBack(text: string): unknown {
  const parsed = parseYaml(text, 'x.yaml');
  return parsed.kind === 'valid' ? parsed.document.value : parsed.problems;
}

/** Texts that one YAML or the other takes for something else, and texts that break lines, quotes and comments. */
const ODD = [
  ...['on', 'off', 'yes', 'No', 'y', 'N', 'true', 'FALSE', 'null', 'Null', '~', '', ' ', '.nan', '.inf', '-.Inf'],
  ...[
    '0123',
    '0o17',
    '0x1F',
    '1_000',
    '1e3',
    '1.5',
    '.5',
    '5.',
    '+1',
    '-0',
    '9216',
    '4200000001',
    '12345678901234567890',
  ],
  ...[
    '1:20',
    '190:20:30',
    '10:00',
    '2026-11-21',
    '2001-12-14t21:59:43.10-05:00',
    '44:38:39:22:01:12',
    '1.2.3.4',
    '1.2.3',
  ],
  ...[
    'a: b',
    'a #b',
    '# a',
    '- a',
    '? a',
    '! a',
    '& a',
    '* a',
    '| a',
    '> a',
    '%a',
    '@a',
    '`a`',
    '"a"',
    "'a'",
    '{a}',
    '[a]',
  ],
  ...[
    'a,b',
    'a\nb',
    'a\r\nb',
    'a\tb',
    ' a',
    'a ',
    'a:',
    ':a',
    '---',
    '...',
    '<<',
    '=',
    'ÿ\u0085x',
    '\u2028',
    '\ufeffx',
    '\u202e',
  ],
  ...[
    'secret',
    'constructor',
    'toString',
    '😀',
    '::',
    '2001:db8::1/64',
    'swp1-4,swp7',
    '10-20',
    '/',
    'a/b',
    'e1',
    '1e',
  ],
];
const oddText = fc.oneof(fc.constantFrom(...ODD), fc.string({ unit: 'grapheme', maxLength: 12 }));

describe('renderYaml()', () => {
  it('writes what people would write', () => {
    const tree: Tree = {
      system: { hostname: 'leaf01', 'full-name': 'Amsterdam hall', timezone: 'Etc/UTC', vlan: { 10: {} }, mtu: 9216 },
      interface: { 'swp1-4': { 'auto-negotiate': 'on', address: { '10.0.0.1/31': {} } } },
      user: { cumulus: { 'hashed-password': 'secret:ams1/cumulus' } },
      'readonly-community': { 'secret:ams1/snmp': { access: ['a', 1] } },
      gone: null,
    };

    expect(written(tree)).toBe(`system:
  hostname: leaf01
  full-name: Amsterdam hall
  timezone: Etc/UTC
  vlan:
    "10": {}
  mtu: 9216
interface:
  swp1-4:
    auto-negotiate: "on"
    address:
      10.0.0.1/31: {}
user:
  cumulus:
    hashed-password: { secret: ams1/cumulus }
readonly-community:
  secret:ams1/snmp:
    access: ["a",1]
gone: null
`);
  });

  it.each(ODD)(
    'keeps %j the text it is, as a value, in a list and as a key, for readers of YAML 1.2 and 1.1',
    (text) => {
      const tree: Tree = { value: text, list: [text], [text]: { [text]: text } };

      expect(readBack(written(tree))).toEqual(tree);
      expect(parse(written(tree), { version: '1.1', merge: false })).toEqual(tree);
    },
  );

  it('writes out what nobody would see', () => {
    expect(written({ value: 'a\u2028b\u202ec\ufeff\u00a0\u0000' })).toBe(
      'value: "a\\u2028b\\u202ec\\ufeff\\u00a0\\u0000"\n',
    );
  });

  it('reads back as it was, for every tree', () => {
    fc.assert(
      fc.property(fc.dictionary(oddText, fc.oneof(oddText, anyConfiguration(true))), (odd) => {
        const tree = { ...odd } as Tree;
        if (Object.hasOwn(tree, '__proto__') || Object.keys(tree).length === 0) return;
        expect(readBack(written(tree))).toEqual(tree);
      }),
      { numRuns: 500 },
    );
  });
});
