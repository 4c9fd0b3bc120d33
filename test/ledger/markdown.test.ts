import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { code, duration, fenced, link, plain, someOf, table } from '../../ledger/markdown.ts';

describe('markdown', () => {
  it('plain() keeps any text inside its cell and its line', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const [, , row = ''] = table(['a', 'b'], [[plain(text), 'end']]).split('\n');
        const bars = row.match(/(?<!\\)(?:\\\\)*\|/g);

        expect(bars).toHaveLength(3);
        expect(table(['a'], [[plain(text)]]).split('\n')).toHaveLength(3);
      }),
    );
  });

  it.each([
    { text: 'a|b', shown: 'a\\|b' },
    { text: 'one\n  two', shown: 'one two' },
    { text: '<img src=x> & *bold*', shown: '&lt;img src=x&gt; &amp; \\*bold\\*' },
    { text: 'perform_backup', shown: 'perform_backup' },
    { text: '_sly_', shown: '\\_sly\\_' },
    { text: '[a](b)', shown: '\\[a\\](b)' },
    { text: 'back\\slash', shown: 'back\\\\slash' },
  ])('plain() shows $text as itself', ({ text, shown }) => {
    expect(plain(text)).toBe(shown);
  });

  it.each([
    { text: 'a', shown: '`a`' },
    { text: 'a`b', shown: '`` a`b ``' },
    { text: 'a|b', shown: '`a\\|b`' },
  ])('code() puts $text into a span it cannot leave', ({ text, shown }) => {
    expect(code(text)).toBe(shown);
  });

  it('fenced() holds lines that look like its own end', () => {
    expect(fenced('a\n````\nb\n')).toBe('`````text\na\n````\nb\n`````');
  });

  it('link() goes up from the page to the root', () => {
    expect(link('x', 'backups/a b.yaml', 'runs/2026/11/r')).toBe('[x](../../../../backups/a%20b.yaml)');
    expect(link('x', 'runs/r', '')).toBe('[x](runs/r)');
  });

  it.each([
    { milliseconds: 0, shown: 'under 1 s' },
    { milliseconds: 999.6, shown: '1 s' },
    { milliseconds: 200_000, shown: '3 min 20 s' },
    { milliseconds: 3_600_000, shown: '1 h' },
    { milliseconds: 90_000_000, shown: '1 d 1 h' },
    { milliseconds: 86_400_000 + 59_000, shown: '1 d' },
    { milliseconds: -5000, shown: 'under 1 s' },
  ])('duration() says $shown', ({ milliseconds, shown }) => {
    expect(duration(milliseconds)).toBe(shown);
  });

  it('someOf() names a few and counts the rest', () => {
    expect(someOf(['a', 'b', 'c'])).toBe('a, b, c');
    expect(someOf(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
  });
});
