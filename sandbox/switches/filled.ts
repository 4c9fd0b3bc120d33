import type { Leaf, Tree } from '../../schemas/json.ts';
import { isTree } from '../../schemas/json.ts';

/** `filled=true`: some of the defaults a switch fills in, enough that nobody mistakes it for what was set. */
export function withDefaults(tree: Tree): Tree {
  return {
    ...under(DEFAULTS, tree),
    ...(isTree(tree['interface'])
      ? {
          interface: Object.fromEntries(
            Object.entries(tree['interface']).map(([name, entry]) => [
              name,
              isTree(entry) ? under(INTERFACE_DEFAULTS, entry) : entry,
            ]),
          ),
        }
      : {}),
  };
}

const DEFAULTS: Tree = {
  system: {
    hostname: 'cumulus',
    timezone: 'Etc/UTC',
    config: { apply: { overwrite: 'all' } },
    'ssh-server': { state: 'enabled' },
  },
};

const INTERFACE_DEFAULTS: Tree = { link: { 'auto-negotiate': 'on', mtu: 9216, state: { up: {} } } };

/** `tree` with the leaves of `defaults` it has not. */
function under(defaults: Tree, tree: Tree): Tree {
  const result: Record<string, Leaf | Tree> = { ...tree };
  for (const [key, value] of Object.entries(defaults)) {
    const known = result[key];
    if (known === undefined) result[key] = value;
    else if (isTree(known) && isTree(value)) result[key] = under(value, known);
  }
  return result;
}
