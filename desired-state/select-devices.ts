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

/**
 * `*` stands for any characters, `?` for one. Takes no longer than the two are long: a glob may be anybody's who opens a pull
 * request, and as a pattern one of many stars would be tried in more ways than there is time for.
 */
export function matchesGlob(glob: string, text: string): boolean {
  let [at, star, from] = [0, -1, 0];
  for (let index = 0; index < text.length; ) {
    if (glob[at] === '*') {
      star = at;
      at += 1;
      from = index;
    } else if (glob[at] === '?' || glob[at] === text[index]) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      // What the last star stands for gets one longer; those before it need not change.
      at = star + 1;
      from += 1;
      index = from;
    } else return false;
  }
  return /^\**$/.test(glob.slice(at));
}

function oneOf(globs: readonly string[] | undefined, text: string): boolean {
  return globs === undefined || globs.some((glob) => matchesGlob(glob, text));
}

function hasLabels(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(wanted).every(
    ([key, glob]) => Object.hasOwn(labels, key) && matchesGlob(glob, labels[key] ?? ''),
  );
}
