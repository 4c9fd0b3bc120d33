import { canonicalJson } from '../../schemas/canonical.ts';
import type { Tree, TreePath } from '../../schemas/json.ts';
import type { Hazard } from '../driver.ts';
import { MANAGEMENT, type NvuePlatform } from './facts.ts';
import { nodeAt, treeAt } from './tree.ts';

/**
 * What a full replace must not do, because the switch would take it without a word and nobody could reach it afterwards.
 * Most speak only when something the switch has now would go; a host name and a configuration must be there always.
 *
 * @param intended Normalised, like `running`.
 * @param username Whom we log in as.
 */
export function findHazards(facts: NvuePlatform, intended: Tree, running: Tree, username: string): readonly Hazard[] {
  if (Object.keys(intended).length === 0) {
    return [{ name: 'empty-configuration', message: 'nothing at all would be configured', path: [] }];
  }
  return [
    ...userHazards(facts, intended, running, username),
    ...interfaceHazards(intended, running),
    ...routingHazards(intended, running),
    ...apiHazards(intended, running),
    ...hostnameHazards(intended),
  ];
}

function userHazards(facts: NvuePlatform, intended: Tree, running: Tree, username: string): readonly Hazard[] {
  const accounts = [
    { user: username, name: 'own-user-removed', whose: 'we log in with' },
    { user: facts.factoryUser, name: `${facts.factoryUser}-user-removed`, whose: 'the system is born with' },
  ];
  return accounts.flatMap(({ user, name, whose }) => {
    const path = ['system', 'aaa', 'user', user];
    if (nodeAt(running, path) === undefined || nodeAt(intended, path) !== undefined) return [];
    return [{ name, message: `the account "${user}" ${whose} would be deleted`, path }];
  });
}

/** Releases keep addresses below `ip`, newer ones below `ipv4` and `ipv6`. */
const ADDRESS_FAMILIES = ['ip', 'ipv4', 'ipv6'];

function interfaceHazards(intended: Tree, running: Tree): readonly Hazard[] {
  const path = ['interface', MANAGEMENT.interface];
  if (nodeAt(running, path) === undefined) return [];
  const name = 'management-interface-removed';
  if (nodeAt(intended, path) === undefined) {
    return [{ name, message: `${MANAGEMENT.interface} would no longer be configured`, path }];
  }
  const hazards: Hazard[] = [];
  for (const address of addressesOf(running)) {
    if (addressesOf(intended).includes(address)) continue;
    hazards.push({ name, message: `${MANAGEMENT.interface} would lose its address ${address}`, path });
  }
  const link = [...path, 'link', 'state'];
  if (isDown(intended, link) && !isDown(running, link)) {
    hazards.push({ name: 'management-interface-down', message: `${MANAGEMENT.interface} would be shut`, path: link });
  }
  return hazards;
}

function addressesOf(tree: Tree): readonly string[] {
  return ADDRESS_FAMILIES.flatMap((family) =>
    Object.keys(treeAt(tree, ['interface', MANAGEMENT.interface, family, 'address'])),
  );
}

function isDown(tree: Tree, path: TreePath): boolean {
  return nodeAt(tree, path) === 'down' || 'down' in treeAt(tree, path);
}

function routingHazards(intended: Tree, running: Tree): readonly Hazard[] {
  const hazards: Hazard[] = [];
  const vrf = vrfOf(running);
  if (vrf !== undefined && vrfOf(intended) !== vrf) {
    hazards.push({
      name: 'management-vrf-removed',
      message: `${MANAGEMENT.interface} would leave the VRF ${vrf}`,
      path: ['interface', MANAGEMENT.interface, 'ip', 'vrf'],
    });
  } else if (
    nodeAt(running, ['vrf', MANAGEMENT.vrf]) !== undefined &&
    nodeAt(intended, ['vrf', MANAGEMENT.vrf]) === undefined
  ) {
    hazards.push({
      name: 'management-vrf-removed',
      message: `the VRF ${MANAGEMENT.vrf} would be deleted`,
      path: ['vrf', MANAGEMENT.vrf],
    });
  }
  for (const path of defaultGateways(running)) {
    if (nodeAt(intended, path) !== undefined) continue;
    const message = `the default gateway ${path.at(-1)} of the management network would go`;
    hazards.push({ name: 'default-gateway-removed', message, path });
  }
  return hazards;
}

function vrfOf(tree: Tree): string | undefined {
  const below = treeAt(tree, ['interface', MANAGEMENT.interface]);
  const vrf = nodeAt(below, ['ip', 'vrf']) ?? nodeAt(below, ['vrf']);
  return typeof vrf === 'string' ? vrf : undefined;
}

function defaultGateways(tree: Tree): readonly TreePath[] {
  const gateways = ADDRESS_FAMILIES.flatMap((family) => {
    const path = ['interface', MANAGEMENT.interface, family, 'gateway'];
    return Object.keys(treeAt(tree, path)).map((gateway) => [...path, gateway]);
  });
  const routes = MANAGEMENT.defaultRoutes
    .map((route) => ['vrf', MANAGEMENT.vrf, 'router', 'static', route])
    .filter((path) => nodeAt(tree, path) !== undefined);
  return [...gateways, ...routes];
}

function apiHazards(intended: Tree, running: Tree): readonly Hazard[] {
  const name = 'api-disabled-or-changed';
  const path = ['system', 'api'];
  const after = treeAt(intended, path);
  if (after['state'] === 'disabled' || after['enable'] === 'off') {
    return [{ name, message: 'the API we speak to would be switched off', path }];
  }
  if (nodeAt(running, path) === undefined || canonicalJson(treeAt(running, path)) === canonicalJson(after)) return [];
  return [{ name, message: 'the API we speak to would get other settings and restart', path }];
}

function hostnameHazards(intended: Tree): readonly Hazard[] {
  const path = ['system', 'hostname'];
  if (nodeAt(intended, path) !== undefined) return [];
  return [{ name: 'hostname-missing', message: 'the switch would go by its factory name', path }];
}
