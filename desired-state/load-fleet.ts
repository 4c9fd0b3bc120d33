import type { Problem } from '../schemas/problem.ts';
import { inFileOrder } from '../schemas/render-problems.ts';
import { checkFleet } from './check-fleet.ts';
import type { Fleet, FleetDevice, Platforms, RenderSource, Sourced } from './fleet.ts';
import { createFleetCache, type FleetCache } from './fleet-cache.ts';
import type { FleetLayout } from './fleet-layout.ts';
import type { Layer } from './layer.ts';
import { objectLayers } from './object-layers.ts';
import { type FleetAt, type FleetFiles, readFleet, readLayout } from './read-fleet.ts';
import { type RenderVerdict, renderVerdicts } from './render-device.ts';
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
  const built = buildFleet(files, platforms, cache);
  if (!render) return verdictOn(built);
  const { devices } = built.renderable;
  return verdictOn(built, renderAll(built.renderable, [...devices.values()], platforms).problems);
}

/** Files made into a fleet as far as they are sound. */
export interface BuiltFleet {
  /** Absent when there are problems. */
  readonly fleet?: Fleet;
  readonly problems: readonly Problem[];
  /** Devices whose inputs are all sound, whatever is wrong elsewhere, so that their templates can be tried as well. */
  readonly renderable: RenderSource & Pick<Fleet, 'devices'>;
}

/** The fleet, or everything that is wrong with it. */
export function verdictOn(built: BuiltFleet, alsoWrong: readonly Problem[] = []): LoadedFleet {
  const problems = [...built.problems, ...alsoWrong];
  if (problems.length > 0 || !built.fleet) return { kind: 'invalid', problems: inFileOrder(problems) };
  return { kind: 'valid', fleet: built.fleet };
}

/** Checks files that were read and makes a fleet of them. */
export function buildFleet(files: FleetFiles, platforms: Platforms, cache: FleetCache): BuiltFleet {
  const secrets = createSecretMatcher(Object.values(platforms).flatMap(({ secretPatterns }) => secretPatterns));
  const { layers, problems: layerProblems } = allLayers(files, secrets);
  const templates = templateSet(files, cache);
  const problems = [
    ...files.problems,
    ...checkFleet(files),
    ...layerProblems,
    ...templates.faults.map((fault) => templateProblem(templates, fault)),
  ];
  const { settings } = files;
  const all = {
    sites: mapValues(files.sites, sourced),
    roles: mapValues(files.roles, sourced),
    devices: allDevices(files),
    sources: { blobs: blobsOf(files.layout), layers, templates, cache },
  };
  if (problems.length > 0 || !settings) {
    return { problems, renderable: { ...all, devices: soundDevices(all) } };
  }
  const fleet: Fleet = {
    ...all,
    revision: files.revision,
    settings: sourced(settings),
    images: files.images?.value ?? {},
    approvals: files.approvals?.value ?? { rules: [] },
    automation: files.automation?.value ?? {},
    requests: mapValues(files.requests, sourced),
    deviceCount: files.layout.devices.length,
  };
  return { fleet, problems, renderable: fleet };
}

/** Renders devices; a mistake in a template is one problem, however many devices run into it. */
export function renderAll(
  source: RenderSource,
  devices: readonly FleetDevice[],
  platforms: Platforms,
): { readonly verdicts: readonly RenderVerdict[]; readonly problems: readonly Problem[] } {
  const verdicts = renderVerdicts(source, devices, platforms);
  const found = new Map<string, { readonly problem: Problem; readonly devices: string[] }>();
  for (const [index, verdict] of verdicts.entries()) {
    if (verdict.kind === 'rendered') continue;
    for (const problem of verdict.problems) {
      const key = JSON.stringify(problem);
      const same = found.get(key) ?? { problem, devices: [] };
      same.devices.push(devices[index]?.name ?? '');
      found.set(key, same);
    }
  }
  const problems = [...found.values()].map(({ problem, devices: [first, ...others] }) => {
    const also = others.length === 0 ? '' : ` and ${others.length} other${others.length === 1 ? '' : 's'}`;
    return { ...problem, message: `${problem.message}, rendering ${first}${also}` };
  });
  return { verdicts, problems };
}

function allDevices(files: FleetFiles): ReadonlyMap<string, FleetDevice> {
  return new Map(files.devices.map(({ name, site, file }) => [name, { ...sourced(file), name, site }]));
}

function soundDevices(source: RenderSource & Pick<Fleet, 'devices'>): ReadonlyMap<string, FleetDevice> {
  const { templates } = source.sources;
  const faulty = new Set(templates.faults.map(({ template }) => template));
  const sound = (name: string) => templates.sources.has(name) && !faulty.has(name);
  return new Map(
    [...source.devices].filter(([, { site, value }]) => {
      const role = source.roles.get(value.role);
      if (!role || !source.sites.has(site)) return false;
      const used = [...(role.value.templates ?? []), ...(value.templates ?? [])];
      return used.flatMap((name) => templates.closureOf(name)).every(sound);
    }),
  );
}

function blobsOf(layout: FleetLayout): ReadonlyMap<string, string> {
  const entries = [
    ...[layout.settings, layout.approvals, layout.permissions, layout.automation, layout.images].filter(
      (entry) => entry !== undefined,
    ),
    ...layout.requests.values(),
    ...layout.sites.values(),
    ...layout.roles.values(),
    ...layout.templates.values(),
    ...layout.startups.values(),
    ...layout.devices.map(({ entry }) => entry),
  ];
  return new Map(entries.map(({ path, blob }) => [path, blob]));
}

function templateSet({ templates, layout }: FleetFiles, cache: FleetCache): TemplateSet {
  const key = [...templates.keys()].map((name) => `${name} ${layout.templates.get(name)?.blob}`).join('\n');
  const known = cache.templateSets.get(key) ?? createTemplateSet(templates);
  cache.templateSets.set(key, known);
  return known;
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
  const { salvaged } = files;
  const objects = [
    ...[...files.sites.values(), ...files.roles.values(), ...files.devices.map(({ file }) => file)],
    ...[...salvaged.sites, ...salvaged.roles, ...salvaged.devices.map(({ file }) => file)],
  ];
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

function mapValues<T, U>(map: ReadonlyMap<string, T>, change: (value: T) => U): ReadonlyMap<string, U> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
