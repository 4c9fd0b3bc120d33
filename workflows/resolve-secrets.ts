import type { IntendedConfiguration } from '../desired-state/fleet.ts';
import type { Leaf, Tree } from '../schemas/json.ts';
import { isTree } from '../schemas/json.ts';
import type { SecretStore } from '../schemas/secret.ts';

/**
 * Puts the values of secrets where an intended configuration only names them.
 *
 * @throws {SecretNotFoundError} No source knows one of the names.
 */
export async function resolveSecrets(intended: IntendedConfiguration, secrets: SecretStore): Promise<Tree> {
  const names = [...new Set(intended.secrets.map(({ secret }) => secret))];
  const values = new Map(await Promise.all(names.map(async (name) => [name, await secrets.read(name)] as const)));

  // Keys last and deepest first: renaming a key must not change the path another place is found by.
  const places = intended.secrets.toSorted((a, b) => rank(a.at) - rank(b.at) || b.path.length - a.path.length);
  return places.reduce(
    (tree, { path, at, secret }) => replaceAt(tree, path, at, values.get(secret) ?? ''),
    intended.tree,
  );
}

const rank = (at: 'value' | 'key'): number => (at === 'value' ? 0 : 1);

function replaceAt(tree: Tree, path: readonly string[], at: 'value' | 'key', value: string): Tree {
  const [key, ...rest] = path;
  if (key === undefined || !(key in tree)) return tree;
  if (rest.length > 0) {
    const below = tree[key];
    return isTree(below) ? { ...tree, [key]: replaceAt(below, rest, at, value) } : tree;
  }
  if (at === 'value') return { ...tree, [key]: value };
  return Object.fromEntries(
    Object.entries(tree).map(([name, member]): [string, Leaf | Tree] => [name === key ? value : name, member]),
  );
}
