import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutText } from '../../forge/cut-text.ts';

it('leaves alone what fits', () => {
  expect(cutText('abc', 3)).toBe('abc');
});

it('cuts so that it fits, keeps the beginning, and never leaves half a character', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 4, maxLength: 40 }),
      fc.integer({ min: 2, max: 20 }),
      (text, longest) => {
        fc.pre(text.length > longest);
        const cut = cutText(text, longest);

        expect(cut.length).toBeLessThanOrEqual(longest);
        expect(cut.length).toBeGreaterThanOrEqual(longest - 1);
        expect(cut.isWellFormed()).toBe(true);
        expect(cut.endsWith('…') && text.startsWith(cut.slice(0, -1))).toBe(true);
      },
    ),
  );
});
