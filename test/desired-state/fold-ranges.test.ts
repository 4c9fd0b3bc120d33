import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldRanges } from '../../desired-state/fold-ranges.ts';
import type { Tree } from '../../schemas/json.ts';
import { expandRanges } from '../../schemas/ranges.ts';
import { anyConfiguration } from './any-configuration.ts';

const ports = (numbers: readonly number[], node: (number: number) => Tree): Tree =>
  Object.fromEntries(numbers.map((number) => [`swp${number}`, node(number)]));

describe('foldRanges()', () => {
  it.each<{ what: string; tree: Tree; folded: Tree }>([
    {
      what: 'writes ports that are alike once',
      tree: { interface: ports([1, 2, 3, 4], () => ({ type: 'swp' })) },
      folded: { interface: { 'swp1-4': { type: 'swp' } } },
    },
    {
      what: 'lists those that do not follow each other',
      tree: { interface: ports([1, 2, 7, 9], () => ({ type: 'swp' })) },
      folded: { interface: { 'swp1-2,swp7,swp9': { type: 'swp' } } },
    },
    {
      what: 'takes out what ports share, and leaves each its own',
      tree: {
        interface: ports([1, 2, 3], (number) => ({
          type: 'swp',
          link: { mtu: 9216 },
          description: `to leaf ${number}`,
        })),
      },
      folded: {
        interface: {
          'swp1-3': { type: 'swp', link: { mtu: 9216 } },
          swp1: { description: 'to leaf 1' },
          swp2: { description: 'to leaf 2' },
          swp3: { description: 'to leaf 3' },
        },
      },
    },
    {
      what: 'folds what stands below a range as well',
      tree: { interface: ports([1, 2], () => ({ bridge: { vlan: { 10: {}, 11: {}, 20: {} } } })) },
      folded: { interface: { 'swp1-2': { bridge: { vlan: { '10-11,20': {} } } } } },
    },
    {
      what: 'leaves names alone that only look numbered',
      tree: { vrf: { blue1: { table: 'auto' }, blue2: { table: 'auto' } } },
      folded: { vrf: { blue1: { table: 'auto' }, blue2: { table: 'auto' } } },
    },
    {
      what: 'leaves names alone that only look numbered, also where they share something',
      tree: { vrf: { blue1: { a: 1, b: 1, c: 1, d: 1, e: 1 }, blue2: { a: 1, b: 1, c: 1, d: 1, e: 2 } } },
      folded: { vrf: { blue1: { a: 1, b: 1, c: 1, d: 1, e: 1 }, blue2: { a: 1, b: 1, c: 1, d: 1, e: 2 } } },
    },
    {
      what: 'folds removals',
      tree: { interface: { swp1: null, swp2: null } },
      folded: { interface: { 'swp1-2': null } },
    },
  ])('$what', ({ tree, folded }) => {
    expect(foldRanges(tree)).toEqual(folded);
  });

  it('takes several keys for ports too scattered for one, and loses none of what they share', () => {
    const scattered = Array.from({ length: 100 }, (_, index) => 2 * index + 1);
    const tree = {
      interface: ports(scattered, (number) => ({ type: 'swp', link: { mtu: 9216 }, description: `port ${number}` })),
      vlan: Object.fromEntries(Array.from({ length: 6_000 }, (_, index) => [String(index), { vni: 'auto' }])),
    };

    const folded = foldRanges(tree);

    expect(expandRanges(folded)).toEqual(tree);
    const longest = Math.max(...Object.keys(folded['interface'] as Tree).map(({ length }) => length));
    expect(longest).toBeGreaterThan(100);
    expect(longest).toBeLessThanOrEqual(120);
  });

  it('is undone by expandRanges, for every tree', () => {
    fc.assert(
      fc.property(anyConfiguration(true), (tree) => {
        expect(expandRanges(foldRanges(tree))).toEqual(tree);
      }),
      { numRuns: 500 },
    );
  });
});
