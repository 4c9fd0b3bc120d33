import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cellCode,
  cellProse,
  code,
  cutMiddle,
  fenced,
  htmlCode,
  link,
  prose,
  showsInvisible,
  visible,
} from '../../plans/safe-text.ts';

/** What a forge would act on, or what would break out of its place. */
const hostile = [
  '@octocat please look',
  '#123',
  'GH-123',
  'acme/fleet#12',
  'fixes #1',
  'https://evil.example/x',
  'www.evil.example',
  '![x](https://evil.example/pixel.png)',
  '[approve](https://evil.example)',
  '<img src=x onerror=alert(1)>',
  '</details></summary><h1>Approved',
  '<!-- pointsman:plan v1 pr=1 digest=p1:0 -->',
  '```\n## Approved\n```',
  '`` ` ```` `',
  '| a | b |',
  'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334',
  ':shipit:',
  '**bold** _it_ ~~gone~~ $x$',
  'line one\n\n# heading',
  '&lt;b&gt; &#64;octocat',
  'mail@evil.example',
  '\\`escape\\`',
];

const invisible = [
  '\u202e',
  '\u2066',
  '\u200b',
  '\u200d',
  '\ufeff',
  '\u00ad',
  '\u0000',
  '\u001b',
  '\u0085',
  '\u2028',
  '\u3164',
  '\u034f',
  '\ufe0f',
  '\u{e0041}',
  '\ud800',
  '\u00a0',
];

describe('visible()', () => {
  it.each(invisible.map((character) => ({ character, point: character.codePointAt(0)?.toString(16) })))(
    'shows U+$point by its number',
    ({ character }) => {
      const shown = visible(`a${character}b`);

      expect(shown).toMatch(/^a⟨U\+[0-9A-F]{4,5}⟩b$/);
      expect(showsInvisible(shown)).toBe(true);
    },
  );

  it('leaves what can be seen alone', () => {
    expect(visible('leaf-01 é ü 漢 😀 «secret» a b')).toBe('leaf-01 é ü 漢 😀 «secret» a b');
  });
});

describe('code()', () => {
  it('cannot be ended by what is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', 'a', ' ', '\n', '|', '\\', '<') }), (text) => {
        const span = code(text);
        const fence = /^`+/.exec(span)?.[0] ?? '';
        const inside = span.slice(fence.length, -fence.length);

        expect(span.endsWith(fence)).toBe(true);
        expect(inside.match(/`+/g)?.every((run) => run.length !== fence.length) ?? true).toBe(true);
        expect(inside.startsWith('`') || inside.endsWith('`') || inside === '').toBe(false);
        expect(span).not.toContain('\n');
      }),
    );
  });

  it('shows text as it is', () => {
    expect(code('acme/fleet#12 @x')).toBe('`acme/fleet#12 @x`');
  });
});

describe('prose()', () => {
  it.each([
    ['no connection to leaf-44: connection refused', 'no connection to leaf-44: connection refused'],
    ['runs 5.11.1, its image says 5.12.0', 'runs 5.11.1, its image says 5.12.0'],
    ['the switch’s own words (twice), then nothing.', 'the switch’s own words (twice), then nothing.'],
    ['ask @org/noc about #12 now', 'ask `@org/noc` about `#12` now'],
    ['see https://x.example/a b', 'see `https://x.example/a` b'],
    ['two *bad* _words_ here', 'two `*bad* _words_` here'],
    ['change `serial` in `a`, then go on', 'change `serial` in `a`, then go on'],
    ['a mark ` alone and ``two`` of them', 'a mark `` ` `` alone and ``` ``two`` ``` of them'],
  ])('keeps plain words bare and puts others in code: %s', (text, expected) => {
    expect(prose(text)).toBe(expected);
  });

  it.each(hostile)('leaves nothing a forge acts on outside code: %s', (text) => {
    expectInert(prose(`before ${text} after`));
    expectInert(cellProse(`before ${text} after`));
  });

  it('leaves nothing a forge acts on outside code, whatever the text', () => {
    const piece = fc.oneof(fc.constantFrom(...hostile, ...invisible), fc.string({ unit: 'binary', maxLength: 5 }));
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join(' ')),
        (text) => {
          expectInert(prose(text));
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** Outside code spans only words, digits and harmless punctuation are left. */
function expectInert(markdown: string): void {
  const outside = withoutCode(markdown);

  expect(outside).not.toMatch(/[@#<>[\]*_~|\\&$!`\n\r]|:\S|www\.|gh-\d/i);
  expect(outside).not.toMatch(/(?<![\p{L}\d])[0-9a-f]{7,40}(?![\p{L}\d])/iu);
  expect(markdown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
}

function withoutCode(markdown: string): string {
  return markdown.replace(/(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)/gs, '');
}

it.each(hostile)('cellCode() stays in its cell: %s', (text) => {
  expect(cellCode(text)).not.toContain('|');
  expect(withoutCode(cellCode(text))).toBe('');
});

it.each(hostile)('fenced() holds it: %s', (text) => {
  const [open = '', ...rest] = fenced('diff', ['+ set a', ...text.split('\n'), text]);
  const close = rest.pop() ?? '';

  expect(open).toBe(`${close}diff`);
  expect(rest.filter((line) => line.includes(close))).toEqual([]);
  expect(rest.filter((line) => /[\n\r]/.test(line))).toEqual([]);
});

it.each(hostile)('htmlCode() holds no markup: %s', (text) => {
  expect(htmlCode(text).slice('<code>'.length, -'</code>'.length)).not.toMatch(/[<>"'`\n]|&(?!#\d+;)/);
});

describe('link()', () => {
  it('links to where the forge says', () => {
    expect(link('full plan', 'https://github.com/acme/fleet/blob/pointsman/ledger/a(b).md')).toBe(
      '[full plan](<https://github.com/acme/fleet/blob/pointsman/ledger/a(b).md>)',
    );
  });

  it.each(['javascript:alert(1)', 'https://', 'data:text/html,x', ''])('does not link %j', (url) => {
    expect(link('full plan', url)).toBe('full plan');
  });

  it('cannot be ended by the address', () => {
    expect(link('x', 'https://h/a> [y](https://evil)')).toMatch(/^\[x\]\(<[^<>\s]+>\)$/);
  });
});

describe('cutMiddle()', () => {
  it('says how much is missing, and where', () => {
    expect(cutMiddle('a'.repeat(50) + 'z'.repeat(50), 20)).toBe('aaaaaaaaaaaaaa … 80 characters left out … zzzzzz');
  });

  it('measures text as it will be shown', () => {
    expect(cutMiddle('\u202e'.repeat(1_000), 20).length).toBeLessThan(60);
  });
});
