/** Our reader stands on js-yaml; `yaml` is the judge of what a text means. They have to agree on all we accept. */
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { parseDocument, stringify } from 'yaml';
import { parseYaml } from '../../schemas/parse-yaml.ts';

describe('what parseYaml() accepts', () => {
  const scalars = [
    ...['', '~', 'null', 'Null', 'NULL', 'nUll', 'true', 'True', 'TRUE', 'tRue', 'false', 'False', 'FALSE'],
    ...['yes', 'no', 'on', 'off', 'On', 'y', 'n', '=', '?', '-', '.', '..', '+', '-.', '+.', 'e3', '.e3'],
    ...[
      '0',
      '00',
      '-0',
      '1',
      '+1',
      '-1',
      '0123',
      '-0123',
      '0o17',
      '-0o17',
      '0o8',
      '0o',
      '0x1F',
      '0XFF',
      '-0x1',
      '0x',
      '0x1g',
    ],
    ...[
      '1_000',
      '1,000',
      '0b11',
      '1:30',
      '12:30:45',
      '1e3',
      '1E3',
      '1e',
      '1e+',
      '1.5e+3',
      '1.',
      '.5',
      '-.5',
      '+.5',
      '0.',
      '1.5.2',
    ],
    ...[
      '2026-11-20',
      '2026-11-20T10:00:00Z',
      '2026-11-20 10:00:00 +1',
      '::1',
      '2001:db8::1',
      'aa:bb',
      'a:b',
      '10.0.0.1/32',
    ],
    ...[
      '"a\\tb"',
      '"\\x41\\u263A"',
      '"\\/"',
      '"\\e"',
      "'it''s'",
      '"a\\\n  b"',
      '!x',
      '# c',
      'x # c',
      'x# c',
      '"x" # c',
      '@a',
      '`a',
      '%a',
    ],
    ...[
      '[1, 2]',
      '[1, 2, ]',
      '[1, , 2]',
      '{a: 1}',
      '{a: 1, }',
      '{a}',
      '{a, b: 1}',
      '[a: 1]',
      '{"a":1}',
      '{a:1}',
      '[]',
      '{}',
      '[[1], {a: [2]}]',
    ],
    ...[
      '|\n  a\n  b',
      '|-\n  a\n',
      '|+\n  a\n\n',
      '>\n  a\n  b\n\n  c',
      '>-\n  a\n   b\n  c',
      '|2\n   a',
      '|\n  a\n b',
    ],
    ...[
      '&x a',
      '&x [1, *x]',
      '*x',
      'a b',
      'a\n  b',
      '9007199254740991',
      '4200000001',
      '1e400',
      '.inf',
      '.nan',
      '12345678901234567890',
    ],
  ];
  const documents = [
    ...[
      '',
      '\n',
      '# c\n',
      '---\n',
      '--- a\n',
      '---\na: 1\n...\n',
      '---\na: 1\n---\nb: 1\n',
      'a: 1\n...\nb: 1\n',
      '%YAML 1.1\n---\na: yes\n',
    ],
    ...[
      'a: 1\na: 2\n',
      '10: x\n',
      '"10": x\n10: y\n',
      '-1: x',
      '-0: x',
      '010: x',
      '1.5: x',
      'null: x',
      '~: x',
      ': x',
      'true: x',
      'on: x',
      '? a\n: 1\n',
    ],
    ...[
      '? [a]\n: 1\n',
      '<<: {a: 1}\n',
      'a: &x {b: 1}\nc: *x\n',
      'a: &x 1\nb: &x 2\nc: *x\n',
      '&a a: 1\n',
      '*a : 1\n',
      'a: {<<: *x}',
    ],
    ...[
      'a: !!str 1\n',
      'a: !foo 1\n',
      'a: !!binary aGk=\n',
      'a: !!set {b}\n',
      '\uFEFFa: 1\n',
      'a: 1\r\nb: |\r\n  x\r\n  y\r\n',
      'a: 1\rb: 2\r',
    ],
    ...[
      'a:\n\tb: 1\n',
      'a:\n- 1\n- 2\n',
      'a:\n  - b: 1\n    c: 2\n  -\n',
      '- - 1\n  - 2\n',
      'a: b: c\n',
      'a : 1\n',
      '"a":1\n',
      'a: "x\n  y"\n',
      'a:\n  b: 1\n c: 2\n',
    ],
    ...[
      '__proto__: 1\n',
      'constructor: 1\n',
      'a: "\u2028"\n',
      'a: \u0085b\n',
      'a: \u0007\n',
      'a: \u{1F600}\n',
      "'': 1\n",
      'key with space: 1\n',
    ],
  ];

  it.each([
    ...documents,
    ...scalars,
    ...scalars.map((scalar) => `k: ${scalar}\nz: 1\n`),
    ...scalars.map((scalar) => `- ${scalar}\n`),
  ])('means to yaml what it means to us: %j', (text) => agree(text));

  it('means the same whoever wrote it', () => {
    fc.assert(
      fc.property(json, fc.boolean(), (value, byYaml) => {
        const text = byYaml ? stringify(value) : dump(value, { noRefs: true });
        const parsed = parseYaml(text, 'x.yaml');

        agree(text);
        if (parsed.kind === 'valid') expect(parsed.document.value).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it('means the same when it was typed by nobody', () => {
    const soup = fc.array(fc.constantFrom(...tokens), { maxLength: 14 }).map((parts) => parts.join(''));

    fc.assert(fc.property(soup, agree), { numRuns: 6000 });
  });
});

/** Either we refuse it, or `yaml` reads exactly the same without complaint. */
function agree(text: string): void {
  const ours = parseYaml(text, 'x.yaml');
  if (ours.kind === 'invalid') return;
  // A byte order mark is no part of the text; `yaml` counts it into the indentation.
  const theirs = parseDocument(text.replace(/^\uFEFF/, ''), {
    version: '1.2',
    schema: 'core',
    prettyErrors: false,
    logLevel: 'silent',
  });
  expect([...theirs.errors, ...theirs.warnings].map(({ code }) => code)).toEqual([]);
  expect(JSON.stringify(ours.document.value)).toBe(JSON.stringify(theirs.toJS()));
}

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('on', 'yes', '1e3', '0x10', '', 'a: b', '# no', '- x', '10', 'a\nb\n'),
);
const key = fc.oneof(text, fc.integer({ min: 0, max: 4094 }).map(String)).filter((name) => name !== '__proto__');
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((number) => Math.abs(number) < 2 ** 53 && !Object.is(number, -0)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(key, tie('json'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

const tokens = [
  ...[
    '\n',
    '\n',
    '\n  ',
    '\n    ',
    ' ',
    'a',
    'b',
    'c',
    '1',
    '0',
    ': ',
    ': ',
    ':',
    '- ',
    '-',
    '? ',
    ', ',
    '[',
    ']',
    '{',
    '}',
  ],
  ...[
    '"',
    "'",
    '#',
    ' # ',
    '|',
    '|-',
    '>',
    '&x ',
    '*x',
    '!',
    '!!str ',
    '~',
    'null',
    'on',
    '.',
    '0x1',
    '1e3',
    '<<',
    '---\n',
    '\n...\n',
  ],
  ...['%', '@', '\\', '\t', '\r\n', '\uFEFF', '=', '_', '+', 'true', '"a"', '10', ' \n', '\u00e9', '\u2028'],
];
