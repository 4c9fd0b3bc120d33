import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffTrees, equal, mergePatch, shareWith } from '../../../sandbox/switches/tree.ts';
import { isTree, type Leaf, type Tree } from '../../../schemas/json.ts';

const leaf: fc.Arbitrary<Leaf> = fc.oneof(fc.boolean(), fc.integer(), fc.string({ maxLength: 3 }), fc.constant({}));
const key = fc.constantFrom('a', 'b', 'c', 'swp1', '10');

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.dictionary(key, fc.oneof({ maxDepth: 4 }, leaf, tie('tree')), { maxKeys: 4 }),
})).tree;

/** RFC 7396 §2, read off the page; the emulator's own shares objects and so looks different. */
function rfc7396(target: unknown, patch: unknown): unknown {
  if (!isTree(patch)) return patch;
  const result: Record<string, unknown> = isTree(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = rfc7396(result[name], value);
  }
  return result;
}

const withNulls = fc.letrec<{ patch: Tree }>((tie) => ({
  patch: fc.dictionary(key, fc.oneof({ maxDepth: 4 }, leaf, fc.constant(null), tie('patch')), { maxKeys: 4 }),
})).patch;

describe('merge-patches of a switch', () => {
  it('do what RFC 7396 says', () => {
    fc.assert(
      fc.property(tree, withNulls, (base, patch) => {
        expect(mergePatch(base, patch)).toEqual(rfc7396(base, patch));
      }),
    );
  });

  it('never touch what they are applied to', () => {
    fc.assert(
      fc.property(tree, withNulls, (base, patch) => {
        const before = structuredClone(base);
        mergePatch(base, patch);
        expect(base).toEqual(before);
      }),
    );
  });

  it('give back the very same object when they change nothing', () => {
    fc.assert(fc.property(tree, (base) => mergePatch(base, structuredClone(base)) === base));
  });
});

describe('the difference a switch accounts for', () => {
  it('turns the base into the target when it is applied to it', () => {
    fc.assert(
      fc.property(tree, tree, (base, target) => {
        expect(mergePatch(base, diffTrees(base, target))).toEqual(target);
      }),
    );
  });

  it('is empty for equal trees only', () => {
    fc.assert(
      fc.property(tree, tree, (base, target) => {
        expect(Object.keys(diffTrees(base, target)).length === 0).toBe(equal(base, target));
      }),
    );
  });
});

describe('sharing with a known tree', () => {
  it('changes nothing but identity', () => {
    fc.assert(
      fc.property(tree, tree, (known, fresh) => {
        expect(shareWith(structuredClone(fresh), known)).toEqual(fresh);
        expect(shareWith(structuredClone(known), known)).toBe(known);
      }),
    );
  });
});
