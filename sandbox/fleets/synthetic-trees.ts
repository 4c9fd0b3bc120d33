import type { Tree } from '../../schemas/json.ts';
import { mergePatch } from '../switches/tree.ts';

/** What one switch of a synthetic fleet has for itself. */
export interface SwitchNumbers {
  /** From 0. */
  readonly index: number;
  readonly name: string;
  readonly site: string;
  readonly serial: string;
  readonly management: string;
  readonly loopback: string;
  readonly asn: number;
  /** For people; an interface description. */
  readonly place: string;
}

/** 0 (included) to 1 (excluded), the same sequence for the same seed (mulberry32). */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The template that gives a switch what {@link makeSwitchTree} gives it. */
export const switchTemplate = `system:
  hostname: {{ device.name }}
interface:
  eth0:
    type: eth
    ip:
      vrf: mgmt
      address:
        {{ data.management ~ '/16' }}: {}
      gateway:
        {{ data.gateway }}: {}
  lo:
    type: loopback
    description: {{ data.place }}
    ip:
      address:
        {{ data.loopback ~ '/32' }}: {}
router:
  bgp:
    enable: on
    autonomous-system: {{ data.asn }}
    router-id: {{ data.loopback }}
nve:
  vxlan:
    enable: on
    source:
      address: {{ data.loopback }}
`;

export function makeSwitchTree({ name, management, loopback, asn, place }: SwitchNumbers, gateway: string): Tree {
  return {
    system: { hostname: name },
    interface: {
      eth0: { type: 'eth', ip: { vrf: 'mgmt', address: { [`${management}/16`]: {} }, gateway: { [gateway]: {} } } },
      lo: { type: 'loopback', description: place, ip: { address: { [`${loopback}/32`]: {} } } },
    },
    router: { bgp: { enable: 'on', 'autonomous-system': asn, 'router-id': loopback } },
    nve: { vxlan: { enable: 'on', source: { address: loopback } } },
  };
}

/**
 * What every switch of a role has in common: ports, bonds, VLANs, underlay, management, and access lists up to the size.
 *
 * @param characters How long the result is to be as JSON: one entry too much, and never below what is always there (about
 *   3,000).
 * @param accounts Merged in: the switch's users.
 */
export function makeRoleTree(role: string, random: () => number, characters: number, accounts: Tree): Tree {
  const base = mergePatch(fabric, accounts);
  let left = characters - JSON.stringify(base).length;

  const vlans: [string, Tree][] = [];
  const bonds: [string, Tree][] = [];
  // A third each for VLANs, bonds and access lists: no one part decides how long a comparison takes.
  const third = left / 3;
  for (let vlan = 100; left > 2 * third && vlan < 3000; vlan += 1 + Math.floor(random() * 3)) {
    const entry: [string, Tree] = [String(vlan), { vni: { [String(10_000 + vlan)]: {} } }];
    vlans.push(entry);
    left -= lengthOf(entry);
  }
  for (let port = 1; left > third && port <= 48; port++) {
    const entry: [string, Tree] = [`bond${port}`, bond(port, vlans, random)];
    bonds.push(entry);
    left -= lengthOf(entry);
  }
  const rules: [string, Tree][] = [];
  for (let number = 10; left > 0; number += 10) {
    const entry: [string, Tree] = [String(number), rule(role, number, random)];
    rules.push(entry);
    left -= lengthOf(entry);
  }

  return mergePatch(base, {
    bridge: { domain: { br_default: { vlan: Object.fromEntries(vlans) } } },
    interface: Object.fromEntries(bonds),
    acl: { 'tenant-in': { type: 'ipv4', rule: Object.fromEntries(rules) } },
  });
}

/** As a member of a JSON object, with its comma. */
const lengthOf = ([key, value]: readonly [string, Tree]): number => JSON.stringify({ [key]: value }).length - 1;

function bond(port: number, vlans: readonly [string, Tree][], random: () => number): Tree {
  const first = Math.floor(random() * Math.max(1, vlans.length - 3));
  return {
    type: 'bond',
    description: `server ${port} ${Math.floor(random() * 1e6)}`,
    link: { mtu: 9000 },
    bond: { 'lacp-bypass': 'on', member: { [`swp${port}`]: {} } },
    bridge: {
      domain: { br_default: { vlan: Object.fromEntries(vlans.slice(first, first + 3).map(([id]) => [id, {}])) } },
    },
  };
}

function rule(role: string, number: number, random: () => number): Tree {
  const octet = () => Math.floor(random() * 255);
  return {
    remark: `${role} ${number}`,
    match: {
      ip: { protocol: 'tcp', 'source-ip': `10.${octet()}.${octet()}.0/24`, 'dest-port': { [octet() + 1]: {} } },
    },
    action: random() < 0.5 ? { permit: {} } : { deny: {} },
  };
}

const uplinks = Object.fromEntries(
  [51, 52, 53, 54].map((port) => [`swp${port}`, { type: 'swp', link: { mtu: 9216, state: { up: {} } } }]),
);
const neighbours = Object.fromEntries(
  Object.keys(uplinks).map((port) => [port, { type: 'unnumbered', 'peer-group': 'underlay' }]),
);

const fabric: Tree = {
  system: {
    timezone: 'Europe/Amsterdam',
    api: { state: 'enabled' },
    'ssh-server': { state: 'enabled' },
    config: { 'auto-save': { enable: 'on' } },
    aaa: {
      class: {
        nvapply: { action: 'allow', 'command-path': { '/': { permission: 'all' } } },
        nvshow: { action: 'allow', 'command-path': { '/': { permission: 'ro' } } },
        sudo: { action: 'allow', 'command-path': { '/': { permission: 'all' } } },
      },
      role: {
        'nvue-admin': { class: { nvapply: {} } },
        'nvue-monitor': { class: { nvshow: {} } },
        'system-admin': { class: { nvapply: {}, sudo: {} } },
      },
    },
  },
  service: {
    dns: { mgmt: { server: { '10.0.0.53': {} } } },
    ntp: { mgmt: { server: { '10.0.0.123': { iburst: 'on' } } } },
    syslog: { mgmt: { server: { '10.0.0.200': { port: 514, protocol: 'udp' } } } },
  },
  evpn: { enable: 'on' },
  interface: uplinks,
  vrf: {
    mgmt: { loopback: { ip: { address: { '127.0.0.1/8': {} } } } },
    default: {
      router: {
        bgp: {
          enable: 'on',
          'address-family': {
            'ipv4-unicast': { enable: 'on', redistribute: { connected: { enable: 'on' } } },
            'l2vpn-evpn': { enable: 'on' },
          },
          'peer-group': {
            underlay: { 'remote-as': 'external', 'address-family': { 'l2vpn-evpn': { enable: 'on' } } },
          },
          neighbor: neighbours,
        },
      },
    },
  },
};
