import { isTree, type Leaf, type Tree } from '../../schemas/json.ts';
import { expandRanges } from '../../schemas/ranges.ts';
import { IMPLIED_TYPES, LEAF_ALIASES } from './facts.ts';

/**
 * The one form in which configurations are compared and sent, whoever wrote them: ranges expanded, `header` dropped, the
 * words of other releases replaced, and the interface `type` that a name implies written out, since switches add it by
 * themselves and people leave it out.
 *
 * Idempotent.
 */
export function normaliseTree(tree: Tree): Tree {
  const { header: _volatile, ...configuration } = tree;
  return addImpliedTypes(resolveAliases(expandRanges(configuration)));
}

function addImpliedTypes(tree: Tree): Tree {
  return overInterfaces(tree, (name, node) => {
    if ('type' in node) return node;
    const type = IMPLIED_TYPES.find((implied) => implied.name.test(name))?.type;
    return type === undefined ? node : { ...node, type };
  });
}

function overInterfaces(tree: Tree, change: (name: string, node: Tree) => Tree): Tree {
  const interfaces = tree['interface'];
  if (!isTree(interfaces)) return tree;
  const changed = withMembers(interfaces, (name, node) => (isTree(node) ? change(name, node) : node));
  return changed === interfaces ? tree : { ...tree, interface: changed };
}

function resolveAliases(tree: Tree): Tree {
  return withMembers(tree, resolve);
}

function resolve(key: string, value: Leaf | Tree): Leaf | Tree {
  if (isTree(value)) return resolveAliases(value);
  const words = Object.hasOwn(LEAF_ALIASES, key) ? LEAF_ALIASES[key] : undefined;
  return typeof value === 'string' && words && Object.hasOwn(words, value) ? (words[value] ?? value) : value;
}

/** The map with every member changed; the same object when none was: nearly all of a tree has its one form already. */
function withMembers(tree: Tree, change: (key: string, value: Leaf | Tree) => Leaf | Tree): Tree {
  const changed: [string, Leaf | Tree][] = [];
  for (const key of Object.keys(tree)) {
    const before = tree[key] as Leaf | Tree;
    const after = change(key, before);
    if (after !== before) changed.push([key, after]);
  }
  if (changed.length === 0) return tree;
  const members = new Map(Object.entries(tree));
  for (const [key, value] of changed) members.set(key, value);
  return Object.fromEntries(members);
}
