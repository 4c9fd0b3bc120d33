import { readAddress } from '../../desired-state/device-address.ts';
import type { Fleet } from '../../desired-state/fleet.ts';
import { matchesGlob } from '../../desired-state/select-devices.ts';
import type { PointsmanError } from '../../schemas/errors.ts';
import type { FoundSwitch } from '../../workflows/adopt-switch.ts';
import { UsageError } from '../errors.ts';
import { SwitchNotAdoptableError } from './errors.ts';
import type { ProvenSwitch } from './prove-switches.ts';

/** A switch that was read, on the way to its place in the fleet. */
export interface ReadSwitch {
  readonly proven: ProvenSwitch;
  readonly found: FoundSwitch;
}

/** A switch with its place. */
export interface NamedSwitch extends ReadSwitch {
  readonly name: string;
  readonly site: string;
  readonly role: string;
  /** Nobody said the role: its name did. */
  readonly roleGuessed: boolean;
}

/** `leaf=leaf*`: the role of every device whose name fits. */
export interface RolePattern {
  readonly role: string;
  readonly glob: string;
}

const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;

/** @throws {UsageError} */
export function readRolePatterns(texts: readonly string[]): readonly RolePattern[] {
  return texts.map((text) => {
    const [role = '', glob, ...more] = text.split('=');
    if (glob && more.length === 0 && NAME.test(role)) return { role, glob };
    throw new UsageError({
      problem: `--role is "${text}"`,
      next: 'Give --role <role>=<names>, for example --role leaf=leaf*.',
    });
  });
}

/**
 * A name and a role for every switch, and what keeps some of them out: a name, serial number, MAC or address that two have,
 * or that the fleet has already.
 */
export function nameDevices(
  fleet: Fleet,
  switches: readonly ReadSwitch[],
  patterns: readonly RolePattern[],
): { readonly named: readonly NamedSwitch[]; readonly refused: readonly PointsmanError[] } {
  const refused: PointsmanError[] = [];
  const refuse = (device: string, why: string, next: string) => {
    refused.push(new SwitchNotAdoptableError({ device, why, next }));
  };

  const named = switches.flatMap((one): NamedSwitch[] => {
    const { label, name: given, site } = one.proven.order;
    const name = given ?? one.found.identity.hostname.toLowerCase();
    if (!NAME.test(name)) {
      const why = `calls itself "${name.slice(0, 80)}", which cannot be a name in a fleet`;
      refuse(label, why, `Give it one: ${site}/<name>=${label}.`);
      return [];
    }
    const asked = patterns.find(({ glob }) => matchesGlob(glob, name))?.role;
    const role = asked ?? guessRole(fleet, name, site);
    return [{ ...one, name, site, role, roleGuessed: asked === undefined }];
  });

  for (const [index, one] of named.entries()) {
    const { label } = one.proven.order;
    const known = inFleet(fleet, one);
    if (known !== undefined) {
      refuse(label, `is in the fleet already: ${known}`, 'Leave it out. A plan shows what would change on it.');
    }
    const twin = named.slice(0, index).find((other) => sameAs(one, other) !== undefined);
    if (!twin) continue;
    const what = sameAs(one, twin) ?? '';
    const next =
      what === 'name' ? `Give each a name of its own: ${one.site}/<name>=${label}.` : 'Leave one of the addresses out.';
    refuse(label, `has the same ${what} as ${twin.proven.order.label}`, next);
  }
  return { named, refused };
}

/** `leaf01` is a leaf, `ams1-spine-2` a spine. One that has templates has the last word, so it is not guessed. */
function guessRole(fleet: Fleet, name: string, site: string): string {
  const host = name.split('.')[0] ?? name;
  const own = host.startsWith(`${site}-`) ? host.slice(site.length + 1) : host;
  const word = own.replace(/[-_.]?\d+[a-z]?$/, '');
  const guess = NAME.test(word) ? word : 'switch';
  const templated = (fleet.roles.get(guess)?.value.templates ?? []).length > 0;
  return templated ? `${guess}-brownfield` : guess;
}

function inFleet(fleet: Fleet, { name, found, proven }: NamedSwitch): string | undefined {
  const devices = [...fleet.devices.values()];
  const serial = devices.find(({ value }) => value.serial === found.identity.serial);
  if (serial) return `${serial.name} has its serial number`;
  const address = devices.find(({ value }) => {
    const read = readAddress(value.address, value.platform);
    return read.kind === 'address' && read.address.host === proven.order.host && read.address.port === proven.port;
  });
  if (address) return `${address.name} has its address`;
  const mac = devices.find(({ value }) => value.mac !== undefined && value.mac === found.mac);
  if (mac) return `${mac.name} has its MAC address`;
  return fleet.devices.has(name) ? `another switch is called ${name}` : undefined;
}

function sameAs(one: NamedSwitch, other: NamedSwitch): 'serial number' | 'MAC address' | 'name' | undefined {
  if (one.found.identity.serial === other.found.identity.serial) return 'serial number';
  if (one.found.mac !== undefined && one.found.mac === other.found.mac) return 'MAC address';
  return one.name === other.name ? 'name' : undefined;
}
