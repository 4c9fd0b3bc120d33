/** Whether the API can still be reached under a configuration. Pure. */
import { isTree, type Tree, type TreePath } from '../../schemas/json.ts';
import { at, branch, equal } from './tree.ts';

/**
 * The way in is the one the switch was started with; what it was started without is not asked for.
 *
 * @returns Why nothing answers any more; absent when it does.
 */
export function managementLost(born: Tree, applied: Tree): string | undefined {
  if (offline(at(applied, ['system', 'api', 'state'])) || offline(at(applied, ['system', 'api', 'enable']))) {
    return 'the API is disabled';
  }
  if (changed(['system', 'api', 'port'])) return 'the API listens on another port';
  const eth0: TreePath = ['interface', 'eth0'];
  if (isDown(at(applied, [...eth0, 'link', 'state']))) return 'eth0 is down';

  const addresses = Object.keys(branch(born, [...eth0, 'ip', 'address']));
  const now = branch(applied, [...eth0, 'ip', 'address']);
  if (addresses.length > 0 && !addresses.some((address) => now[address] !== undefined))
    return 'eth0 has lost its address';
  if (changed([...eth0, 'ip', 'vrf'])) return 'eth0 is in another VRF';

  if (hasGateway(born) && !hasGateway(applied)) return 'eth0 has lost its gateway';
  return undefined;

  function changed(path: TreePath): boolean {
    return !equal(at(born, path) ?? null, at(applied, path) ?? null);
  }
}

/** True when nginx restarts on the way from one to the other. */
export function restartsApi(before: Tree, after: Tree): boolean {
  return !equal(at(before, ['system', 'api']) ?? null, at(after, ['system', 'api']) ?? null);
}

/** On the interface itself, or as a default route of its VRF. */
function hasGateway(tree: Tree): boolean {
  const vrf = at(tree, ['interface', 'eth0', 'ip', 'vrf']);
  const routes = branch(tree, ['vrf', typeof vrf === 'string' ? vrf : 'default', 'router', 'static']);
  const own = branch(tree, ['interface', 'eth0', 'ip', 'gateway']);
  return Object.keys(own).length > 0 || '0.0.0.0/0' in routes || '::/0' in routes;
}

function offline(value: unknown): boolean {
  return value === 'disabled' || value === 'off';
}

function isDown(state: unknown): boolean {
  return state === 'down' || (isTree(state) && 'down' in state);
}
