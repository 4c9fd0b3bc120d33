import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { LabCommandFailedError } from './errors.ts';
import { LAB_ENVIRONMENT, runProcess } from './run-process.ts';

/** Which process it is, so that another one with its number is not taken for it. */
export interface HubIdentity {
  /** As the machine counts. */
  readonly pid: number;
  /** Clock ticks after the machine's start. */
  readonly startedAt: string;
}

/**
 * What a lab hangs on: unnamed mount, network and PID namespaces that end with one process, which ends with the process
 * that started the lab. The cables are in its network, the disks in its mounts, every node in its PID namespace.
 */
export interface Hub extends HubIdentity {
  /** Where the machine sees a path of the hub's, for instance `/run/factory`. */
  path(inside: string): string;
  /**
   * Runs a shell script in the hub's mounts and network.
   *
   * @returns What it printed.
   * @throws {LabCommandFailedError} It ended with anything but 0.
   */
  sh(doing: string, script: string, signal?: AbortSignal): Promise<string>;
  /** Starts a shell script that goes on until the hub ends. */
  shInBackground(script: string): void;
  /** Ends the hub and everything in it. Returns when the processes are gone. */
  end(): Promise<void>;
}

/** A hub that this process started. */
export interface OwnHub extends Hub {
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
}

/**
 * Three things end the hub with us, however we end: the kernel kills `unshare` with its parent and the hub with `unshare`,
 * the kernel ends a PID namespace with its first process, and the pipe that `cat` reads from is closed.
 */
export async function startHub(): Promise<OwnHub> {
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'unshare', '--mount', '--net', '--pid', '--fork', '--kill-child=KILL'],
      ...['sh', '-c', 'read -r pid rest < /proc/self/stat; echo "$pid"; exec tini -- cat'],
    ],
    { env: LAB_ENVIRONMENT, stdio: ['pipe', 'pipe', 'pipe'], detached: true },
  );
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const firstLine = new Promise<string>((resolve) => {
    createInterface(child.stdout).once('line', resolve);
  });
  const first = await Promise.race([firstLine, ended]);
  if (typeof first !== 'string') {
    throw new LabCommandFailedError({
      doing: 'Making namespaces',
      exitCode: first,
      said: Buffer.concat(said).toString(),
    });
  }
  const pid = Number(first);
  return { ...createHub({ pid, startedAt: startOf(pid) ?? '' }), ended: ended.then(() => undefined) };
}

/** @returns Nothing when that hub has ended. */
export function findHub(identity: HubIdentity): Hub | undefined {
  return startOf(identity.pid) === identity.startedAt ? createHub(identity) : undefined;
}

function createHub({ pid, startedAt }: HubIdentity): Hub {
  const path = (inside: string): string => `/proc/${pid}/root${inside}`;
  const enter = ['-t', `${pid}`, '--mount', '--net', '--pid'];
  return {
    pid,
    startedAt,
    path,
    async sh(doing, script, signal) {
      const args = [...enter, 'sh', '-e', '-s'];
      const { exitCode, stdout, stderr } = await runProcess('nsenter', args, {
        input: script,
        ...(signal === undefined ? {} : { signal }),
      });
      if (exitCode !== 0) throw new LabCommandFailedError({ doing, exitCode, said: stderr.trim() || stdout.trim() });
      return stdout;
    },
    shInBackground(script) {
      const child = spawn('nsenter', [...enter, 'sh', '-s'], {
        env: LAB_ENVIRONMENT,
        stdio: ['pipe', 'ignore', 'ignore'],
        detached: true,
      });
      child.on('error', () => {}); // Ended with the hub.
      child.stdin.on('error', () => {});
      child.stdin.end(script);
      child.unref();
    },
    async end() {
      if (startOf(pid) === startedAt) process.kill(pid, 'SIGKILL');
      while (startOf(pid) === startedAt) await new Promise((resolve) => setTimeout(resolve, 10));
    },
  };
}

/** Field 22 of `/proc/<pid>/stat`. @returns Nothing when there is no such process, or it has only to be reaped. */
export function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch {
    return undefined;
  }
}
