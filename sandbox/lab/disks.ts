import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { ownerIn } from './accounts.ts';
import type { Fabric } from './fabric.ts';
import { hiddenPaths, makeFactoryImage, script } from './factory-image.ts';
import type { Hub } from './hub.ts';
import { type ImageFile, writeLayer } from './image-file.ts';
import type { LabNode } from './lab-state.ts';
import { type ManagementBlock, nodeAddress } from './management.ts';
import { makeNodeFiles } from './node-files.ts';
import {
  engineerKey,
  fingerprintOf,
  makeKeyPair,
  pointsmanKey,
  renderKnownHosts,
  renderSshConfig,
} from './ssh-keys.ts';

export interface DisksInput {
  readonly fabric: Fabric;
  readonly block: ManagementBlock;
  readonly imageFiles: ReadonlyMap<string, ImageFile>;
  /** For the keys that may log in, and for what `ssh` has to know. */
  readonly directory: string;
}

/** Writes the disks into the hub: one layer for all nodes, one for each. Returns the nodes as they will answer. */
export async function installDisks(
  hub: Hub,
  { fabric, block, imageFiles, directory }: DisksInput,
  signal: AbortSignal,
): Promise<readonly LabNode[]> {
  const passwd = readFileSync('/etc/passwd', 'utf8');
  const keys = {
    pointsman: await makeKeyPair(pointsmanKey(directory), signal),
    engineer: await makeKeyPair(engineerKey(directory), signal),
  };
  const image = makeFactoryImage({ passwd, group: readFileSync('/etc/group', 'utf8'), keys, imageFiles });
  writeLayer(hub.path('/run/factory'), image.folders, image.files);
  for (const name of ['enter-node.sh', 'watch-cables.sh', 'remember-interfaces.py']) {
    writeFileSync(hub.path(`/run/bin/${name}`), script(name));
  }
  await hub.sh('Hiding the machine from the nodes', renderHiding(hiddenPaths(readdirSync('/'))), signal);
  await hub.sh(
    'Making disks',
    fabric.nodes.map(({ name }) => `mkdir -p /run/disks/${name}/upper/etc/ssh /run/disks/${name}/work`).join('\n'),
    signal,
  );

  const frr = ownerIn(passwd, 'frr');
  const few = pLimit(4);
  const installed = await Promise.all(
    fabric.nodes.map((node, index) =>
      few(async () => {
        const address = nodeAddress(block, index);
        const serial = `PL${String(block.number).padStart(2, '0')}${String(index + 1).padStart(5, '0')}`;
        const upper = hub.path(`/run/disks/${node.name}/upper`);
        const files = makeNodeFiles({ node, address, prefixLength: block.prefixLength, serial, frr });
        writeLayer(upper, {}, Object.entries(files));
        const publicKey = await makeKeyPair(join(upper, 'etc/ssh/ssh_host_ed25519_key'), signal);
        return { node, address, serial, publicKey };
      }),
    ),
  );
  const uppers = fabric.nodes.map(({ name }) => `/run/disks/${name}/upper`);
  await hub.sh('Telling ifupdown2', `python3 /run/bin/remember-interfaces.py ${uppers.join(' ')}`, signal);
  const nodes = installed.map(
    ({ node, address, serial, publicKey }): LabNode => ({
      name: node.name,
      address,
      port: 22,
      hostKey: fingerprintOf(publicKey),
      serial,
      links: node.links,
      user: 'pointsman',
      privateKey: pointsmanKey(directory),
    }),
  );
  const publicKeys = installed.map(({ publicKey }) => publicKey);
  writeFileSync(join(directory, 'known_hosts'), renderKnownHosts(nodes, publicKeys));
  writeFileSync(join(directory, 'ssh_config'), renderSshConfig(directory, nodes));
  return nodes;
}

/** A character device 0, 0 in a layer is how an overlay says that a name of the layers below is not there. */
function renderHiding(paths: readonly string[]): string {
  return paths
    .map((path) => {
      const place = quoted(`/run/hidden${path}`);
      return `mkdir -p "$(dirname ${place})"; mknod ${place} c 0 0`;
    })
    .join('\n');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
