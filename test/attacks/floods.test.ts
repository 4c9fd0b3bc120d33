import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { takeFairly } from '../../reconciler/commands/take-fairly.ts';
import { createJourney, type Journey } from '../support/journey.ts';

let journey: Journey | undefined;
afterEach(() => journey?.close());

const from = (author: string, id: number) => ({ comment: { author, id } });

describe('a flood of commands', () => {
  it('does not keep the word of anybody else from being heard in the same pass', async () => {
    journey = await createJourney();
    const { github } = journey.world;
    const number = await journey.open(journey.stories.ntpOnOneLeaf);
    for (let count = 0; count < 40; count++) await github.as('eve').comment(number, '/pointsman help');
    await github.as('dora').comment(number, '/pointsman help');

    await journey.reconcile();

    const replies = github.comments(number).filter(({ author }) => author === 'pointsman[bot]');
    expect(replies.some(({ body }) => body.includes('asked by `dora`'))).toBe(true);
    expect(replies.filter(({ body }) => body.includes('asked by `eve`')).length).toBeLessThan(20);
  }, 300_000);

  it('changes nothing about the order of what is taken, nor about what fits anyway', () => {
    const someAsked = fc
      .array(fc.constantFrom('ada', 'bea', 'Bea', 'eve'), { maxLength: 60 })
      .map((authors) => authors.map((author, id) => from(author, id)));
    fc.assert(
      fc.property(someAsked, fc.integer({ min: 1, max: 30 }), (asked, most) => {
        const taken = takeFairly(asked, most);
        const ids = taken.map(({ comment }) => comment.id);

        expect(taken).toHaveLength(Math.min(most, asked.length));
        expect(ids).toEqual(ids.toSorted((a, b) => a - b));
        if (asked.length <= most) expect(taken).toEqual(asked);
      }),
    );
  });
});
