/**
 * What a switch shows of itself while it runs, derived from its applied configuration. Pure.
 *
 * Source: device-protocols reference A.13.
 */
import { isTree, type Leaf, type Tree, type TreePath } from '../../schemas/json.ts';
import type { LldpNeighbour, ReleaseProfile, SwitchSpec } from './switch-spec.ts';
import { at, branch } from './tree.ts';

/** Everything operational data depends on. */
export interface Situation {
  readonly spec: SwitchSpec;
  readonly profile: ReleaseProfile;
  readonly applied: Tree;
  readonly uptimeSeconds: number;
  /** Interfaces and BGP peers that are down though configured up. */
  readonly linksDown: ReadonlySet<string>;
  readonly peersDown: ReadonlySet<string>;
  /** Who LLDP shows on a link instead of who is there. */
  readonly neighbours: ReadonlyMap<string, LldpNeighbour | undefined>;
  /** Why the switch is not well; empty when it is. */
  readonly ailments: readonly string[];
  /** Requests served, which makes `/system/api` differ on every read. */
  readonly served: number;
}

/** @returns `undefined` where nothing is: an unknown path, or something switched off. */
export function showOperational(situation: Situation, path: TreePath): Leaf | Tree | undefined {
  const [first, ...rest] = path;
  if (first === undefined) {
    return Object.fromEntries(
      Object.entries(VIEWS).flatMap(([name, view]) => {
        const shown = view(situation);
        return shown === undefined ? [] : [[name, shown]];
      }),
    );
  }
  const view = Object.hasOwn(VIEWS, first) ? VIEWS[first] : undefined;
  return at(view?.(situation), rest);
}

const VIEWS: Readonly<Record<string, (situation: Situation) => Tree | undefined>> = {
  system,
  platform,
  interface: interfaces,
  vrf: vrfs,
  mlag,
};

/** The version as the switch writes it. */
function versionOf(spec: SwitchSpec): string {
  return spec.version ?? (spec.platform === 'nvos' ? NVOS[spec.release] : `${spec.release}.1`);
}

const NVOS = { '5.9': '25.01.3000', '5.11': '25.02.4002' } as const;

function productName(spec: SwitchSpec): string {
  return spec.platform === 'nvos' ? 'nvos' : 'Cumulus Linux';
}

/** What precedes a configuration wherever it is shown whole. */
export function headerOf(spec: SwitchSpec): Tree {
  return {
    model: modelOf(spec),
    'nvue-api-version': 'nvue_v1',
    'rev-id': '1.0',
    version: `${productName(spec)} ${versionOf(spec)}`,
  };
}

function modelOf(spec: SwitchSpec): string {
  return spec.model ?? 'MSN4600C';
}

function system({ spec, profile, applied, uptimeSeconds, ailments, served }: Situation): Tree {
  const version = versionOf(spec);
  const configured = branch(applied, ['system']);
  return {
    hostname: configured['hostname'] ?? 'cumulus',
    timezone: configured['timezone'] ?? 'Etc/UTC',
    uptime: uptimeSeconds,
    'product-name': productName(spec),
    build: `${productName(spec)} ${version}`,
    ...(profile.saysProductRelease ? { 'product-release': version } : {}),
    health: {
      status: ailments.length === 0 ? 'OK' : 'Not OK',
      'status-led': ailments.length === 0 ? 'green' : 'amber',
      issues: Object.fromEntries(ailments.map((words, index) => [String(index), { issue: words }])),
    },
    ztp: { service: 'INACTIVE', status: 'success', version: '1.0' },
    api: { state: 'enabled', connections: { accepted: served, active: 1, handled: served, requests: served } },
    image: {
      current: '1',
      next: '1',
      partition1: {
        'build-id': `${spec.release}-1`,
        description: productName(spec),
        disk: '/dev/sda5',
        release: version,
      },
    },
    aaa: { user: maskedUsers(branch(configured, ['aaa', 'user'])) },
  };
}

/** Operational reads never show a hash. */
function maskedUsers(users: Tree): Tree {
  return Object.fromEntries(
    Object.entries(users).map(([name, user]) => [
      name,
      isTree(user) && 'hashed-password' in user ? { ...user, 'hashed-password': '*' } : user,
    ]),
  );
}

