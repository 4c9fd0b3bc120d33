import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabNotReadyError } from './errors.ts';
import type { Hub } from './hub.ts';
import type { LabNode, LabState } from './lab-state.ts';
import { endsOf, namespaceOf, renderNodeWiring } from './wiring.ts';

/** Nodes are switched on and off as with a plug: what is on the disk stays, what is in memory or in the kernel is lost. */

/**
 * Switches nodes on that are off. Their boot goes on when this returns.
 *
 * @param names All of them are cabled before the first one boots.
 */
export async function switchOn(
  hub: Hub,
  state: LabState,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const on = new Set(names);
  const powered = state.nodes.flatMap((node, index) => {
    if (!on.has(node.name)) return [];
    const power = powerOf(hub, node.name) + 1;
    return [{ node, index, power, namespace: namespaceOf(node.name, power) }];
  });
  const watched = state.cables
    .filter(({ number, a, b }) => (on.has(a.node) || on.has(b.node)) && !isCut(hub, number))
    .map((cable) => watchFrom(cable.number, on.has(cable.a.node) ? 'a' : 'b'));

  await hub.sh(
    'Cabling the nodes',
    [
      ...powered.map(({ node, power }) => `cd /run/disks/${node.name}; rm -f pid; echo ${power} > power`),
      batch(powered.map(({ namespace }) => `netns add ${namespace}`)),
      batch(powered.flatMap(({ node, index, namespace }) => renderNodeWiring(node, index, namespace, state.cables))),
      ...watched,
    ].join('\n'),
    signal,
  );
  const boots = powered.map(
    ({ node: { name }, namespace }) =>
      `nsenter --net=/run/netns/${namespace} unshare --mount --uts --ipc --pid --fork --kill-child=KILL ` +
      `sh /run/bin/enter-node.sh ${name} < /dev/null > /run/disks/${name}/console.log 2>&1 &`,
  );
  await hub.sh('Switching the nodes on', boots.join('\n'), signal);
}

/** Ends every process of a node at once, and its network with all that was configured there. */
export async function switchOff(hub: Hub, state: LabState, name: string): Promise<void> {
  const pid = findInit(hub, name);
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  while (findInit(hub, name) !== undefined) await sleep(10);
  const index = state.nodes.findIndex((node) => node.name === name);
  const ends = endsOf(name, state.cables);
  await hub.sh(
    `Switching ${name} off`,
    [
      // The neighbours lose the carrier first, as when a transceiver goes dark.
      ...ends.map(({ other }) => `: > /run/cables/${other}`),
      batch([
        ...ends.map(({ other }) => `link set dev ${other} down`),
        ...ends.map(({ end }) => `link delete dev ${end}`),
        `link delete dev m${index}`,
        `netns delete ${namespaceOf(name, powerOf(hub, name))}`,
      ]),
    ].join('\n'),
  );
}

/** The first process of a node, as the machine counts. @returns Nothing while it is off. */
export function findInit(hub: Hub, name: string): number | undefined {
  const pid = Number(readIfThere(hub.path(`/run/disks/${name}/pid`)));
  if (!pid) return undefined;
  const status = readIfThere(`/proc/${pid}/status`) ?? '';
  // The last number is its own: 1. A process that only has the number by chance is not the first of a namespace in the hub's.
  return /^NSpid:(\t\d+)+\t\d+\t1$/m.test(status) && !/^State:\tZ/m.test(status) ? pid : undefined;
}

/**
 * Returns when every node answers on SSH and its FRR is up.
 *
 * @throws {LabNotReadyError} One was not in time.
 */
export async function waitUntilReady(
  hub: Hub,
  nodes: readonly LabNode[],
  withinSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  const until = performance.now() + withinSeconds * 1000;
  for (const node of nodes) {
    while (!isBooted(hub, node.name) || !(await answers(node))) {
      signal.throwIfAborted();
      if (performance.now() > until) {
        const bootLog = readIfThere(hub.path(`/run/disks/${node.name}/upper/var/log/boot.log`)) ?? '';
        const console = readIfThere(hub.path(`/run/disks/${node.name}/console.log`)) ?? '';
        throw new LabNotReadyError({ node: node.name, withinSeconds, bootLog: `${console}${bootLog}`.trim() });
      }
      await sleep(20);
    }
  }
}

/** The lines that make a cable work, seen from one end: `watch-cables.sh` brings the other end up when this port is up. */
export function watchFrom(number: number, side: 'a' | 'b'): string {
  const [end, other] = side === 'a' ? [`ca${number}`, `cb${number}`] : [`cb${number}`, `ca${number}`];
  return `: > /run/cables/${other}; rm -f /run/cables/${end}\n${batch([`link set dev ${other} down`, `link set dev ${end} up`])}`;
}

export function batch(lines: readonly string[]): string {
  return `ip -batch - <<'.'\n${lines.join('\n')}\n.`;
}

function isCut(hub: Hub, number: number): boolean {
  return existsSync(hub.path(`/run/cables/cut${number}`));
}

/** How often it has been switched on. */
function powerOf(hub: Hub, name: string): number {
  return Number(readIfThere(hub.path(`/run/disks/${name}/power`)) ?? 0);
}

function isBooted(hub: Hub, name: string): boolean {
  const pid = findInit(hub, name);
  if (pid === undefined) return false;
  const itsRoot = `/proc/${pid}/root`;
  return existsSync(join(itsRoot, 'run/pointsman-lab-ready'));
}

/** Whether something says it is SSH. */
function answers({ address, port }: LabNode): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 1000 });
    const done = (yes: boolean) => (): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('data', (greeting: Buffer) => done(greeting.toString('latin1').startsWith('SSH-'))());
    socket.once('error', done(false));
    socket.once('timeout', done(false));
    socket.once('end', done(false));
  });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
