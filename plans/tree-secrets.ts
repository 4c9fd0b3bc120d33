import type { Leaf, Tree, TreePath } from '../schemas/json.ts';
import { compareNaturally } from './natural-order.ts';

/** The keys of two maps, sorted where only one has them. */
export function splitKeys(intended: Tree, running: Tree) {
  return {
    same: Object.keys(intended).filter((key) => Object.hasOwn(running, key)),
    onlyIntended: Object.keys(intended)
      .filter((key) => !Object.hasOwn(running, key))
      .sort(compareNaturally),
    onlyRunning: Object.keys(running)
      .filter((key) => !Object.hasOwn(intended, key))
      .sort(compareNaturally),
  };
}

/** The text of a leaf that can be a secret as a whole. */
export function secretText(node: Leaf | Tree | undefined): string | undefined {
  if (typeof node === 'string') return node;
  return typeof node === 'number' ? String(node) : undefined;
}

/** Names the leaf at a masked path: a JSON pointer (RFC 6901). */
export function valuePointer(path: TreePath): string {
  return path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Names the last key of a masked path itself, with the `#` that relative JSON pointers use for it. */
export function keyPointer(path: TreePath): string {
  return `${valuePointer(path)}#`;
}
