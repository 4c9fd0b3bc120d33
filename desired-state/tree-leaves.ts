import { isBranch, type Leaf, type Tree, type TreePath } from '../schemas/json.ts';

/** One end of a tree. An empty map is one. */
export interface TreeLeaf {
  readonly path: TreePath;
  readonly value: Leaf;
}

/** Every end of a tree, in tree order. */
export function leavesOf(tree: Tree): readonly TreeLeaf[] {
  const found: TreeLeaf[] = [];
  const visit = (node: Tree, path: TreePath): void => {
    for (const [key, value] of Object.entries(node)) {
      const here = [...path, key];
      if (isBranch(value)) visit(value, here);
      else found.push({ path: here, value: value as Leaf });
    }
  };
  visit(tree, []);
  return found;
}

/** The tree that has these ends and no others. Where two stand in each other's way, the first stays. */
export function treeOf(leaves: readonly TreeLeaf[]): Tree {
  const root: Working = new Map();
  for (const { path, value } of leaves) put(root, path, value);
  return freeze(root);
}

/** Maps, because assigning to `__proto__` of an object does something else. */
type Working = Map<string, Working | { readonly leaf: Leaf }>;

function put(root: Working, path: TreePath, value: Leaf): void {
  let node = root;
  for (const key of path.slice(0, -1)) {
    const below = node.get(key) ?? new Map<string, never>();
    if (!(below instanceof Map)) return;
    node.set(key, below);
    node = below as Working;
  }
  const last = path.at(-1);
  if (last !== undefined && !node.has(last)) node.set(last, { leaf: value });
}

function freeze(working: Working): Tree {
  return Object.fromEntries(
    [...working].map(([key, node]): [string, Leaf | Tree] => [key, node instanceof Map ? freeze(node) : node.leaf]),
  );
}
