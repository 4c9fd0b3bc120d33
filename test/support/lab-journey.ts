import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { devicePaths, type FleetFiles } from '../../sandbox/fleets/fleet-files.ts';
import type { Lab } from '../../sandbox/lab/lab.ts';
import type { LabNode } from '../../sandbox/lab/lab-state.ts';
import { createJourney, type Journey, type JourneyOptions } from './journey.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'examples', 'frr-fabric');
const ON_SWITCH = join(import.meta.dirname, '..', '..', 'drivers', 'frr', 'on-switch');
const DEVICES = 'desired-state/devices/lab1/';

/** What docs/frr.md has people install on a router. */
export function factoryFiles(): ReadonlyMap<string, { readonly content: string; readonly mode: number }> {
  const content = (name: string) => readFileSync(join(ON_SWITCH, name), 'utf8');
  return new Map([
    ['/usr/local/sbin/pointsman-switch', { content: content('pointsman-switch'), mode: 0o755 }],
    ['/etc/sudoers.d/pointsman', { content: content('pointsman.sudoers'), mode: 0o440 }],
  ]);
}

/** examples/frr-fabric, pointed at the routers of a lab: a device file for each of them, and for no other. */
async function labFleet(lab: Lab): Promise<FleetFiles> {
  const files = new Map(
    readdirSync(FOLDER, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(FOLDER.length + 1), readFileSync(path, 'utf8')] as const),
  );
  const names = lab.nodes.map(({ name }) => name);
  for (const [name, path] of devicePaths(files)) if (!names.includes(name)) files.delete(path);
  for (const node of lab.nodes) {
    const path = `${DEVICES}${node.name}.yaml`;
    const { stdout: machineId } = await lab.run(node.name, ['cat', '/etc/machine-id']);
    files.set(path, pointedAt(node, machineId.trim(), files.get(path) ?? ''));
  }
  return files;
}

function pointedAt(node: LabNode, serial: string, text: string): string {
  const document = parseDocument(text);
  document.set('address', node.address);
  document.set('serial', serial);
  document.setIn(['ssh', 'host_keys'], [fingerprintOf(node.hostKey)]);
  return document.toString();
}

/** As `ssh-keygen -lf` prints it. */
function fingerprintOf(pin: string): string {
  return `SHA256:${Buffer.from(pin.replace(/^sha256:/, ''), 'hex')
    .toString('base64')
    .replace(/=+$/, '')}`;
}

/** The product on the routers of a lab, with a GitHub and people; on the machine's own clock, which is the routers' too. */
export async function createLabJourney(
  lab: Lab,
  options: Pick<JourneyOptions, 'pace'> & { readonly files?: (files: FleetFiles) => FleetFiles } = {},
): Promise<Journey> {
  const [node] = lab.nodes;
  if (!node) throw new Error('the lab has no node');
  const secrets = new Map([
    ['fleet/fingerprint-key', 'a key for fingerprints that is long enough to be one'],
    ['fleet/ssh-key', readFileSync(node.privateKey, 'utf8')],
  ]);
  return createJourney({ ...options, speed: 1, fabric: { files: await labFleet(lab), switches: [], secrets } });
}
