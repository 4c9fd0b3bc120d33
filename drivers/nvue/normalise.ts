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
    const type = IMPLIED_TYPES.find((implied) => implied.name.test(name))?.type;
    return type === undefined || 'type' in node ? node : { ...node, type };
  });
}

function overInterfaces(tree: Tree, change: (name: string, node: Tree) => Tree): Tree {
  const interfaces = tree['interface'];
  if (!isTree(interfaces)) return tree;
  const changed = Object.entries(interfaces).map(([name, node]) => [name, isTree(node) ? change(name, node) : node]);
  return { ...tree, interface: Object.fromEntries(changed) as Tree };
}

function resolveAliases(tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, resolve(key, value)]));
}

function resolve(key: string, value: Leaf | Tree): Leaf | Tree {
  if (isTree(value)) return resolveAliases(value);
  const words = Object.hasOwn(LEAF_ALIASES, key) ? LEAF_ALIASES[key] : undefined;
  return typeof value === 'string' && words && Object.hasOwn(words, value) ? (words[value] ?? value) : value;
}
