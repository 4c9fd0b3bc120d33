import { resolve } from 'node:path';
import { installDisks } from './disks.ts';
import { LabMissingError, LabRefusal } from './errors.ts';
import { makeFabric } from './fabric.ts';
import { startHub } from './hub.ts';
import type { ImageFile } from './image-file.ts';
import { createRunningLab, type Lab } from './lab.ts';
import { makeLabFolder } from './lab-folder.ts';
import type { LabState } from './lab-state.ts';
import { claimBlock, LARGEST_LAB, releaseBlock } from './management.ts';
import { missingForLab } from './missing.ts';
import { batch, switchOn, waitUntilReady } from './power.ts';
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
    const nodes = await installDisks(
      hub,
      { fabric, block, imageFiles: input.imageFiles, directory: folder.path },
      signal,
    );
    const { pid, startedAt } = hub;
    const state: LabState = { hub: { pid, startedAt }, directory: folder.path, block, nodes, cables: fabric.cables };
    await hub.sh('Wiring the hub', batch(renderHubWiring(fabric.cables)), signal);
    hub.shInBackground('exec sh /run/bin/watch-cables.sh');
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
