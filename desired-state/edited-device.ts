import type { Problem } from '../schemas/problem.ts';
import { parseFleetFile } from '../schemas/validate-file.ts';
import type { Fleet, FleetDevice, IntendedConfiguration, Platforms, RenderSource } from './fleet.ts';
import { createFleetCache } from './fleet-cache.ts';
import type { Layer } from './layer.ts';
import { objectLayers } from './object-layers.ts';
import { renderDevice } from './render-device.ts';
import { createSecretMatcher } from './secret-references.ts';

export type EditedDevice =
  | { readonly kind: 'rendered'; readonly configuration: IntendedConfiguration }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/**
 * What a device would be rendered to if the files that are its own said something else. Nothing is written anywhere; they
 * are read, checked and rendered as they would be from a commit.
 *
 * @param texts Of the device's own file, and of the startup.yaml beside it if it has one, by path.
 */
export function renderEditedDevice(
  fleet: Fleet,
  device: FleetDevice,
  texts: ReadonlyMap<string, string>,
  platforms: Platforms,
): EditedDevice {
  const startupPath = device.file.replace(/\.yaml$/, '.startup.yaml');
  const startupText = texts.get(startupPath);
  const own = parseFleetFile('device', texts.get(device.file) ?? '', device.file);
  const startup = startupText === undefined ? undefined : parseFleetFile('startup', startupText, startupPath);
  if (own.kind === 'invalid') return own;
  if (startup?.kind === 'invalid') return startup;

  const secrets = createSecretMatcher(Object.values(platforms).flatMap(({ secretPatterns }) => secretPatterns));
  const { layers, problems } = objectLayers(own.file, startup?.file, secrets);
  if (problems.length > 0) return { kind: 'invalid', problems };
  return renderDevice(withLayers(fleet, device, layers), { ...device, value: own.file.value }, platforms);
}

/** As much of the fleet as this device is rendered from. What is remembered of other texts has no say in it. */
function withLayers({ sites, roles, sources }: Fleet, device: FleetDevice, layers: readonly Layer[]): RenderSource {
  const shared = [roles.get(device.value.role)?.file, sites.get(device.site)?.file].flatMap((file) => {
    const known = file === undefined ? undefined : sources.layers.get(file);
    return file === undefined || known === undefined ? [] : [[file, known] as const];
  });
  return {
    sites,
    roles,
    sources: { ...sources, layers: new Map([...shared, [device.file, layers]]), cache: createFleetCache() },
  };
}