function platform({ spec }: Situation): Tree {
  const model = modelOf(spec);
  return {
    'product-name': model,
    'part-number': `${model}-CS2FC`,
    'serial-number': spec.serial,
    manufacturer: 'Mellanox',
    'system-mac': '44:38:39:22:01:7a',
    inventory: { SWITCH: { model, serial: spec.serial, state: 'ok', type: 'switch' } },
    environment: {
      fan: { FAN1: { state: 'ok', speed: '6000' } },
      psu: { PSU1: { state: 'ok' } },
      led: { STATUS: { color: 'green' } },
    },
    firmware: { CPLD1: { 'actual-firmware': 'CPLD000232_REV0700' } },
    transceiver: {},
  };
}

function interfaces(situation: Situation): Tree {
  const { spec, profile, applied, linksDown, neighbours } = situation;
  const configured = branch(applied, ['interface']);
  return Object.fromEntries(
    Object.entries(configured).map(([name, entry]) => {
      const below = isTree(entry) ? entry : {};
      const adminUp = !isDown(at(below, ['link', 'state']));
      const up = adminUp && !linksDown.has(name);
      const there = neighbours.has(name) ? neighbours.get(name) : spec.neighbours?.[name];
      const neighbour = up ? there : undefined;
      return [
        name,
        {
          type: below['type'] ?? typeOf(name),
          link: {
            mtu: at(below, ['link', 'mtu']) ?? (name === 'lo' ? 65_536 : 9216),
            ...(name === 'eth0' && spec.mac !== undefined ? { mac: spec.mac } : {}),
            ...(profile.saysOperStatus
              ? { 'admin-status': adminUp ? 'up' : 'down', 'oper-status': up ? 'up' : 'down' }
              : { state: up ? { up: {} } : { down: {} } }),
          },
          ip: { address: branch(below, ['ip', 'address']) },
          ...(neighbour ? { lldp: { neighbor: { [neighbour.systemName]: lldp(neighbour) } } } : {}),
        },
      ];
    }),
  );
}

function lldp({ systemName, port }: LldpNeighbour): Tree {
  return {
    age: '29',
    bridge: { untagged: 1 },
    chassis: {
      'chassis-id': systemName,
      'system-name': systemName,
      'system-description': 'Cumulus Linux running on Mellanox Technologies Ltd.',
      capability: { 'is-bridge': 'on', 'is-router': 'on' },
    },
    port: { name: port, type: 'ifname', description: port, ttl: 120 },
  };
}

function vrfs({ applied, peersDown, linksDown }: Situation): Tree {
  const names = new Set(['default', ...Object.keys(branch(applied, ['vrf']))]);
  return Object.fromEntries(
    [...names].map((name) => {
      const bgp = branch(applied, ['vrf', name, 'router', 'bgp']);
      const neighbours = Object.entries(branch(bgp, ['neighbor']));
      if (neighbours.length === 0) return [name, {}];
      const shown = neighbours.map(([peer, settings]): readonly [string, Tree] => {
        const enabled = !isTree(settings) || (settings['enable'] !== 'off' && settings['state'] !== 'disabled');
        const up = enabled && !peersDown.has(peer) && !linksDown.has(peer);
        return [
          peer,
          {
            ...(isTree(settings) && settings['remote-as'] !== undefined ? { 'remote-as': settings['remote-as'] } : {}),
            ...(isTree(settings) && settings['peer-group'] !== undefined
              ? { 'peer-group': settings['peer-group'] }
              : {}),
            state: up ? 'established' : 'idle',
            ...(up ? { uptime: 3_600_000, 'established-transition': 1 } : {}),
          },
        ];
      });
      return [name, { router: { bgp: { neighbor: Object.fromEntries(shown) } } }];
    }),
  );
}

function mlag({ applied, linksDown }: Situation): Tree | undefined {
  const configured = branch(applied, ['mlag']);
  if (Object.keys(configured).length === 0 || configured['enable'] === 'off') return undefined;
  const up = !linksDown.has('peerlink');
  return {
    'local-role': 'primary',
    'peer-role': up ? 'secondary' : 'none',
    'peer-alive': up ? 'True' : 'False',
    'backup-active': 'True',
    ...(configured['mac-address'] === undefined ? {} : { 'local-id': configured['mac-address'] }),
  };
}

function isDown(state: unknown): boolean {
  return state === 'down' || (isTree(state) && 'down' in state);
}

function typeOf(name: string): string {
  return TYPES.find(([pattern]) => pattern.test(name))?.[1] ?? 'bond';
}

const TYPES: readonly (readonly [RegExp, string])[] = [
  [/^eth\d/, 'eth'],
  [/^lo$/, 'loopback'],
  [/^swp\d+(s\d+)?$/, 'swp'],
  [/^vlan\d/, 'svi'],
  [/^peerlink$/, 'peerlink'],
  [/\.\d+$/, 'sub'],
];
