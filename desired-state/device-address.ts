import { isIPv6 } from 'node:net';
import type { Platform } from '../schemas/fleet.ts';

/** Where a platform's API listens unless told otherwise. Source: device-protocols §A.1. */
const DEFAULT_PORT: Readonly<Record<Platform, number>> = { cumulus: 8765, nvos: 443, frr: 22 };

export interface DeviceAddress {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Reads `address` of a device file. @returns The reason when it is none. */
export function readAddress(
  address: string,
  platform: Platform,
):
  | { readonly kind: 'address'; readonly address: DeviceAddress }
  | { readonly kind: 'refused'; readonly message: string } {
  const groups = /^(?:\[(?<six>[^\]]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d+))?$/.exec(address)?.groups;
  const host = groups?.['six'] ?? groups?.['name'];
  if (host === undefined) return refused(`"${address}" is not an address`);
  const port = groups?.['port'] === undefined ? DEFAULT_PORT[platform] : Number(groups['port']);
  if (port < 1 || port > 65_535) return refused(`${port} is not a port: expected 1 to 65535`);
  const canonical = canonicalHost(host, groups?.['six'] !== undefined);
  if (canonical === undefined) return refused(`"${host}" is not an address`);
  // One spelling, so that two devices with one address are noticed, whoever looks.
  if (canonical !== host) return refused(`expected "${canonical}", the usual spelling of "${host}"`);
  return { kind: 'address', address: { host, port } };
}

function canonicalHost(host: string, bracketed: boolean): string | undefined {
  if (bracketed) return isIPv6(host) ? new URL(`http://[${host}]`).hostname.slice(1, -1) : undefined;
  const lower = host.toLowerCase();
  if (/^[0-9.]+$/.test(host)) return canonicalIpv4(host);
  return /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/.test(lower) ? lower : undefined;
}

function canonicalIpv4(host: string): string | undefined {
  const parts = host.split('.');
  const valid = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
  return valid ? parts.map(Number).join('.') : undefined;
}

function refused(message: string) {
  return { kind: 'refused', message } as const;
}
