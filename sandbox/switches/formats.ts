/** The forms a value can have, and the words with which the switch refuses another. */
import { isIPv4, isIPv6 } from 'node:net';
import type { Json, Tree } from '../../schemas/json.ts';

/** @returns Why the value is refused; `undefined` when it is not. */
export type Check = (value: Json | Tree) => string | undefined;

export function notOfType(value: Json | Tree, type: string): string {
  return `${quoted(value)} is not of type '${type}'`;
}

/** As the switch's own validator, written in Python, quotes values. */
function quoted(value: Json | Tree): string {
  if (typeof value === 'string') return `'${value}'`;
  if (value === true) return 'True';
  if (value === false) return 'False';
  return JSON.stringify(value);
}

export function oneOf(...words: readonly string[]): Check {
  return (value) =>
    typeof value === 'string' && words.includes(value)
      ? undefined
      : `${quoted(value)} is not one of [${words.map(quoted).join(', ')}]`;
}

export function either(...checks: readonly Check[]): Check {
  return (value) => {
    const words = checks.map((check) => check(value));
    return words.includes(undefined) ? undefined : words[0];
  };
}

export function integer(least: number, most: number): Check {
  return (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return notOfType(value, 'integer');
    if (value < least) return `${value} is less than the minimum of ${least}`;
    if (value > most) return `${value} is greater than the maximum of ${most}`;
    return undefined;
  };
}

/** For keys: digits within bounds. */
export function numberBetween(least: number, most: number): Check {
  return (value) =>
    typeof value === 'string' && /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `${quoted(value)} is not an integer between ${least} and ${most}`;
}

export function text(value: Json | Tree): string | undefined {
  return typeof value === 'string' ? undefined : notOfType(value, 'string');
}

function matching(pattern: RegExp, words: string): Check {
  return (value) => text(value) ?? (pattern.test(value as string) ? undefined : words);
}

export function hostname(value: Json | Tree): string | undefined {
  return matching(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i,
    'Not a hostname',
  )(value);
}

export function cryptHash(value: Json | Tree): string | undefined {
  return matching(/^(\$[0-9a-z]+\$.+|[!*]|\*)$/i, 'Not a hashed password')(value);
}

export function mac(value: Json | Tree): string | undefined {
  return matching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i, 'Not a MAC address')(value);
}

export function interfaceName(value: Json | Tree): string | undefined {
  return matching(/^[a-z][a-z0-9_.:-]{0,14}$/i, 'Not an interface name')(value);
}

export function ipv4(value: Json | Tree): string | undefined {
  return typeof value === 'string' && isIPv4(value) ? undefined : 'Not an IPv4 address';
}

export function host(value: Json | Tree): string | undefined {
  if (typeof value === 'string' && isIPv6(value)) return undefined;
  return typeof value === 'string' && value.includes(':') ? 'Not an IPv6 address' : ipv4(value);
}

export function server(value: Json | Tree): string | undefined {
  return host(value) === undefined || hostname(value) === undefined ? undefined : 'Not an IPv4 address';
}

export function ipv4Prefix(value: Json | Tree): string | undefined {
  const [network, length, ...more] = typeof value === 'string' ? value.split('/') : [];
  const valid = isIPv4(network ?? '') && /^\d+$/.test(length ?? '') && Number(length) <= 32 && more.length === 0;
  return valid ? undefined : 'Not an IPv4 prefix';
}

export function prefix(value: Json | Tree): string | undefined {
  if (typeof value !== 'string' || !value.includes(':')) return ipv4Prefix(value);
  const [network, length, ...more] = value.split('/');
  const valid = isIPv6(network ?? '') && /^\d+$/.test(length ?? '') && Number(length) <= 128 && more.length === 0;
  return valid ? undefined : 'Not an IPv6 prefix';
}

export function remoteAs(value: Json | Tree): string | undefined {
  return either(integer(1, 4_294_967_295), oneOf('internal', 'external'))(value);
}
