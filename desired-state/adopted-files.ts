/** Switches that were adopted, as files of a fleet repo. Pure: what is written where. */
import type { Platform } from '../schemas/fleet.ts';
import type { Tree } from '../schemas/json.ts';
import type { Fleet, FleetDevice } from './fleet.ts';
import { DEVICES } from './fleet-layout.ts';
import { type FixedLayers, type LiftedLayers, liftLayers } from './lift-layers.ts';
import { renderYaml } from './render-yaml.ts';

/** A switch that is to have a file of its own. */
export interface AdoptedDevice {
  readonly name: string;
  readonly site: string;
  readonly role: string;
  readonly platform: Platform;
  /** As the device file writes it, with a port where it is not the platform's own. */
  readonly address: string;
  readonly serial: string;
  readonly mac?: string;
  /** Absent where the fleet's CA vouches for it. */
  readonly pin?: string;
  /** For whoever reads the file: model and version. Foreign text. */
  readonly about: string;
  /** In the form of its platform; secrets are references. */
  readonly tree: Tree;
}

export type AdoptedFile =
  /** `changed`: what stood there stays, but for a configuration nobody stood under. */
  | { readonly path: string; readonly kind: 'new' | 'changed'; readonly text: string }
  /** The example a fleet began with: real switches take its place. */
  | { readonly path: string; readonly kind: 'removed' };

export interface AdoptedFiles {
  /** In path order. */
  readonly files: readonly AdoptedFile[];
  /** Roles and sites that were left as they are because others stand under them. */
  readonly kept: readonly string[];
  /** Characters and lines of all configurations in `files`. */
  readonly written: TextSize;
  /** What they would be with each switch in a file by itself, its ranges folded as here. */
  readonly apart: TextSize;
}

export interface TextSize {
  readonly lines: number;
  readonly characters: number;
}

