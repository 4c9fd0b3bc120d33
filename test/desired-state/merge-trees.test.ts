import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeTrees, withoutNulls } from '../../desired-state/merge-trees.ts';
import type { Tree } from '../../schemas/json.ts';

describe('mergeTrees()', () => {
  it.each([
    { case: 'maps merge', below: { a: { b: 1 } }, above: { a: { c: 2 } }, merged: { a: { b: 1, c: 2 } } },
    { case: 'the later leaf wins', below: { a: 1 }, above: { a: 2 }, merged: { a: 2 } },
    { case: 'lists are replaced whole', below: { a: [1, 2] }, above: { a: [3] }, merged: { a: [3] } },
    { case: 'null removes a branch', below: { a: { b: 1 }, c: 1 }, above: { a: null }, merged: { c: 1 } },
    { case: 'null for what is not there is nothing', below: {}, above: { a: null, b: { c: null } }, merged: { b: {} } },
    {
      case: 'an empty map leaves a branch as it is',
      below: { a: { b: 1 } },
      above: { a: {} },
      merged: { a: { b: 1 } },
    },
    { case: 'an empty map takes the place of a leaf', below: { a: 1 }, above: { a: {} }, merged: { a: {} } },
    { case: 'a branch takes the place of a leaf', below: { a: 1 }, above: { a: { b: 2 } }, merged: { a: { b: 2 } } },
    {
      case: 'names of Object.prototype are names',
      below: {},
      above: { constructor: { toString: 1 } },
      merged: { constructor: { toString: 1 } },
    },
  ] as readonly { case: string; below: Tree; above: Tree; merged: Tree }[])('$case', ({ below, above, merged }) => {
    expect(mergeTrees(below, above)).toEqual(merged);
  });

  it('changes none of its inputs', () => {
    fc.assert(
      fc.property(tree, tree, (below, above) => {
        const before = JSON.stringify([below, above]);
        mergeTrees(withoutNulls(below), above);
        expect(JSON.stringify([below, above])).toBe(before);
      }),
    );
  });

  it('changes nothing when the same layer is laid on twice', () => {
    fc.assert(
      fc.property(tree, tree, (below, above) => {
        const once = mergeTrees(withoutNulls(below), above);
        expect(mergeTrees(once, above)).toEqual(once);
      }),
    );
  });

  it('leaves no null in any result', () => {
    fc.assert(
      fc.property(tree, tree, (below, above) => {
        expect(JSON.stringify(mergeTrees(withoutNulls(below), above))).not.toContain('null');
      }),
    );
  });

  it('shares what the upper layer does not touch', () => {
    const below = { big: { deep: { leaf: 1 } }, other: 1 };

    expect(mergeTrees(below, { other: 2 })['big']).toBe(below.big);
  });
});

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.dictionary(
    fc.constantFrom('a', 'b', 'c', '10'),
    fc.oneof({ maxDepth: 3 }, fc.integer({ min: 0, max: 3 }), fc.constant(null), fc.constant([1]), tie('tree')),
    { noNullPrototype: true },
  ) as fc.Arbitrary<Tree>,
}));
