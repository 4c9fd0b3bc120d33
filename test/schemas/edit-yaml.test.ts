import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Document, isMap, isScalar, isSeq } from 'yaml';
import { applyEdit, computeEdits, type JsonEdit, valueAt } from '../../schemas/edit-json.ts';
import { editYaml } from '../../schemas/edit-yaml.ts';
import { isBranch, type Json } from '../../schemas/json.ts';
import { parseYaml } from '../../schemas/parse-yaml.ts';

const set = (path: string, to: Json): JsonEdit => ({ kind: 'set', path: steps(path), to });
const remove = (path: string): JsonEdit => ({ kind: 'delete', path: steps(path) });
/** `list/#0/key`: a number after a hash is an index. */
const steps = (path: string) => path.split('/').map((step) => (/^#\d+$/.test(step) ? Number(step.slice(1)) : step));

function edited(text: string, ...edits: readonly JsonEdit[]): string {
  const result = editYaml(text, edits);
  return result.kind === 'edited' ? result.text : result.kind;
}

const lines = (...all: readonly string[]) => `${all.join('\n')}\n`;

describe('editYaml(), setting what is there', () => {
  it('changes the value and nothing around it', () => {
    const text = '# head\na:   1   # why\n\nb: {c:  x}\n';

    expect(edited(text, set('a', 2))).toBe('# head\na:   2   # why\n\nb: {c:  x}\n');
    expect(edited(text, set('b/c', 'z'))).toBe('# head\na:   1   # why\n\nb: {c:  z}\n');
  });

  it('keeps the quotes a text had, and gives a number none', () => {
    expect(edited('a: \'x\'\nb: "9216"\n', set('a', "it's"), set('b', '1500'))).toBe("a: 'it''s'\nb: \"1500\"\n");
    expect(edited('b: "9216"\n', set('b', 1500))).toBe('b: 1500\n');
  });

  it('quotes what another reader could take for something else, unless the file does not', () => {
    expect(edited('a: x\n', set('a', 'on'))).toBe('a: "on"\n');
    expect(edited('a: x\nb: off\n', set('a', 'on'))).toBe('a: on\nb: off\n');
    expect(edited('a: fe80::1\n', set('a', 'fe80::2'))).toBe('a: fe80::2\n');
    expect(edited('a: x1\n', set('a', 'fe80::2'))).toBe('a: "fe80::2"\n');
  });

  it('puts a map in the place of a value below its key, the comment staying where it was', () => {
    expect(edited('a:\n  b: 1 # why\n  c: 2\n', set('a/b', { d: { e: 3 } }))).toBe(
      'a:\n  b: # why\n    d:\n      e: 3\n  c: 2\n',
    );
  });

  it('puts a value in the place of a map, the comments on either side staying', () => {
    expect(edited('a: # why\n  # first\n  b: 1\n  c: 2\n# next\nd: 3\n', set('a', null))).toBe(
      'a: null # why\n  # first\n# next\nd: 3\n',
    );
  });

  it('puts a value in the place of a block of text', () => {
    expect(edited('a: |\n  one\n  two\n\nb: 1\n', set('a', 'three'))).toBe('a: three\n\nb: 1\n');
  });

  it('writes a list as it was: below each other or between brackets', () => {
    expect(edited('a:\n  - x # why\n  - y\nb: [x]\n', set('a', ['z']), set('b', []))).toBe('a:\n  - z\nb: []\n');
    expect(edited('a:\n  - x # why\n  - y\n', set('a', ['x', 'z', 'w']))).toBe('a:\n  - x # why\n  - z\n  - w\n');
  });
});

describe('editYaml(), adding', () => {
  it('adds a key behind its siblings, as far in as they stand', () => {
    expect(edited('a:\n    b: 1\nc: 2\n', set('a/d', { e: 'f', g: [1, 'x'] }))).toBe(
      'a:\n    b: 1\n    d:\n        e: f\n        g: [1, x]\nc: 2\n',
    );
  });

  it('makes what is missing on the way', () => {
    expect(edited('a: 1\n', set('b/c/d', true))).toBe('a: 1\nb:\n  c:\n    d: true\n');
  });

  it('adds a numbered key where it counts, and leaves comments with what they are about', () => {
    const text = lines(
      'interface:',
      '  # to the spine',
      '  swp2:',
      '    mtu: 1',
      '    # nothing else here',
      '',
      '  # to a server',
      '  swp10: {}',
    );

    expect(edited(text, set('interface/swp3', {}))).toBe(text.replace('else here\n', 'else here\n  swp3: {}\n'));
    expect(edited(text, set('interface/swp1', {}))).toBe(text.replace('interface:\n', 'interface:\n  swp1: {}\n'));
    expect(edited(text, set('interface/swp11', {}))).toBe(`${text}  swp11: {}\n`);
  });

  it('adds a range behind the ranges it may overlap, since the later one wins', () => {
    expect(edited('swp1-4: 1\nswp10: 2\nbond1: 3\n', set('swp2-3', 5))).toBe(
      'swp1-4: 1\nswp10: 2\nswp2-3: 5\nbond1: 3\n',
    );
  });

  it('writes VLAN numbers as their neighbours are written', () => {
    expect(edited('10: {}\n', set('20', {}))).toBe('10: {}\n20: {}\n');
    expect(edited("'10': {}\n", set('20', {}))).toBe("'10': {}\n'20': {}\n");
    expect(edited('a: {}\n', set('20', {}))).toBe('a: {}\n"20": {}\n');
  });

  it('stays between braces where the file does', () => {
    expect(edited('a: {b: 1}\nc: {}\nd: { e: {} }\n', set('a/f', { g: 'x y' }), set('d/e/h', 1))).toBe(
      'a: {b: 1, f: { g: x y }}\nc: {}\nd: { e: { h: 1 } }\n',
    );
    expect(edited('a:\n  {\n    b: 1, # one\n    c: 2, # two\n  }\n', set('a/d', 3))).toBe(
      'a:\n  {\n    b: 1, # one\n    c: 2, d: 3, # two\n  }\n',
    );
  });

  it('writes the first member of an empty map below its key', () => {
    expect(edited('a: {} # none\nb: 1\n', set('a/c', 1))).toBe('a: # none\n  c: 1\nb: 1\n');
  });

  it('adds to a list of blocks', () => {
    expect(edited('- header: {}\n- set:\n    a: 1\n', set('#2', { unset: { b: null } }))).toBe(
      '- header: {}\n- set:\n    a: 1\n- unset:\n    b: null\n',
    );
    expect(edited('a: [1, 2]\nb: []\n', set('a/#2', 3), set('b/#0', 4))).toBe('a: [1, 2, 3]\nb: [4]\n');
  });

  it('sets a new section off where the others are', () => {
    expect(edited('a: 1\n\n# about b\nb:\n  c: 1\n', set('d', { e: 1 }), set('f', 2))).toBe(
      'a: 1\n\n# about b\nb:\n  c: 1\n\nd:\n  e: 1\nf: 2\n',
    );
  });

  it('ends the last line where nobody did', () => {
    expect(edited('a:\n  b: 1', set('a/c', 2), set('d', 3))).toBe('a:\n  b: 1\n  c: 2\nd: 3');
  });
});

describe('editYaml(), deleting', () => {
  it('takes a key with what it holds, and leaves the comments above it and around', () => {
    const text = lines(
      'a:',
      '  # about b',
      '  b: # beside',
      '    # inside',
      '    c: 1',
      '    # below',
      '  # about d',
      '  d: 2',
    );

    expect(edited(text, remove('a/b'))).toBe(lines('a:', '  # about b', '  # about d', '  d: 2'));
    expect(edited(text, remove('a/d'))).toBe(text.replace('  d: 2\n', ''));
  });

  it('takes a member from between braces with its comma', () => {
    expect(edited('{ a: 1, b: 2, c: 3 }\n', remove('a'))).toBe('{ b: 2, c: 3 }\n');
    expect(edited('{ a: 1, b: 2, c: 3 }\n', remove('b'))).toBe('{ a: 1, c: 3 }\n');
    expect(edited('{ a: 1, b: 2, c: 3 }\n', remove('c'), remove('b'))).toBe('{ a: 1 }\n');
    expect(edited('{ a: 1, b: 2 }\n', remove('a'), remove('b'), set('c', 3))).toBe('{ c: 3 }\n');
  });

  it('leaves the comments between braces that are about others', () => {
    const text = '{\n  a: 1, # one\n  # about b\n  b: 2 # two\n}\n';

    expect(edited(text, remove('a'))).toBe('{\n   # one\n  # about b\n  b: 2 # two\n}\n');
    expect(edited(text, remove('b'))).toBe('{\n  a: 1, # one\n  # about b\n   # two\n}\n');
  });

  it('takes the first key of a map that begins behind a dash', () => {
    expect(edited('- a: 1\n  b: 2\n', remove('#0/a'))).toBe('- b: 2\n');
  });

  it('leaves an empty map when the last member goes', () => {
    expect(edited('a:\n  b: 1\nc: 2\n', remove('a/b'))).toBe('a: {}\nc: 2\n');
  });
});

describe('editYaml(), texts as they come', () => {
  it('keeps carriage returns and a byte order mark', () => {
    expect(edited('\uFEFFa: 1\r\nb:\r\n  c: 2\r\n', set('a', 5), set('b/d', { e: 3 }), remove('b/c'))).toBe(
      '\uFEFFa: 5\r\nb:\r\n  d:\r\n    e: 3\r\n',
    );
  });

  it('writes out an alias that is to say something else, and leaves the others', () => {
    expect(edited('a: &x { m: 1 }\nb: *x # same\nc: *x\n', set('b/m', 2))).toBe(
      'a: &x { m: 1 }\nb: # same\n  m: 2\nc: *x\n',
    );
  });

  it('writes out what is an alias of a value that changes or goes', () => {
    expect(edited('a: &x 1\nb: *x\nc: { d: *x }\n', set('a', 2))).toBe('a: &x 2\nb: 1\nc: { d: 1 }\n');
    expect(edited('a:\n  b: &x 1\n  e: 1\nc: *x\n', remove('a/b'))).toBe('a:\n  e: 1\nc: 1\n');
    expect(edited('a:\n  b: { d: &x 1 }\n  e: 1\nc: *x\n', remove('a/b'))).toBe('a:\n  e: 1\nc: 1\n');
  });

  it('leaves a text alone that says it already', () => {
    const text = 'a:  "1"   # x\n\n\n';

    expect(edited(text, set('a', '1'), remove('b'))).toBe(text);
  });

  it('takes away the last member of a map in braces with the comma behind it, where a comment keeps the one in front', () => {
    const text = 'm:\n  {\n    a: 1, # one\n    b: 2,\n  }\n';

    expect(edited(text, remove('m/b'))).toBe('m:\n  {\n    a: 1, # one\n    \n  }\n');
  });

  it('refuses what is not YAML, and what it would have to write anew', () => {
    expect(edited('a: [\n', set('a', 1))).toBe('refused');
    expect(edited('? a\n: 1\n', remove('a'), set('b', 1))).toBe('refused');
    expect(edited('? a\n: 1\nb: 2\n', remove('a'))).toBe('refused');
  });
});

describe('editYaml(), whatever is written and whatever is wanted', () => {
  it('says exactly that, and keeps every comment whose surroundings are still there', () => {
    const cases = fc
      .tuple(anyMap, anyMap)
      .chain(([before, after]) =>
        fc.record({ text: anyText(before), before: fc.constant(before), after: fc.constant(after) }),
      );

    fc.assert(
      fc.property(cases, ({ text, before, after }) => {
        fc.pre(parseYaml(text, '').kind === 'valid');

        const result = edited(text, ...computeEdits(before, after));

        const read = parseYaml(result, '');
        expect(read.kind === 'valid' && read.document.value).toEqual(after);
        for (const [comment, key = ''] of text.matchAll(/# above (.*?)(?=\r?$)/gm)) {
          const path = key.split('/');
          const isStillThere = path.every((_, length) =>
            [before, after].every((value) => isBranch(valueAt(value, path.slice(0, length)))),
          );
          if (isStillThere) expect(result).toContain(comment);
        }
        // What did not change stands as it stood, with what is beside it; a last member gets a comma when another one follows.
        const withoutComma = (words: string) => words.replaceAll(/,(?= *#)/g, '');
        for (const [line, key = ''] of text.matchAll(/^[^{\n]*?# beside (.*?)(?=\r?$)/gm)) {
          const [was, is] = [before, after].map((value) => valueAt(value, key.split('/')));
          if (was !== undefined && was === is) expect(withoutComma(result)).toContain(withoutComma(line));
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('computeEdits()', () => {
  it('turns any value into any other, edit by edit', () => {
    fc.assert(
      fc.property(anyMap, anyMap, (before, after) => {
        expect(computeEdits(before, after).reduce(applyEdit, before)).toEqual(after);
      }),
    );
  });

  it('takes __proto__ for a key like any other', () => {
    expect(Object.keys(applyEdit({ a: 1 }, set('__proto__', 2)) ?? {})).toEqual(['a', '__proto__']);
  });
});

const KEYS = ['a', 'b', 'c', 'swp1', 'swp2', 'swp10', '10', '20', 'swp1-4', 'on', 'x y'];
const LEAVES: readonly Json[] = [
  ...['on', 'off', '1500', 'a b', '2001:db8::1', 'it\'s "so"', '', 'x: y', 'l\nm\n'],
  ...[1500, true, null, {}, []],
];

const { map: anyMap } = fc.letrec<{ map: Json; node: Json }>((tie) => ({
  map: fc
    .dictionary(fc.constantFrom(...KEYS), tie('node'), { minKeys: 1, maxKeys: 6, noNullPrototype: true })
    .map((members): Json => members),
  node: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(...LEAVES),
    fc.array(fc.constantFrom<Json>('x', 1, 'on', { a: 1 }), { maxLength: 3 }),
    tie('map'),
  ),
}));

/** A value as somebody could have written it: styles, quotes, comments and blank lines by chance. */
function anyText(value: Json): fc.Arbitrary<string> {
  const dice = fc.infiniteStream(fc.integer({ min: 0, max: 99 }));
  return fc.tuple(dice, fc.constantFrom(2, 4), fc.boolean(), fc.boolean()).map(([stream, indent, indentSeq, crlf]) => {
    const roll = () => Number(stream.next().value);
    const document = new Document(value, { version: '1.2' });
    decorate(document.contents, [], roll);
    const text = document.toString({ indent, indentSeq, lineWidth: 0, flowCollectionPadding: roll() < 50 });
    return crlf ? text.replaceAll('\n', '\r\n') : text;
  });
}

/** @param path Absent inside a list: it is one value, so nobody promises comments in it anything. */
function decorate(node: unknown, path: readonly string[] | undefined, roll: () => number): void {
  if (isScalar(node) && typeof node.value === 'string') {
    const style = roll();
    if (style < 20) node.type = 'QUOTE_SINGLE';
    else if (style < 40) node.type = 'QUOTE_DOUBLE';
    else if (style < 45) node.type = 'BLOCK_LITERAL';
  }
  if (isSeq(node)) {
    if (roll() < 50) node.flow = true;
    for (const item of node.items) decorate(item, undefined, roll);
  }
  if (!isMap(node)) return;
  if (path?.length !== 0 && roll() < 20) node.flow = true;
  for (const { key, value } of node.items) {
    if (!isScalar(key)) continue;
    const here = path && [...path, String(key.value)];
    if (here && roll() < 30) key.commentBefore = ` above ${here.join('/')}`;
    if (roll() < 20) key.spaceBefore = true;
    if (here && isScalar(value) && roll() < 30) value.comment = ` beside ${here.join('/')}`;
    if (/^\d+$/.test(String(key.value)) && roll() < 50) key.type = 'QUOTE_SINGLE';
    decorate(value, here, roll);
  }
}
