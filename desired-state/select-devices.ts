import type { Targets } from '../schemas/fleet.ts';
import type { Fleet, FleetDevice, Selector } from './fleet.ts';

/**
 * The devices a selector names, by name. An empty selector names all; labels are those of the device, then its role,
 * then its site, the nearer winning.
 */
export function selectDevices(fleet: Fleet, selector: Selector): readonly FleetDevice[] {
  const { names, sites, roles, platforms, statuses, tenants, labels } = selector;
  return [...fleet.devices.values()]
    .filter(
      (device) =>
        oneOf(names, device.name) &&
        oneOf(sites, device.site) &&
        oneOf(roles, device.value.role) &&
        oneOf(platforms, device.value.platform) &&
        oneOf(statuses, device.value.status ?? 'active') &&
        (tenants === undefined || oneOf(tenants, device.value.tenant ?? '')) &&
        hasLabels(deviceLabels(fleet, device), labels),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a request or a policy names its switches by, as a selector. */
export function selectorOf({ devices, sites, roles, platforms, status, tenants, labels }: Targets): Selector {
  return {
    ...(devices ? { names: devices } : {}),
    ...(sites ? { sites } : {}),
    ...(roles ? { roles } : {}),
    ...(platforms ? { platforms } : {}),
    ...(status ? { statuses: status } : {}),
    ...(tenants ? { tenants } : {}),
    ...(labels ? { labels } : {}),
  };
}

/** A device's labels with those of its role and site. */
export function deviceLabels(
  fleet: Pick<Fleet, 'sites' | 'roles'>,
  device: FleetDevice,
): Readonly<Record<string, string>> {
  return {
    ...fleet.sites.get(device.site)?.value.labels,
    ...fleet.roles.get(device.value.role)?.value.labels,
    ...device.value.labels,
  };
}

/** `*` stands for any characters, `?` for one. */
export function matchesGlob(glob: string, text: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`, 's').test(text);
}

function oneOf(globs: readonly string[] | undefined, text: string): boolean {
  return globs === undefined || globs.some((glob) => matchesGlob(glob, text));
}

function hasLabels(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(wanted).every(
    ([key, glob]) => Object.hasOwn(labels, key) && matchesGlob(glob, labels[key] ?? ''),
  );
}
