import type { Tree } from '../../schemas/json.ts';
import { nodeAt } from './tree.ts';

/**
 * What the two switches of an MLAG pair have in common: the system MAC address both show to their neighbours.
 *
 * Source: NVUE reference, `nv set mlag mac-address` (the same on both peers; `auto` is none that could be compared).
 */
export function redundancyKeys(tree: Tree): readonly string[] {
  const address = nodeAt(tree, ['mlag', 'mac-address']);
  return typeof address === 'string' && address !== 'auto' ? [`mlag ${address.toLowerCase()}`] : [];
}
