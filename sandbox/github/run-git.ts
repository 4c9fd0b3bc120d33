import { spawn } from 'node:child_process';
import { GitCommandFailedError } from './errors.ts';

/** What the machine's own configuration says must not matter here. */
export function gitEnvironment(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  };
}

export interface GitResult {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export function spawnGit(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input: string | Uint8Array = '',
): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => {}); // Git may end without reading; its exit code says why.
    child.on('error', reject);
    child.on('close', (exitCode) => {
      resolve({ exitCode, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8') });
    });
    child.stdin.end(input);
  });
}

/** @throws {GitCommandFailedError} It ended with anything but 0. */
export async function runGit(
  gitDir: string,
  args: readonly string[],
  options: { readonly input?: string | Uint8Array; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const env = { ...gitEnvironment(gitDir), ...options.env };
  const { exitCode, stdout, stderr } = await spawnGit(['--git-dir', gitDir, ...args], env, options.input);
  if (exitCode !== 0) throw new GitCommandFailedError({ command: args[0] ?? '', exitCode, said: stderr.trim() });
  return stdout.toString('utf8');
}
