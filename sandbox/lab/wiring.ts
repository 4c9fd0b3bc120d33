import type { Cable, FabricNode } from './fabric.ts';

/** A node's network namespace has a new name each time it is switched on: what it held must not come back. */
export function namespaceOf(name: string, power: number): string {
  return `${name}.${power}`;
}

/** What has to be there once: the management switch, and for every cable the piece in the middle. Lines of `ip -batch`. */
export function renderHubWiring(cables: readonly Cable[]): readonly string[] {
  return [
    'link set dev lo up',
    'link add name br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0',
    'link set dev br0 up',
    'link set dev up0 master br0 up',
    // 0x4000 lets LLDP through, which a bridge would keep to itself. Large frames are for the ports to refuse.
    ...cables.flatMap(({ number }) => [
      `link add name c${number} type bridge stp_state 0 forward_delay 0 mcast_snooping 0 group_fwd_mask 0x4000`,
      `link set dev c${number} up`,
    ]),
  ];
}

/** A node's own ends of its cables, down as ports are. Lines of `ip -batch`. */
export function renderNodeWiring(
  node: FabricNode,
  index: number,
  namespace: string,
  cables: readonly Cable[],
): readonly string[] {
  return [
    ...veth(`m${index}`, 'eth0', macOf(index, 0), namespace, 'br0'),
    `link set dev m${index} up`,
    ...endsOf(node.name, cables).flatMap(({ end, port, bridge }) =>
      veth(end, port, macOf(index, portNumber(port)), namespace, bridge),
    ),
  ];
}

export interface OwnEnd {
  /** Of this node, in the hub. */
  readonly end: string;
  /** Of the other node, in the hub. */
  readonly other: string;
  readonly port: string;
  readonly bridge: string;
  readonly number: number;
}

export function endsOf(name: string, cables: readonly Cable[]): readonly OwnEnd[] {
  return cables.flatMap(({ number, a, b }) => {
    const bridge = `c${number}`;
    if (a.node === name) return [{ end: `ca${number}`, other: `cb${number}`, port: a.port, bridge, number }];
    if (b.node === name) return [{ end: `cb${number}`, other: `ca${number}`, port: b.port, bridge, number }];
    return [];
  });
}

function veth(end: string, port: string, mac: string, namespace: string, master: string): readonly string[] {
  return [
    `link add name ${end} mtu 65535 type veth peer name ${port} address ${mac} netns ${namespace}`,
    `link set dev ${end} master ${master}`,
  ];
}

function portNumber(port: string): number {
  return Number(port.replace(/\D/g, ''));
}

/** Locally administered, the same for a port each time the node is switched on. */
function macOf(index: number, port: number): string {
  const bytes = [0x02, 0x4c, index >> 8, index & 0xff, port >> 8, port & 0xff];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