/** What the fleet repo holds already, as far as it matters here. */
export interface FleetText {
  readonly fleet: Fleet;
  /** Text by path, of the files of roles and sites. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Writes switches into a fleet: what they share goes to their roles and sites, as far as nobody else stands under those.
 *
 * @param devices None of them in the fleet.
 */
export function renderAdoptedFiles({ fleet, texts }: FleetText, devices: readonly AdoptedDevice[]): AdoptedFiles {
  const examples = examplesBeside(fleet, devices);
  const fixed = fixedLayers(fleet, examples, devices);
  const lifted = liftLayers(devices, fixed);
  const files = [
    ...scopesOf(devices, 'role').map((role) =>
      scopeFile(
        texts,
        `desired-state/roles/${role}.yaml`,
        `Role ${role}`,
        lifted.roles.get(role),
        fixed.roles.has(role),
      ),
    ),
    ...scopesOf(devices, 'site').map((site) =>
      scopeFile(
        texts,
        `desired-state/sites/${site}.yaml`,
        `Site ${site}`,
        lifted.sites.get(site),
        fixed.sites.has(site),
      ),
    ),
    ...devices.map((device) => deviceFile(device, lifted.devices.get(device.name))),
    ...examples.map(({ file }): AdoptedFile => ({ path: file, kind: 'removed' })),
  ]
    .filter((file) => file !== undefined)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const alone: FixedLayers = { roles: new Map(), sites: new Map() };
  return {
    files,
    kept: [
      ...[...fixed.roles.keys()].map((role) => `role ${role}`),
      ...[...fixed.sites.keys()].map((site) => `site ${site}`),
    ],
    written: sizeOf(lifted),
    apart: devices.map((device) => sizeOf(liftLayers([device], alone))).reduce(add, NOTHING),
  };
}

/** Devices that were never real, as `pointsman init` writes one, under a role or site that is written now. */
function examplesBeside(fleet: Fleet, devices: readonly AdoptedDevice[]): readonly FleetDevice[] {
  return [...fleet.devices.values()].filter(
    ({ site, value }) =>
      value.flags?.deploy_enabled === false &&
      value.serial.startsWith('EXAMPLE-') &&
      devices.some((device) => device.site === site || device.role === value.role),
  );
}

/**
 * Roles and sites whose configuration is not ours to write: somebody wrote one already, or a switch that is not adopted stands
 * under them, or templates do. What only an example stood under was an example too.
 */
function fixedLayers(fleet: Fleet, examples: readonly FleetDevice[], devices: readonly AdoptedDevice[]): FixedLayers {
  const others = [...fleet.devices.values()].filter((device) => !examples.includes(device));
  const fixedAmong = (
    names: readonly string[],
    isUnder: (device: FleetDevice, name: string) => boolean,
    fileOf: (name: string) => { readonly file: string; readonly templated: boolean } | undefined,
  ): ReadonlyMap<string, readonly Tree[]> =>
    new Map(
      names.flatMap((name): [string, readonly Tree[]][] => {
        const known = fileOf(name);
        const layers = known ? (fleet.sources.layers.get(known.file) ?? []).map(({ tree }) => tree) : [];
        const free =
          !known?.templated &&
          !others.some((device) => isUnder(device, name)) &&
          (layers.length === 0 || examples.some((device) => isUnder(device, name)));
        return free ? [] : [[name, layers]];
      }),
    );
  return {
    roles: fixedAmong(
      scopesOf(devices, 'role'),
      ({ value }, role) => value.role === role,
      (role) => {
        const known = fleet.roles.get(role);
        return known && { file: known.file, templated: (known.value.templates ?? []).length > 0 };
      },
    ),
    sites: fixedAmong(
      scopesOf(devices, 'site'),
      (device, site) => device.site === site,
      (site) => {
        const known = fleet.sites.get(site);
        return known && { file: known.file, templated: false };
      },
    ),
  };
}

function scopesOf(devices: readonly AdoptedDevice[], kind: 'role' | 'site'): readonly string[] {
  return [...new Set(devices.map((device) => device[kind]))].sort();
}

/**
 * A file of a role or site that has to be there. `undefined` when it is, and stays as it is.
 *
 * @param fixed Its configuration is not ours to write.
 */
function scopeFile(
  texts: ReadonlyMap<string, string>,
  path: string,
  title: string,
  configuration: Tree | undefined,
  fixed: boolean,
): AdoptedFile | undefined {
  const known = texts.get(path);
  if (known === undefined) {
    const heading = `# ${title}: what the switches adopted together have in common.`;
    return { path, kind: 'new', text: lines([heading, ...renderYaml({ configuration: configuration ?? {} })]) };
  }
  const kept = fixed ? known : known.replace(CONFIGURATION, '');
  if (configuration === undefined && kept === known) return undefined;
  const added = configuration === undefined ? '' : `\n${lines(renderYaml({ configuration }))}`;
  const text = `${kept.trimEnd()}\n${added}`;
  return {
    path,
    kind: 'changed',
    text: /^[^#\s]/m.test(text) ? text : `${text}\n${lines(renderYaml({ configuration: {} }))}`,
  };
}

/** The configuration in a file of block maps: its key and everything that is indented below. */
const CONFIGURATION = /^configuration:.*\n?(?:(?:[ \t]+.*|[ \t]*)\n)*(?:[ \t]+.*$)?/m;

function deviceFile(device: AdoptedDevice, configuration: Tree | undefined): AdoptedFile {
  const { name, site, platform, role, address, serial, mac, pin, about } = device;
  const described: Tree = {
    platform,
    role,
    address,
    serial,
    ...(mac === undefined ? {} : { mac }),
    ...(pin === undefined ? {} : { tls: { pins: [pin] } }),
    ...(configuration === undefined ? {} : { configuration }),
  };
  return {
    path: `${DEVICES}/${site}/${name}.yaml`,
    kind: 'new',
    text: lines([`# Adopted as it ran: ${oneLine(about)}.`, ...renderYaml(described)]),
  };
}

/** Into a comment goes nothing that could end it. */
function oneLine(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 120);
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}

const NOTHING: TextSize = { lines: 0, characters: 0 };

function sizeOf({ roles, sites, devices }: LiftedLayers): TextSize {
  return [...roles.values(), ...sites.values(), ...devices.values()]
    .map((configuration) => {
      const text = lines(renderYaml({ configuration }));
      return { lines: text.split('\n').length - 1, characters: text.length };
    })
    .reduce(add, NOTHING);
}

function add(a: TextSize, b: TextSize): TextSize {
  return { lines: a.lines + b.lines, characters: a.characters + b.characters };
}
