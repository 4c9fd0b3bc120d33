import { describe, expect, it } from 'vitest';
import { type ParsedYaml, parseYaml } from '../../schemas/parse-yaml.ts';
import { positionOf } from '../../schemas/yaml-document.ts';
import { YAML_LIMITS } from '../../schemas/yaml-reader.ts';

describe('parseYaml()', () => {
  it('keeps the words of switches as text', () => {
    expect(readValue('enable: on\nauto: yes\nvlan: off\nmac: 12:30:45\nday: 2026-11-20\nmany: 1_000\n')).toEqual({
      enable: 'on',
      auto: 'yes',
      vlan: 'off',
      mac: '12:30:45',
      day: '2026-11-20',
      many: '1_000',
    });
  });

  it('makes text of keys that are whole numbers, as VLAN ids are', () => {
    expect(readValue('10: {}\n"20": {}\n')).toEqual({ '10': {}, '20': {} });
  });

  it.each([
    { text: 'a: 1\nb: 2\na: 3\n', code: 'SCHEMAS_YAML_DUPLICATE_KEY', line: 3, column: 1 },
    { text: 'a: 1\n10: x\n"10": y\n', code: 'SCHEMAS_YAML_DUPLICATE_KEY', line: 3, column: 1 },
    { text: 'a:\n  b: !!str 1\n', code: 'SCHEMAS_YAML_TAG', line: 2, column: 6 },
    { text: 'a: !ruby/object x\n', code: 'SCHEMAS_YAML_TAG', line: 1, column: 4 },
    { text: '%YAML 1.1\n---\na: yes\n', code: 'SCHEMAS_YAML_DIRECTIVE', line: 1, column: 1 },
    { text: 'a: 1\n---\nb: 2\n', code: 'SCHEMAS_YAML_DOCUMENTS', line: 3, column: 1 },
    { text: 'a: &x {b: 1}\nc:\n  <<: *x\n', code: 'SCHEMAS_YAML_KEY', line: 3, column: 3 },
    { text: 'a:\n  null: 1\n', code: 'SCHEMAS_YAML_KEY', line: 2, column: 3 },
    { text: '5.11: 1\n', code: 'SCHEMAS_YAML_KEY', line: 1, column: 1 },
    { text: '010: 1\n', code: 'SCHEMAS_YAML_KEY', line: 1, column: 1 },
    { text: '? [a]\n: 1\n', code: 'SCHEMAS_YAML_KEY', line: 1, column: 3 },
    { text: '__proto__: {admin: true}\n', code: 'SCHEMAS_YAML_KEY', line: 1, column: 1 },
    { text: 'a: [*b]\n', code: 'SCHEMAS_YAML_ALIAS', line: 1, column: 5 },
    { text: 'a: &a [*a]\n', code: 'SCHEMAS_YAML_ALIAS', line: 1, column: 8 },
    { text: 'a: 12345678901234567890\n', code: 'SCHEMAS_YAML_NUMBER', line: 1, column: 4 },
    { text: 'a: .inf\n', code: 'SCHEMAS_YAML_NUMBER', line: 1, column: 4 },
    { text: 'a: 1\rb: 2\n', code: 'SCHEMAS_YAML_SYNTAX', line: 1, column: 5 },
    { text: 'a: 1\n...\n\nb: 2\n', code: 'SCHEMAS_YAML_DOCUMENTS', line: 4, column: 1 },
    { text: '\n...\na: 1\n', code: 'SCHEMAS_YAML_AMBIGUOUS', line: 2, column: 1 },
    { text: 'a:\n  b: [1, 2\n  c: 3\n', code: 'SCHEMAS_YAML_SYNTAX', line: 2, column: 6 },
    { text: 'a: {b: [1}\n', code: 'SCHEMAS_YAML_SYNTAX', line: 1, column: 8 },
    { text: 'a:\n\tb: 1\n', code: 'SCHEMAS_YAML_SYNTAX', line: 2, column: 1 },
    { text: 'a: b: c\n', code: 'SCHEMAS_YAML_SYNTAX', line: 1, column: 4 },
  ])('refuses $text', ({ text, ...expected }) => {
    expect(problemsOf(text)[0]).toMatchObject(expected);
  });

  it('tells every problem a reader can be sure of, in order', () => {
    const problems = problemsOf('a: !x 1\nb: .nan\na: 2\ntrue: 1\n');

    expect(problems.map(({ line, code }) => `${line} ${code}`)).toEqual([
      '1 SCHEMAS_YAML_TAG',
      '2 SCHEMAS_YAML_NUMBER',
      '3 SCHEMAS_YAML_DUPLICATE_KEY',
      '4 SCHEMAS_YAML_KEY',
    ]);
  });

  it('tells one syntax error, since what follows it is a guess, with the duplicate keys before it', () => {
    const problems = problemsOf('a: 1\na: 2\nb: "open\nc: 1\nd: [\n');

    expect(problems.map(({ code }) => code)).toEqual(['SCHEMAS_YAML_DUPLICATE_KEY', 'SCHEMAS_YAML_SYNTAX']);
  });

  it('leaves objects without a foreign prototype alone', () => {
    const value = readValue('constructor: 1\ntoString: 2\n') as object;

    expect(Object.keys(value)).toEqual(['constructor', 'toString']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it.each(['', '\n', '# nothing yet\n', '---\n'])('reads an empty file as null: %j', (text) => {
    expect(readValue(text)).toBeNull();
  });

  it('counts columns after a byte order mark as editors do', () => {
    expect(problemsOf('\uFEFFa: !x 1\n')[0]).toMatchObject({ line: 1, column: 4 });
  });
});

describe('the limits of parseYaml()', () => {
  it('stop a file that is too big before it is read', () => {
    expect(problemsOf(`a: ${'x'.repeat(YAML_LIMITS.bytes)}`)).toEqual([
      expect.objectContaining({ code: 'SCHEMAS_FILE_TOO_LARGE' }),
    ]);
  });

  it('stop maps inside maps', () => {
    const deep = (depth: number) => '[ '.repeat(depth) + ']'.repeat(depth);

    expect(parseYaml(deep(YAML_LIMITS.depth), 'x.yaml').kind).toBe('valid');
    expect(problemsOf(deep(YAML_LIMITS.depth + 1))[0]?.code).toBe('SCHEMAS_YAML_TOO_DEEP');
    expect(problemsOf('['.repeat(500_000))[0]?.code).toBe('SCHEMAS_YAML_TOO_DEEP');
  });

  it('stop a billion laughs', () => {
    const lines = Array.from({ length: 9 }, (_, n) => `l${n}: &l${n} [${`*l${n - 1}, `.repeat(9)}]`);
    const started = performance.now();

    expect(problemsOf(['l0: &l0 [lol, lol]', ...lines.slice(1)].join('\n'))[0]?.code).toBe('SCHEMAS_YAML_TOO_LARGE');
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('stop a hundred and one aliases', () => {
    const aliases = (count: number) => `a: &a 1\nb: [${'*a, '.repeat(count)}]\n`;

    expect(parseYaml(aliases(100), 'x.yaml').kind).toBe('valid');
    expect(problemsOf(aliases(101))[0]?.code).toBe('SCHEMAS_YAML_ALIASES');
  });

  it('refuse bytes that are not UTF-8', () => {
    expect(parseYaml(Uint8Array.of(0x61, 0x3a, 0x20, 0xff), 'x.yaml')).toMatchObject({
      problems: [{ code: 'SCHEMAS_NOT_UTF8' }],
    });
  });
});

describe('positionOf()', () => {
  const text = '# one\na:\n  - b: 1\n    "c":  two\n  -\nd: {e: [x, "y"]}\nf: |\n  text\n';

  it.each([
    { path: ['a'], key: '2:1', value: '3:3' },
    { path: ['a', 0, 'b'], key: '3:5', value: '3:8' },
    { path: ['a', 0, 'c'], key: '4:5', value: '4:11' },
    { path: ['d', 'e'], key: '6:5', value: '6:8' },
    { path: ['d', 'e', 1], key: '6:12', value: '6:12' },
    { path: ['d', 'missing'], key: '6:1', value: '6:1' },
    { path: [], key: '2:1', value: '2:1' },
  ])('finds key and value of $path', ({ path, key, value }) => {
    const parsed = parseYaml(text, 'x.yaml');
    if (parsed.kind === 'invalid') throw new Error('not YAML');
    const at = (which: 'key' | 'value') => {
      const { line, column } = positionOf(parsed.document, path, which);
      return `${line}:${column}`;
    };

    expect({ key: at('key'), value: at('value') }).toEqual({ key, value });
  });

  it('is not misled by other line ends', () => {
    const parsed = parseYaml('a: 1\r\nb:\r\n  c: 2\r\n', 'x.yaml');
    if (parsed.kind === 'invalid') throw new Error('not YAML');

    expect(positionOf(parsed.document, ['b', 'c'])).toEqual({ line: 3, column: 3 });
  });
});

function readValue(text: string): unknown {
  const parsed = parseYaml(text, 'x.yaml');
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.document.value;
}

function problemsOf(text: string): Extract<ParsedYaml, { kind: 'invalid' }>['problems'] {
  const parsed = parseYaml(text, 'x.yaml');
  if (parsed.kind === 'valid') throw new Error(`was read as ${JSON.stringify(parsed.document.value)}`);
  return parsed.problems;
}
