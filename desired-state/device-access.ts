import type { Credential, Credentials, Tls } from '../schemas/fleet.ts';
import { readAddress } from './device-address.ts';
import type { DeviceAccess, Fleet, FleetDevice } from './fleet.ts';

/** Scopes that may say how a switch is reached, narrowest first. */
export type AccessScopes = readonly { readonly credentials?: Credentials; readonly tls?: Tls }[];

/** How to reach a device of a checked fleet. */
export function deviceAccess(fleet: Fleet, device: FleetDevice): DeviceAccess {
  const { platform, serial } = device.value;
  const scopes = accessScopes(fleet, device);
  const read = readAddress(device.value.address, platform);
  const apply = applyCredential(scopes);
  const hostKeys = device.value.ssh?.host_keys.map(pinOf);
  const tls = isSpokenToThroughSsh(platform) ? {} : effectiveTls(scopes);
  if (read.kind === 'refused' || !apply || !tls) {
    throw new TypeError(`deviceAccess was given ${device.name}, which was not loaded by loadFleet`);
  }
  return {
    platform,
    ...read.address,
    serial,
    tls,
    ...(hostKeys ? { hostKeys } : {}),
    plan: planCredential(scopes) ?? apply,
    apply,
  };
}

/** Through SSH: a host key proves such a switch, and a password or a private key proves us. */
export function isSpokenToThroughSsh(platform: string): boolean {
  return platform === 'frr';
}

/** `SHA256:<base64>`, as SSH writes it, as `sha256:<hex>`. */
function pinOf(hostKey: string): string {
  return `sha256:${Buffer.from(hostKey.replace(/^SHA256:/, ''), 'base64').toString('hex')}`;
}

function accessScopes(fleet: Fleet, device: FleetDevice): AccessScopes {
  const site = fleet.sites.get(device.site)?.value;
  return [device.value, ...(site ? [site] : []), fleet.settings.value];
}

export function applyCredential(scopes: AccessScopes): Credential | undefined {
  return scopes.find(({ credentials }) => credentials?.apply)?.credentials?.apply;
}

export function planCredential(scopes: AccessScopes): Credential | undefined {
  return scopes.find(({ credentials }) => credentials?.plan)?.credentials?.plan;
}

/**
 * What proves a switch's identity comes from one scope as a whole: a device that lists its own pins is not also
 * believed by the fleet's CA.
 */
export function effectiveTls(scopes: AccessScopes): Tls | undefined {
  const proof = scopes.find(({ tls }) => tls?.ca !== undefined || tls?.pins !== undefined)?.tls;
  if (!proof) return undefined;
  const serverName = scopes.find(({ tls }) => tls?.server_name !== undefined)?.tls?.server_name;
  return {
    ...(proof.ca === undefined ? {} : { ca: proof.ca }),
    ...(proof.pins === undefined ? {} : { pins: proof.pins }),
    ...(serverName === undefined ? {} : { server_name: serverName }),
  };
}
