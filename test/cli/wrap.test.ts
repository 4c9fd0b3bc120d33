import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columns, cut, LINE_WIDTH, wrap } from '../../cli/wrap.ts';

describe('wrap()', () => {
  it('keeps all words in their order, on lines that fit unless one word does not', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '-', '/'), minLength: 1, maxLength: 130, size: 'max' });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), (words) => {
        const lines = wrap(words.join(' '), '- ');

        expect(lines.map((line) => line.slice(2)).join(' ')).toBe(words.join(' '));
        for (const line of lines) expect(line.length <= LINE_WIDTH || !line.slice(2).includes(' '), line).toBe(true);
      }),
    );
  });

  it('begins with what it is told, and indents what follows as far', () => {
    expect(wrap('one two three', '- ', 8)).toEqual(['- one', '  two', '  three']);
  });

  it('gives one line for no word', () => {
    expect(wrap('', '- ')).toEqual(['-']);
  });
});

describe('columns()', () => {
  it('makes columns as wide as their widest cell, and wraps the last one below itself', () => {
    const long = 'word '.repeat(30).trim();

    const lines = columns([
      ['a', 'bb', 'short'],
      ['aaa', '', long],
    ]);

    expect(lines[0]).toBe('a    bb  short');
    expect(lines[1]?.startsWith('aaa      word word')).toBe(true);
    expect(lines[2]?.startsWith('         word')).toBe(true);
    expect(lines.length).toBe(3);
  });

  it('is nothing for no row', () => {
    expect(columns([])).toEqual([]);
  });
});

it('cut() says that there was more', () => {
  expect([cut('12345', 5), cut('123456', 5)]).toEqual(['12345', '1234…']);
});
