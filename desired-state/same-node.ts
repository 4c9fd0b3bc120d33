import { isDeepStrictEqual } from 'node:util';
import type { Leaf, Tree } from '../schemas/json.ts';

/** Equal to the letter: `10` and `"10"` are two things here, because what is written has to read back as it was. */
export function sameNode(a: Leaf | Tree, b: Leaf | Tree): boolean {
  return a === b || isDeepStrictEqual(a, b);
}
