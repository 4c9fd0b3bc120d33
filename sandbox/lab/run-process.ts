import { spawn } from 'node:child_process';

export interface ProcessResult {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What programs of the lab see of an environment, on the machine and on the nodes. */
export const LAB_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C',
} as const;

/** Runs a program to its end. Aborting kills it and whatever it started that stayed in its process group. */
export function runProcess(
  command: string,
  args: readonly string[],
  options: { readonly input?: string | Uint8Array; readonly signal?: AbortSignal } = {},
): Promise<ProcessResult> {
  const { input = '', signal } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(command, args, { env: LAB_ENVIRONMENT, stdio: 'pipe', detached: true });
    const killGroup = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended already, and what it said is still being read.
      }
    };
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    signal?.addEventListener('abort', killGroup, { once: true });
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => {}); // It may end without reading; its exit code says why.
    child.on('error', reject);
    child.on('close', (exitCode) => {
      signal?.removeEventListener('abort', killGroup);
      if (signal?.aborted) reject(signal.reason);
      else
        resolve({ exitCode, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') });
    });
    child.stdin.end(input);
  });
}
