import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { FleetFiles } from '../sandbox/fleets/fleet-files.ts';
import type { Lab } from '../sandbox/lab/lab.ts';
import type { LabNode } from '../sandbox/lab/lab-state.ts';

const FOLDER = join(import.meta.dirname, '..', 'examples', 'frr-fabric');
const TEMPLATES = /^templates:.*\n/m;

/** `examples/frr-fabric` for all routers of a lab. What they should run is not said yet: that is the first change. */
export async function makeFrrFleet(lab: Lab): Promise<FleetFiles> {
  const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('/devices/'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path.slice(FOLDER.length + 1), readFileSync(path, 'utf8').replace(TEMPLATES, '')] as const);
  const devices = lab.nodes.map(async (node, index) => {
    const { stdout } = await lab.run(node.name, ['cat', '/etc/machine-id']);
    return [`desired-state/devices/lab1/${node.name}.yaml`, deviceFile(node, index, stdout.trim())] as const;
  });
  return new Map([...files, ...(await Promise.all(devices))]);
}

function deviceFile({ name, address, hostKey, links }: LabNode, index: number, serial: string): string {
  const isSpine = name.startsWith('spine');
  return stringify({
    platform: 'frr',
    role: isSpine ? 'spine' : 'leaf',
    address,
    serial,
    ssh: { host_keys: [asPrinted(hostKey)] },
    data: {
      loopback: `10.255.${isSpine ? 0 : 1}.${index + 1}`,
      fabric_ports: links.map(({ port }) => port),
      ...(isSpine ? {} : { asn: 65100 + index }),
    },
  });
}

/** As `ssh-keygen -lf` prints it. */
function asPrinted(hostKey: string): string {
  const hash = Buffer.from(hostKey.replace('sha256:', ''), 'hex').toString('base64');
  return `SHA256:${hash.replace(/=+$/, '')}`;
}

/** What a pull request says of both roles. */
export type FrrChange = 'bring-up' | 'accept-less';

export function editOf(files: FleetFiles, change: FrrChange): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ['leaf', 'spine'].map((role) => {
      const path = `desired-state/roles/${role}.yaml`;
      const accepted = change === 'accept-less' ? '  accept: [10.255.0.0/16]\n' : '';
      return [path, `templates: [fabric.frr.conf.j2]\n${files.get(path)}${accepted}`];
    }),
  );
}
