import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeDifferences, withDifferences } from '../../desired-state/running-difference.ts';
import { anyConfiguration } from './any-configuration.ts';

describe('computeDifferences()', () => {
  it('tells leaf by leaf what runs, and what is lacking by its path alone', () => {
    const intended = { a: { b: 1, c: 2 }, d: { e: 3 } };

    expect(computeDifferences(intended, { a: { b: 5, c: 2, x: { y: 6 } } })).toEqual([
      { path: ['a', 'b'], to: 5 },
      { path: ['a', 'x', 'y'], to: 6 },
      { path: ['d', 'e'] },
    ]);
  });

  it('tells a map that lost its last leaf from one that is gone', () => {
    expect(computeDifferences({ a: { b: 1 } }, { a: {} })).toEqual([{ path: ['a', 'b'] }, { path: ['a'], to: {} }]);
    expect(computeDifferences({ a: { b: 1 } }, {})).toEqual([{ path: ['a', 'b'] }]);
  });

  it('passes over what means the same', () => {
    const same = (a: unknown, b: unknown) => String(a) === String(b);

    expect(computeDifferences({ a: 1500, b: 1 }, { a: '1500', b: '2' }, same)).toEqual([{ path: ['b'], to: '2' }]);
  });

  it('is undone by withDifferences(), for all configurations', () => {
    fc.assert(
      fc.property(anyConfiguration(), anyConfiguration(), (intended, running) => {
        expect(withDifferences(intended, computeDifferences(intended, running))).toEqual(running);
      }),
      { numRuns: 500 },
    );
  });
});

describe('withDifferences()', () => {
  it('takes a tree for all that stands at its path', () => {
    expect(withDifferences({ a: { b: 1, c: 2 } }, [{ path: ['a'], to: { c: 3 } }])).toEqual({ a: { c: 3 } });
  });

  it('takes a map away with its last leaf, and those above it', () => {
    expect(withDifferences({ a: { b: { c: 1 } }, d: 2 }, [{ path: ['a', 'b', 'c'] }])).toEqual({ d: 2 });
  });

  it('takes what is lacking away before it puts something there, in whatever order they are told', () => {
    expect(withDifferences({ a: 1 }, [{ path: ['a', 'b'], to: 2 }, { path: ['a'] }])).toEqual({ a: { b: 2 } });
    expect(
      withDifferences({}, [
        { path: ['a', 'b'], to: 2 },
        { path: ['a'], to: { c: 3 } },
      ]),
    ).toEqual({ a: { c: 3, b: 2 } });
  });

  it('leaves the tree alone where nothing is lacking', () => {
    const tree = { a: { b: 1 } };

    expect(withDifferences(tree, [{ path: ['a', 'x'] }, { path: ['a', 'b', 'c'] }])).toBe(tree);
  });
});
