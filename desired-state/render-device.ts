import { createHash } from 'node:crypto';
import { sha256OfJson } from '../schemas/canonical.ts';
import type { Tree } from '../schemas/json.ts';
import type { Problem } from '../schemas/problem.ts';
import type { FleetDevice, IntendedConfiguration, PlatformKnowledge, Platforms, RenderSource } from './fleet.ts';
import { TEMPLATES } from './fleet-layout.ts';
import { type Layer, originIn } from './layer.ts';
import { mergeTrees } from './merge-trees.ts';
import type { SecretPlace } from './places.ts';
import { createSecretMatcher, secretPlaces } from './secret-references.ts';
import { templateContext } from './template-context.ts';
import { renderTemplateLayers } from './template-layers.ts';

export type RenderedDevice =
  | { readonly kind: 'rendered'; readonly configuration: IntendedConfiguration }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/**
 * What the fleet says one device should hold: role, site and device layers, then the role's templates, then the
 * device's. Asking again for a device none of whose inputs changed costs nothing.
 */
export function renderDevice(fleet: RenderSource, device: FleetDevice, platforms: Platforms): RenderedDevice {
  const { renders } = fleet.sources.cache;
  const key = inputsOf(fleet, device);
  const known = renders.get(key) as RenderedDevice | undefined;
  if (known) return known;
  const rendered = render(fleet, device, platforms[device.value.platform]);
  renders.set(key, rendered);
  return rendered;
}

/**
 * Where secrets stand in what the fleet says of one device. Of a device that does not render, as far as its files can be
 * read: its templates say nothing then.
 */
export function secretPlacesOf(fleet: RenderSource, device: FleetDevice, platforms: Platforms): readonly SecretPlace[] {
  const rendered = renderDevice(fleet, device, platforms);
  if (rendered.kind === 'rendered') return rendered.configuration.secrets;
  const layers = objectFiles(fleet, device).flatMap((file) => fleet.sources.layers.get(file) ?? []);
  const merged = layers.reduce<Tree>((below, { tree }) => mergeTrees(below, tree), {});
  return secretPlaces(platforms[device.value.platform].normalise(merged));
}

/** How a device's rendering came out, without the rendering. */
export type RenderVerdict =
  /** SHA-256 of the configuration: equal digests mean equal configurations. */
  | { readonly kind: 'rendered'; readonly digest: string }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/** Devices rendered under one watchdog. */
const BATCH = 50;

/** Renders many devices and keeps only what has to be known of each, in their order. */
export function renderVerdicts(
  fleet: RenderSource,
  devices: readonly FleetDevice[],
  platforms: Platforms,
): readonly RenderVerdict[] {
  const { templates } = fleet.sources;
  return Array.from({ length: Math.ceil(devices.length / BATCH) }, (_, index) => {
    const batch = devices.slice(index * BATCH, (index + 1) * BATCH);
    const judge = () => batch.map((device) => renderVerdict(fleet, device, platforms));
    return templates.together(judge) ?? judge();
  }).flat();
}

function renderVerdict(fleet: RenderSource, device: FleetDevice, platforms: Platforms): RenderVerdict {
  const { digests } = fleet.sources.cache;
  const key = inputsOf(fleet, device);
  const known = digests.get(key);
  if (known !== undefined) return { kind: 'rendered', digest: known };
  const rendered = renderDevice(fleet, device, platforms);
  if (rendered.kind === 'invalid') return rendered;
  const digest = sha256OfJson(rendered.configuration.tree);
  digests.set(key, digest);
  return { kind: 'rendered', digest };
}

/** Paths of every file that has a say in a device's configuration, sorted. */
export function inputFiles(fleet: RenderSource, device: FleetDevice): readonly string[] {
  const objects = objectFiles(fleet, device);
  const templates = templatesOf(fleet, device).flatMap((name) => fleet.sources.templates.closureOf(name));
  const startups = objects.map((file) => file.replace(/\.yaml$/, '.startup.yaml'));
  return [...new Set([...objects, ...startups, ...templates.map((name) => TEMPLATES + name)])].sort();
}

/** One text for all a device is rendered from: paths and blob ids, and the platform whose rules apply. */
function inputsOf(fleet: RenderSource, device: FleetDevice): string {
  const { blobs } = fleet.sources;
  const inputs = inputFiles(fleet, device).map((file) => `${file} ${blobs.get(file) ?? '-'}`);
  return createHash('sha256')
    .update([device.value.platform, ...inputs].join('\n'))
    .digest('hex');
}

function render(fleet: RenderSource, device: FleetDevice, platform: PlatformKnowledge): RenderedDevice {
  const fromFiles = objectFiles(fleet, device).flatMap((file) => fleet.sources.layers.get(file) ?? []);
  const fromTemplates = renderTemplateLayers(
    fleet.sources.templates,
    templatesOf(fleet, device),
    templateContext(fleet, device),
    {
      secrets: createSecretMatcher(platform.secretPatterns),
      ...(platform.text ? { text: platform.text } : {}),
    },
  );
  if (fromTemplates.problems.length > 0) return { kind: 'invalid', problems: fromTemplates.problems };

  const layers: readonly Layer[] = [...fromFiles, ...fromTemplates.layers];
  const merged = layers.reduce<Tree>((below, { tree }) => mergeTrees(below, tree), {});
  const tree = platform.normalise(merged);
  return {
    kind: 'rendered',
    configuration: {
      device: device.name,
      tree,
      secrets: secretPlaces(tree),
      originOf: (path) => {
        for (let length = path.length; length > 0; length -= 1) {
          const origin = originIn(layers, path.slice(0, length));
          if (origin) return origin;
        }
        return undefined;
      },
    },
  };
}

/** Files of a device's role, site and its own, lowest layer first. */
function objectFiles(fleet: RenderSource, device: FleetDevice): readonly string[] {
  const role = fleet.roles.get(device.value.role)?.file;
  const site = fleet.sites.get(device.site)?.file;
  return [role, site, device.file].filter((file) => file !== undefined);
}

function templatesOf(fleet: RenderSource, device: FleetDevice): readonly string[] {
  return [...(fleet.roles.get(device.value.role)?.value.templates ?? []), ...(device.value.templates ?? [])];
}
