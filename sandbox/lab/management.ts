import { networkInterfaces } from 'node:os';
import { LabCommandFailedError, LabRefusal } from './errors.ts';
import { runProcess } from './run-process.ts';

/** The addresses of one lab's management network: a /22 out of 10.99.0.0/16, so that labs beside each other never meet. */
export interface ManagementBlock {
  /** 0 to 63. */
  readonly number: number;
  /** The interface of it in the machine's own network; whoever has it, has the block. */
  readonly link: string;
  /** Of that interface. */
  readonly gateway: string;
  readonly prefixLength: 22;
}

const BLOCKS = 64;
/** The first node's last part; below it there is room for what else a test wants to put there. */
const FIRST_NODE = 10;
/** Nodes that fit in a block. */
export const LARGEST_LAB = 1000;

export function makeBlock(number: number): ManagementBlock {
  return { number, link: `plab${number}`, gateway: `10.99.${number * 4}.1`, prefixLength: 22 };
}

/** @param index From 0. */
export function nodeAddress(block: ManagementBlock, index: number): string {
  const offset = FIRST_NODE + index;
  return `10.99.${block.number * 4 + Math.floor(offset / 256)}.${offset % 256}`;
}

/**
 * Takes a block nobody has, by making its interface: the kernel lets one process make it.
 *
 * @param hubPid The interface's other end is `up0` in that process's network.
 * @throws {LabRefusal} All are taken.
 */
export async function claimBlock(hubPid: number, signal: AbortSignal): Promise<ManagementBlock> {
  const used = new Set(
    Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .flatMap(({ address }) => /^10\.99\.(\d+)\./.exec(address)?.[1] ?? [])
      .map((third) => Math.floor(Number(third) / 4)),
  );
  for (let number = 0; number < BLOCKS; number += 1) {
    if (used.has(number)) continue;
    const block = makeBlock(number);
    const { link, gateway, prefixLength } = block;
    const args = ['link', 'add', 'name', link, 'type', 'veth', 'peer', 'name', 'up0', 'netns', `${hubPid}`];
    const made = await runProcess('ip', args, { signal });
    if (/File exists/.test(made.stderr)) continue;
    const input = `address add ${gateway}/${prefixLength} dev ${link}\nlink set dev ${link} up\n`;
    const addressed = made.exitCode === 0 ? await runProcess('ip', ['-batch', '-'], { input, signal }) : made;
    if (addressed.exitCode === 0) return block;
    const { exitCode, stderr } = addressed;
    throw new LabCommandFailedError({ doing: `Making the interface ${link}`, exitCode, said: stderr.trim() });
  }
  throw new LabRefusal({ asked: 'A free /22 out of 10.99.0.0/16', found: 'all 64 are in use on this machine' });
}

/** Gives a block back. The interface may have gone with the hub already. */
export async function releaseBlock({ link }: ManagementBlock): Promise<void> {
  await runProcess('ip', ['link', 'delete', 'dev', link]);
}
