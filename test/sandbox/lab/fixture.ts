import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { RunningLab } from '../../../sandbox/lab/lab.ts';
import { missingForLab } from '../../../sandbox/lab/missing.ts';
import { type ProcessResult, runProcess } from '../../../sandbox/lab/run-process.ts';

const missing = missingForLab();

/** What runs in a real lab. Where none can run it is skipped, counted, and the title says why. */
export function describeInLab(title: string, tests: () => void): void {
  const why = missing.length > 0 ? ` (skipped: ${missing.join(' ')})` : '';
  describe.skipIf(missing.length > 0)(`${title}${why}`, tests);
}

/** Time a real daemon may take on a busy machine, in milliseconds. */
export const PATIENCE = { timeout: 60_000, interval: 200 };

/** A folder that is not there. */
export function freshFolder(): string {
  return join(tmpdir(), `pointsman-lab-${randomUUID()}`);
}

/** A command on a node, as its second operator; it must succeed. */
export async function on(lab: RunningLab, name: string, ...argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await lab.run(name, argv);
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout;
}

/** A command by SSH, as the product would: as `pointsman`, knowing the node by the key in `known_hosts`. */
export function sshAsPointsman(lab: RunningLab, name: string, command: string): Promise<ProcessResult> {
  const node = lab.nodes.find((one) => one.name === name);
  const options = [
    ...['-F', '/dev/null', '-i', node?.privateKey ?? '', '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes'],
    ...['-o', `UserKnownHostsFile=${join(lab.state.directory, 'known_hosts')}`, '-o', 'StrictHostKeyChecking=yes'],
    ...['-o', 'ConnectTimeout=10', '-o', 'KexAlgorithms=curve25519-sha256'],
  ];
  return runProcess('ssh', [...options, `${node?.user}@${node?.address}`, command]);
}

/** The flags of a port, as `ip link` tells them. */
export async function flagsOf(lab: RunningLab, name: string, port: string): Promise<readonly string[]> {
  const [link] = JSON.parse(await on(lab, name, 'ip', '-json', 'link', 'show', 'dev', port));
  return link.flags;
}

/** Whether something on that port says it is SSH, within a second. */
export async function speaksSsh(address: string): Promise<boolean> {
  const { stdout } = await runProcess('ssh-keyscan', ['-T', '1', '-t', 'ed25519', address]);
  return stdout.includes('ssh-ed25519');
}

/** A program of ours as a process of its own. */
export function startNode(file: string, args: readonly string[], cwd: string) {
  return spawn(process.execPath, [file, ...args], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
}
