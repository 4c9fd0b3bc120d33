import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { parse } from 'yaml';
import { type DemoUsername, demoPasswords, demoPasswordsByHash, demoSecrets } from './fleets/demo-secrets.ts';
import { devicePaths, type FleetFiles, textOf } from './fleets/fleet-files.ts';
import type { LldpNeighbour, SwitchSpec, SwitchUser } from './switches/switch-spec.ts';

/**
 * A switch of the demo fabric: what an emulated one has to be told, but for its configuration. That is what the fleet
 * renders to, and rendering is not the sandbox's business.
 */
export type DemoSwitch = Omit<SwitchSpec, 'configuration'> &
  Required<Pick<SwitchSpec, 'model' | 'platform' | 'version' | 'hashes' | 'neighbours'>> & {
    readonly site: string;
    readonly mac: string;
  };

export interface DemoFabric {
  /** The fleet repo, by path, as users copy it: its addresses and pins lead nowhere until `withEndpoints` sets them. */
  readonly files: FleetFiles;
  /** In the order of their names. */
  readonly switches: readonly DemoSwitch[];
  /** Values by secret name. */
  readonly secrets: ReadonlyMap<string, string>;
}

const FOLDER = join(import.meta.dirname, '..', 'examples', 'demo-fabric');

/** Reads examples/demo-fabric, the fleet repo users copy, with what is needed to bring its switches to life. */
export function readDemoFabric(): DemoFabric {
  const paths = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(FOLDER.length + 1))
    .sort();
  const files = new Map(paths.map((path) => [path.split(sep).join('/'), readFileSync(join(FOLDER, path), 'utf8')]));

  const switches = [...devicePaths(files)]
    .map(([name, path]) => makeSwitch(name, path, parse(textOf(files, path))))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { files, switches, secrets: demoSecrets };
}

/** The part of a device file relied on here. */
interface DeviceFile {
  readonly serial: string;
  readonly mac: string;
  readonly data?: { readonly servers?: readonly { readonly port: number; readonly name: string }[] };
}

function makeSwitch(name: string, path: string, device: DeviceFile): DemoSwitch {
  const number = Number(name.slice(-2));
  const spine = name.startsWith('spine');
  return {
    name,
    site: path.split('/').at(-2) ?? '',
    serial: device.serial,
    mac: device.mac,
    platform: 'cumulus',
    model: spine ? 'MSN2700' : 'MSN2410',
    release: '5.11',
    version: '5.11.1',
    users,
    hashes: demoPasswordsByHash,
    neighbours: spine ? spineNeighbours(number) : leafNeighbours(number, device),
  };
}

const roles: Readonly<Record<DemoUsername, SwitchUser['role']>> = {
  cumulus: 'system-admin',
  pointsman: 'nvue-admin',
  'pointsman-plan': 'nvset',
  noc: 'nvue-monitor',
};

const users: readonly SwitchUser[] = Object.entries(demoPasswords).map(([username, password]) => ({
  username,
  password,
  role: roles[username as DemoUsername],
}));

/** Leaf n hangs on port n of every spine. */
function spineNeighbours(spine: number): Readonly<Record<string, LldpNeighbour>> {
  return Object.fromEntries(
    [1, 2, 3, 4].map((leaf) => [`swp${leaf}`, { systemName: `leaf0${leaf}`, port: `swp${50 + spine}` }]),
  );
}

/** Spine n on port 50 + n, the other leaf of the pair on 49 and 50, server n on port n. */
function leafNeighbours(leaf: number, { data }: DeviceFile): Readonly<Record<string, LldpNeighbour>> {
  const peer = `leaf0${leaf % 2 === 1 ? leaf + 1 : leaf - 1}`;
  const serverPort = leaf % 2 === 1 ? 'eth0' : 'eth1';
  return {
    ...Object.fromEntries(
      (data?.servers ?? []).map((server) => [`swp${server.port}`, { systemName: server.name, port: serverPort }]),
    ),
    swp49: { systemName: peer, port: 'swp49' },
    swp50: { systemName: peer, port: 'swp50' },
    swp51: { systemName: 'spine01', port: `swp${leaf}` },
    swp52: { systemName: 'spine02', port: `swp${leaf}` },
  };
}
