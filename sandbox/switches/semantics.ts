/** What no single object shows: found when applying, not when editing. Pure. Source: device-protocols reference A.11. */
import { isTree, type Tree, type TreePath } from '../../schemas/json.ts';
import { at, branch } from './tree.ts';

export interface Contradiction {
  /** Dotted path. */
  readonly location: string;
  readonly reason: string;
}

/** The first thing that contradicts something else. */
export function findContradiction(tree: Tree): Contradiction | undefined {
  return routing(tree, 'bgp') ?? routing(tree, 'ospf') ?? overlay(tree);
}

function routing(tree: Tree, protocol: 'bgp' | 'ospf'): Contradiction | undefined {
  const name = protocol.toUpperCase();
  const globally = branch(tree, ['router', protocol]);
  const vrfs = Object.keys(branch(tree, ['vrf']));
  const places: TreePath[] = [
    ...vrfs.map((vrf) => ['vrf', vrf, 'router', protocol]).filter((path) => isOn(at(tree, path))),
    ...(saysOn(globally) && !vrfs.some((vrf) => isTree(at(tree, ['vrf', vrf, 'router', protocol])))
      ? [['router', protocol]]
      : []),
  ];
  for (const place of places) {
    const here = branch(tree, place);
    const missing = (leaf: string): boolean => !isSet(here[leaf]) && !isSet(globally[leaf]);
    const location = [...place, 'enable'].join('.');
    if (protocol === 'bgp' && missing('autonomous-system')) {
      return { location, reason: 'BGP requires autonomous-system to be set globally or in the VRF.' };
    }
    if (missing('router-id')) {
      return { location, reason: `${name} requires router-id to be set globally or in the VRF.` };
    }
  }
  return undefined;
}

function overlay(tree: Tree): Contradiction | undefined {
  const evpn = saysOn(branch(tree, ['evpn']));
  const vxlan = branch(tree, ['nve', 'vxlan']);
  const replication = branch(vxlan, ['flooding', 'head-end-replication']);
  if (evpn && vxlan['mac-learning'] === 'on') {
    return { location: 'nve.vxlan.mac-learning', reason: 'mac-learning cannot be used with evpn is enabled' };
  }
  if (evpn && branch(vxlan, ['flooding'])['enable'] === 'off') {
    return { location: 'nve.vxlan.flooding.enable', reason: 'VNI flooding cannot be disabled when evpn is on' };
  }
  if (!evpn && replication['evpn'] !== undefined) {
    return {
      location: 'nve.vxlan.flooding.head-end-replication.evpn',
      reason: 'evpn based head-end-replication requires evpn to be enabled',
    };
  }
  if (evpn && Object.keys(replication).some((key) => key !== 'evpn')) {
    return {
      location: 'nve.vxlan.flooding.head-end-replication',
      reason: 'Static head-end-replication requires evpn to be off',
    };
  }
  return undefined;
}

/** A protocol in a VRF is on as soon as anything of it is configured, unless it says otherwise. */
function isOn(node: unknown): boolean {
  return isTree(node) && node['enable'] !== 'off' && node['state'] !== 'disabled' && Object.keys(node).length > 0;
}

function saysOn(node: Tree): boolean {
  return node['enable'] === 'on' || node['state'] === 'enabled';
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== 'none';
}
