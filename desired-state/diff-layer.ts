import { isTree, type Leaf, type Tree } from '../schemas/json.ts';
import { sameNode } from './same-node.ts';

/**
 * The smallest layer that turns `below` into `target`: `mergeTrees(below, diffLayer(below, target))` is `target`, for all
 * trees without `null`. What only `below` has is removed with `null`, at its top.
 *
 * @returns Empty when the two are equal.
 */
export function diffLayer(below: Tree, target: Tree): Tree {
  const layer: [string, Leaf | Tree][] = [];
  for (const [key, value] of Object.entries(target)) {
    const under = Object.hasOwn(below, key) ? below[key] : undefined;
    if (under === undefined) layer.push([key, value]);
    else if (isTree(under) && isTree(value)) {
      const inside = diffLayer(under, value);
      if (Object.keys(inside).length > 0) layer.push([key, inside]);
    } else if (!sameNode(under, value)) layer.push([key, value]);
  }
  for (const key of Object.keys(below)) if (!Object.hasOwn(target, key)) layer.push([key, null]);
  return Object.fromEntries(layer);
}
