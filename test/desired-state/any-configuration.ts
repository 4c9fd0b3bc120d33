import fc from 'fast-check';
import type { Leaf, Tree } from '../../schemas/json.ts';

/** Keys that are numbered, that only look it, and that say nothing. Few, so that trees have much in common. */
const KEYS = [
  ...['interface', 'vlan', 'vrf', 'acl', 'neighbor', 'a', 'b', 'constructor', 'true', '1.1.1.1/32', 'br_default'],
  ...[
    'swp1',
    'swp2',
    'swp3',
    'swp10',
    'swp1s0',
    'swp1s1',
    'bond1',
    'bond2',
    'leaf1',
    'leaf2',
    '1',
    '2',
    '3',
    '07',
    '10',
  ],
];

const anyLeaf = (withNull: boolean): fc.Arbitrary<Leaf> =>
  fc.constantFrom<Leaf>('on', 'off', 9216, '9216', true, {}, [1, 'a'], ...(withNull ? [null] : []));

/** A configuration tree as switches have them: ranges expanded. @param withNull As layers have them, with removals. */
export function anyConfiguration(withNull = false): fc.Arbitrary<Tree> {
  const { tree } = fc.letrec<{ tree: Tree; node: Leaf | Tree }>((tie) => ({
    tree: fc.dictionary(fc.constantFrom(...KEYS), tie('node'), { maxKeys: 8, noNullPrototype: true }),
    node: fc.oneof({ depthSize: 'small' }, anyLeaf(withNull), tie('tree')),
  }));
  return tree;
}
