import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareNaturally, comparePaths } from '../../plans/natural-order.ts';

const name = fc
  .array(fc.constantFrom('swp', '0', '1', '9', '10', 's', '-', 'é'), { maxLength: 4 })
  .map((parts) => parts.join(''));

it('compareNaturally() counts as people do', () => {
  const sorted = ['leaf-1', 'leaf-01', 'leaf-2', 'leaf-10', 'leaf-10b', 'leaf-9', 'swp1s2', 'swp1s10'].sort(
    compareNaturally,
  );

  expect(sorted).toEqual(['leaf-01', 'leaf-1', 'leaf-2', 'leaf-9', 'leaf-10', 'leaf-10b', 'swp1s2', 'swp1s10']);
});

it('compareNaturally() orders numbers longer than JavaScript can hold', () => {
  expect(compareNaturally('900719925474099301', '900719925474099300')).toBeGreaterThan(0);
});

it('compareNaturally() is a total order: sorting gives one result from any start', () => {
  fc.assert(
    fc.property(fc.array(name, { maxLength: 8 }), (names) => {
      expect([...names].reverse().sort(compareNaturally)).toEqual([...names].sort(compareNaturally));
    }),
    { numRuns: 2_000 },
  );
});

it('compareNaturally() calls only equal texts equal', () => {
  fc.assert(
    fc.property(name, name, (a, b) => {
      expect(compareNaturally(a, b) === 0).toBe(a === b);
    }),
  );
});

it('comparePaths() puts a node before what lies below it', () => {
  const paths = [['a', 'b', 'c'], ['a', 'b'], ['a10'], ['a9', 'z'], ['a']].sort(comparePaths);

  expect(paths).toEqual([['a'], ['a', 'b'], ['a', 'b', 'c'], ['a9', 'z'], ['a10']]);
});
