import { createHash } from 'node:crypto';
import type { FabricNode } from './fabric.ts';
import type { ImageFile, Owner } from './image-file.ts';

export interface NodeFilesInput {
  readonly node: FabricNode;
  /** Without the prefix's length. */
  readonly address: string;
  readonly prefixLength: number;
  readonly serial: string;
  readonly frr: Owner;
}

/** What one node has on its disk and no other: its names, its addresses, its first configuration. */
export function makeNodeFiles(input: NodeFilesInput): Readonly<Record<string, ImageFile>> {
  const { node, address, prefixLength, serial, frr } = input;
  const { name } = node;
  const ports = node.links.map(({ port }) => port);
  const interfaces = renderInterfaces(`${address}/${prefixLength}`, ports);
  const commands = [
    ...['lo', 'eth0', ...ports].map((port) => `link set dev ${port} up`),
    `address add ${address}/${prefixLength} dev eth0`,
  ];
  return {
    '/etc/hostname': text(name),
    '/etc/hosts': text('127.0.0.1 localhost', '::1 localhost', `${address} ${name}`),
    '/etc/machine-id': { content: `${machineId(serial)}\n`, mode: 0o444 },
    '/etc/pointsman-lab/serial': { content: `${serial}\n`, mode: 0o444 },
    '/etc/pointsman-lab/interfaces': { content: interfaces, mode: 0o444 },
    '/etc/pointsman-lab/interfaces.ip': { content: `${commands.join('\n')}\n`, mode: 0o444 },
    '/etc/network/interfaces': { content: interfaces, mode: 0o644 },
    '/etc/frr/frr.conf': { content: renderFrr(name), mode: 0o640, owner: frr },
  };
}

/** As ifupdown2 reads it. The ports are up from the start, so that routing is all there is to configure. */
function renderInterfaces(address: string, ports: readonly string[]): string {
  return [
    'source /etc/network/interfaces.d/*.intf',
    'auto lo\niface lo inet loopback',
    `auto eth0\niface eth0\n    address ${address}`,
    ...ports.map((port) => `auto ${port}\niface ${port}`),
  ]
    .map((stanza) => `${stanza}\n`)
    .join('\n');
}

function renderFrr(name: string): string {
  return `frr defaults datacenter
hostname ${name}
log file /var/log/frr/frr.log
service integrated-vtysh-config
!
`;
}

/** 32 hex digits, as machine-id(5) wants. */
function machineId(serial: string): string {
  return createHash('sha256').update(serial).digest('hex').slice(0, 32);
}

function text(...lines: readonly string[]): ImageFile {
  return { content: `${lines.join('\n')}\n`, mode: 0o644 };
}
