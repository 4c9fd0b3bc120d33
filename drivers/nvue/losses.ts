import type { Change } from '../../schemas/change.ts';
import { isTree, type Tree, type TreePath } from '../../schemas/json.ts';

/**
 * Probes that get worse because the approved changes themselves say so: an interface or a BGP neighbour that is taken away or
 * shut down is not expected to be up. Everything else that gets worse is a finding.
 *
 * @param intended What the switch is to run, in the form of its platform.
 * @returns Names of probes, as globs.
 */
export function expectedLosses(changes: readonly Change[], intended: Tree): readonly string[] {
  return [
    ...new Set(changes.flatMap((change) => [...interfaceGone(change, intended), ...neighborGone(change, intended)])),
  ];
}

function interfaceGone({ kind, path }: Change, intended: Tree): readonly string[] {
  const [top, name, ...rest] = path;
  if (top !== 'interface' || name === undefined) return [];
  const isShut = kind === 'set' && rest.join('.') === 'link.state.down';
  return isShut || !isThere(intended, ['interface', name]) ? [`interface ${name}`, `lldp ${name}`] : [];
}

function neighborGone({ path }: Change, intended: Tree): readonly string[] {
  const [top, vrf, router, protocol, list, neighbor] = path;
  const isNeighbor = top === 'vrf' && router === 'router' && protocol === 'bgp' && list === 'neighbor';
  if (!isNeighbor || vrf === undefined || neighbor === undefined || isThere(intended, path.slice(0, 6))) return [];
  return [vrf === 'default' ? `bgp ${neighbor}` : `bgp ${vrf} ${neighbor}`];
}

function isThere(tree: Tree, path: TreePath): boolean {
  let node: unknown = tree;
  for (const key of path) {
    if (!isTree(node) || !Object.hasOwn(node, key)) return false;
    node = node[key];
  }
  return true;
}
