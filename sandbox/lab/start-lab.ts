import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pLimit from 'p-limit';
import { ownerIn } from './accounts.ts';
import { LabMissingError, LabRefusal } from './errors.ts';
import { type Fabric, makeFabric } from './fabric.ts';
import { hiddenPaths, makeFactoryImage, script } from './factory-image.ts';
import { BLACKHOLE_RULES } from './faults.ts';
import { type Hub, startHub } from './hub.ts';
import { type ImageFile, writeLayer } from './image-file.ts';
import { createRunningLab, type Lab } from './lab.ts';
import { makeLabFolder } from './lab-folder.ts';
import type { LabNode, LabState } from './lab-state.ts';
import { claimBlock, LARGEST_LAB, type ManagementBlock, nodeAddress, releaseBlock } from './management.ts';
import { missingForLab } from './missing.ts';
import { makeNodeFiles } from './node-files.ts';
import { batch, switchOn, waitUntilReady } from './power.ts';
import {
  engineerKey,
  fingerprintOf,
  makeKeyPair,
  pointsmanKey,
  renderKnownHosts,
  renderSshConfig,
} from './ssh-keys.ts';
import { renderHubWiring } from './wiring.ts';

export interface LabInput {
  /** 1 or more. */
  readonly spines: number;
  /** 1 or more. */
  readonly leaves: number;
  /** By absolute path: what every node has on its disk from the factory, for instance a sudoers file and a helper. */
  readonly imageFiles: ReadonlyMap<string, ImageFile>;
  /** Is made, must not be there yet, and is removed with the lab: keys, `known_hosts`, `ssh_config`. */
  readonly directory: string;
  /** For all nodes to be ready, once they have power; 120 unless given. */
  readonly readyWithinSeconds?: number;
}

/**
 * Builds a fabric and boots it. Returns when every node answers on SSH and its FRR is up.
 *
 * Everything ends with this process, however it ends.
 *
 * @param signal Ends the start, and with it whatever was there by then. The lab that was returned goes on.
 * @throws {LabMissingError} This machine cannot carry a lab.
 * @throws {LabNotReadyError} A node was not ready in time.
 */
export async function startLab(input: LabInput, signal: AbortSignal): Promise<Lab> {
  const missing = missingForLab();
  if (missing.length > 0) throw new LabMissingError({ missing });
  const { spines, leaves } = input;
  if (spines < 1 || leaves < 1 || spines > 50 || spines + leaves > LARGEST_LAB) {
    const found = `a lab has 1 to 50 spines, 1 or more leaves, and ${LARGEST_LAB} nodes at most`;
    throw new LabRefusal({ asked: `${spines} spines and ${leaves} leaves`, found });
  }
  const fabric = makeFabric(input);
  const folder = makeLabFolder(resolve(input.directory));
  const undo: (() => Promise<void>)[] = [() => folder.remove()];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= undo.reduceRight((before, step) => before.then(step), Promise.resolve());
    return stopping;
  };
  try {
    const hub = await startHub();
    undo.push(() => hub.end());
    await hub.sh('Preparing the hub', PREPARE, signal);
    const block = await claimBlock(hub.pid, signal);
    undo.push(() => releaseBlock(block));
    const nodes = await installDisks(hub, fabric, block, { ...input, directory: folder.path }, signal);
    const { pid, startedAt } = hub;
    const state: LabState = { hub: { pid, startedAt }, directory: folder.path, block, nodes, cables: fabric.cables };
    await hub.sh(
      'Wiring the hub',
      `nft -f - <<'.'\n${BLACKHOLE_RULES}.\n${batch(renderHubWiring(fabric.cables))}`,
      signal,
    );
    hub.shInBackground('exec sh /run/bin/watch-cables');
    await switchOn(
      hub,
      state,
      nodes.map(({ name }) => name),
      signal,
    );
    await waitUntilReady(hub, nodes, input.readyWithinSeconds ?? 120, signal);
    return { ...createRunningLab(hub, state), stop, ended: hub.ended };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Bridges of the hub must not speak on the cables themselves, so they have no IPv6. */
const PREPARE = `
mount -t tmpfs -o mode=755 lab /run
mkdir /run/netns /run/disks /run/factory /run/hidden /run/cables /run/bin
echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
`;

/** Writes the disks: one layer for all nodes, one for each. */
async function installDisks(
  hub: Hub,
  fabric: Fabric,
  block: ManagementBlock,
  { imageFiles, directory }: Pick<LabInput, 'imageFiles' | 'directory'>,
  signal: AbortSignal,
): Promise<readonly LabNode[]> {
  const passwd = readFileSync('/etc/passwd', 'utf8');
  const keys = {
    pointsman: await makeKeyPair(pointsmanKey(directory), signal),
    engineer: await makeKeyPair(engineerKey(directory), signal),
  };
  const image = makeFactoryImage({ passwd, group: readFileSync('/etc/group', 'utf8'), keys, imageFiles });
  writeLayer(hub.path('/run/factory'), image.folders, image.files);
  for (const name of ['enter-node', 'watch-cables']) {
    writeFileSync(hub.path(`/run/bin/${name}`), script(`${name}.sh`));
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
