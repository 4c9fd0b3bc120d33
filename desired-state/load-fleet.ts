import type { Problem } from '../schemas/problem.ts';
import { inFileOrder } from '../schemas/render-problems.ts';
import type { FleetFile } from '../schemas/validate-file.ts';
import { checkFleet } from './check-fleet.ts';
import type { Fleet, FleetDevice, Platforms, Sourced } from './fleet.ts';
import { createFleetCache, type FleetCache } from './fleet-cache.ts';
import type { Layer } from './layer.ts';
import { objectLayers } from './object-layers.ts';
import { type FleetAt, type FleetFiles, readFleet, readLayout } from './read-fleet.ts';
import { renderDevice } from './render-device.ts';
import { createSecretMatcher, type SecretMatcher } from './secret-references.ts';
import { templateProblem } from './template-layers.ts';
import { createTemplateSet, type TemplateSet } from './template-set.ts';

export type LoadedFleet =
  | { readonly kind: 'valid'; readonly fleet: Fleet }
  /** Every problem of the fleet, by file, line and column; never empty. */
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

export interface LoadOptions {
  readonly platforms: Platforms;
  /** Also render every device, and report what goes wrong. What `validate` does. */
  readonly render?: boolean;
  /** Kept by the caller from one look to the next. */
  readonly cache?: FleetCache;
}

/**
 * Reads a whole fleet and checks all of it.
 *
 * @throws {FleetRevisionUnknownError} There is no such revision.
 */
export async function loadFleet(at: FleetAt, options: LoadOptions): Promise<LoadedFleet> {
  const { platforms, render = false, cache = createFleetCache() } = options;
  const files = await readFleet(at, await readLayout(at), cache);
  const loaded = buildFleet(files, platforms, cache);
  if (loaded.kind === 'invalid' || !render) return loaded;
  const problems = renderProblems(loaded.fleet, platforms);
  return problems.length > 0 ? { kind: 'invalid', problems: inFileOrder(problems) } : loaded;
}

/** Checks files that were read and makes a fleet of them. */
export function buildFleet(
  files: FleetFiles,
  platforms: Platforms,
  cache: FleetCache,
  alsoWrong: readonly Problem[] = [],
): LoadedFleet {
  const secrets = createSecretMatcher(Object.values(platforms).flatMap(({ secretPatterns }) => secretPatterns));
  const { layers, problems: layerProblems } = allLayers(files, secrets);
  const templates = createTemplateSet(files.templates);
  const problems = [
    ...files.problems,
    ...checkFleet(files),
    ...layerProblems,
    ...templates.faults.map((fault) => templateProblem(templates, fault)),
    ...alsoWrong,
  ];
  const { settings } = files;
  if (problems.length > 0 || !settings) return { kind: 'invalid', problems: inFileOrder(problems) };
  return { kind: 'valid', fleet: toFleet({ ...files, settings }, layers, templates, cache) };
}

function toFleet(
  files: FleetFiles & { readonly settings: FleetFile<'settings'> },
  layers: ReadonlyMap<string, readonly Layer[]>,
  templates: TemplateSet,
  cache: FleetCache,
): Fleet {
  const { layout } = files;
  const devices = files.devices.map(({ name, site, file }): [string, FleetDevice] => [
    name,
    { ...sourced(file), name, site },
  ]);
  const entries = [
    ...[layout.settings, layout.approvals, layout.images].filter((entry) => entry !== undefined),
    ...layout.sites.values(),
    ...layout.roles.values(),
    ...layout.templates.values(),
    ...layout.startups.values(),
    ...layout.devices.map(({ entry }) => entry),
  ];
  return {
    revision: files.revision,
    settings: sourced(files.settings),
    sites: mapValues(files.sites, sourced),
    roles: mapValues(files.roles, sourced),
    devices: new Map(devices),
    images: files.images?.value ?? {},
    approvals: files.approvals?.value ?? { rules: [] },
    deviceCount: layout.devices.length,
    sources: { blobs: new Map(entries.map(({ path, blob }) => [path, blob])), layers, templates, cache },
  };
}

function sourced<T>({
  document,
  value,
}: {
  readonly document: { readonly file: string };
  readonly value: T;
}): Sourced<T> {
  return { file: document.file, value };
}

function allLayers(files: FleetFiles, secrets: SecretMatcher) {
  const objects = [...files.sites.values(), ...files.roles.values(), ...files.devices.map(({ file }) => file)];
  const layers = new Map<string, readonly Layer[]>();
  const problems: Problem[] = [];
  for (const object of objects) {
    const { file } = object.document;
    const own = objectLayers(object, files.startups.get(file), secrets);
    layers.set(file, own.layers);
    problems.push(...own.problems);
  }
  return { layers, problems };
}

/** One mistake in a template is one problem, however many devices run into it. */
export function renderProblems(
  fleet: Fleet,
  platforms: Platforms,
  devices: Iterable<FleetDevice> = fleet.devices.values(),
): readonly Problem[] {
  const found = new Map<string, { readonly problem: Problem; readonly devices: string[] }>();
  for (const device of devices) {
    const rendered = renderDevice(fleet, device, platforms);
    if (rendered.kind === 'rendered') continue;
    for (const problem of rendered.problems) {
      const key = JSON.stringify(problem);
      const same = found.get(key) ?? { problem, devices: [] };
      same.devices.push(device.name);
      found.set(key, same);
    }
  }
  return [...found.values()].map(({ problem, devices: [first, ...others] }) => {
    const also = others.length === 0 ? '' : ` and ${others.length} other${others.length === 1 ? '' : 's'}`;
    return { ...problem, message: `${problem.message}, rendering ${first}${also}` };
  });
}

function mapValues<T, U>(map: ReadonlyMap<string, T>, change: (value: T) => U): ReadonlyMap<string, U> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
