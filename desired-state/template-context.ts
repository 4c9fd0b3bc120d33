import type { Json, Tree } from '../schemas/json.ts';
import type { FleetDevice, RenderSource } from './fleet.ts';
import { mergeTrees } from './merge-trees.ts';
import { deviceLabels } from './select-devices.ts';

/**
 * What templates see: `device`, `site`, `role`, and `data`: the role's, with the site's and then the device's own laid
 * over it. What a file leaves out is undefined, and so an error unless the template asks `is defined`.
 */
export function templateContext(fleet: RenderSource, device: FleetDevice): Json {
  const role = fleet.roles.get(device.value.role)?.value;
  const site = fleet.sites.get(device.site)?.value;
  const { platform, address, serial, mac } = device.value;
  // The schema has seen it; what YAML holds is JSON.
  const data = [role?.data, site?.data, device.value.data].map((layer) => (layer ?? {}) as Tree);
  return {
    device: {
      name: device.name,
      site: device.site,
      role: device.value.role,
      platform,
      address,
      serial,
      ...(mac === undefined ? {} : { mac }),
      labels: deviceLabels(fleet, device),
    },
    site: { name: device.site, time_zone: site?.time_zone ?? 'UTC', labels: site?.labels ?? {} },
    role: { name: device.value.role, labels: role?.labels ?? {} },
    data: data.reduce<Tree>(mergeTrees, {}),
  };
}
