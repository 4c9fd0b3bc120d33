import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChanges, computeChanges } from '../../plans/compute-changes.ts';
import { canonicalLeaf, sameLeaf } from '../../plans/same-leaf.ts';
import type { Tree } from '../../schemas/json.ts';
import { anyTree, reordered, set, unset } from './build.ts';

describe('computeChanges()', () => {
  it.each<{ what: string; intended: Tree; running: Tree; changes: unknown }>([
    { what: 'sets a leaf that is missing', intended: { a: { b: 1 } }, running: {}, changes: [set('a b', 1)] },
    { what: 'unsets a leaf nobody wrote', intended: {}, running: { a: { b: 1 } }, changes: [unset('a b', 1)] },
    { what: 'names the value that goes', intended: { a: 'x' }, running: { a: 'y' }, changes: [set('a', 'x', 'y')] },
    { what: 'takes 9000 and "9000" for one value', intended: { mtu: 9000 }, running: { mtu: '9000' }, changes: [] },
    {
      what: 'does not take "on" for true',
      intended: { a: 'true' },
      running: { a: true },
      changes: [set('a', 'true', true)],
    },
    {
      what: 'takes a list for one value',
      intended: { l: [1, 2] },
      running: { l: [2, 1] },
      changes: [set('l', [1, 2], [2, 1])],
    },
    {
      what: 'compares numbers in lists by meaning',
      intended: { l: [1, 'a'] },
      running: { l: ['1', 'a'] },
      changes: [],
    },
    {
      what: 'tells an empty map from an absent one',
      intended: { v: { 10: {} } },
      running: {},
      changes: [set('v 10', {})],
    },
    {
      what: 'tells an absent map from an empty one',
      intended: {},
      running: { v: { 10: {} } },
      changes: [unset('v 10', {})],
    },
    {
      what: 'only sets below an empty map that grows',
      intended: { v: { 10: { x: 1 } } },
      running: { v: { 10: {} } },
      changes: [set('v 10 x', 1)],
    },
    {
      what: 'says that a map stays behind empty',
      intended: { v: { 10: {} } },
      running: { v: { 10: { x: 1 } } },
      changes: [set('v 10', {}), unset('v 10 x', 1)],
    },
    {
      what: 'unsets a value before it sets something below it',
      intended: { a: { b: 1 } },
      running: { a: 'old' },
      changes: [unset('a', 'old'), set('a b', 1)],
    },
    {
      what: 'counts ports as people do',
      intended: { swp10: 1, swp9: 1, swp1: 1 },
      running: {},
      changes: [set('swp1', 1), set('swp9', 1), set('swp10', 1)],
    },
    {
      what: 'takes inherited names for what they are in a configuration',
      intended: { constructor: { x: 1 } },
      running: {},
      changes: [set('constructor x', 1)],
    },
  ])('$what', ({ intended, running, changes }) => {
    expect(computeChanges(intended, running)).toEqual(changes);
  });

  it('gives changes that, applied to one tree, make it mean the other', () => {
    fc.assert(
      fc.property(anyTree, anyTree, (intended, running) => {
        const result = applyChanges(computeChanges(intended, running), running);

        expect(computeChanges(intended, result)).toEqual([]);
        expect(computeChanges(result, intended)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('finds no change in a tree whose keys are ordered and whose numbers are quoted otherwise', () => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        expect(computeChanges(reordered(tree), tree)).toEqual([]);
      }),
    );
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(anyTree, anyTree, (intended, running) => {
        const paths = (a: Tree, b: Tree) => computeChanges(a, b).map(({ kind, path }) => [kind, ...path]);

        expect(paths(reordered(intended), reordered(running))).toEqual(paths(intended, running));
      }),
    );
  });

  it('names no path twice', () => {
    fc.assert(
      fc.property(anyTree, anyTree, (intended, running) => {
        const paths = computeChanges(intended, running).map(({ path }) => JSON.stringify(path));

        expect(new Set(paths).size).toBe(paths.length);
      }),
    );
  });

  it('gives changes that change nothing when applied again', () => {
    fc.assert(
      fc.property(anyTree, anyTree, (intended, running) => {
        const changes = computeChanges(intended, running);
        const once = applyChanges(changes, running);

        expect(applyChanges(changes, once)).toEqual(once);
      }),
    );
  });
});

it('canonicalLeaf() gives one value exactly where sameLeaf() says that two leaves are the same', () => {
  const leaf = fc.oneof(
    fc.integer({ min: 0, max: 3 }),
    fc.constantFrom('0', '1', '01', 'x', true, null),
    fc.array(fc.constantFrom(1, '1', 2), { maxLength: 2 }),
  );
  fc.assert(
    fc.property(leaf, leaf, (a, b) => {
      expect(sameLeaf(a, b)).toBe(JSON.stringify(canonicalLeaf(a)) === JSON.stringify(canonicalLeaf(b)));
    }),
  );
});
