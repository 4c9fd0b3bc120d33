import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GitCommandError } from './errors.ts';

/** What is worth keeping of stderr, in characters. */
const SAID_LIMIT = 2000;
/** How long git may tidy up after an abort before it is killed outright. */
const TIDY_UP_MS = 2000;

export interface GitCall {
  /** `args[0]` is the git command. */
  readonly args: readonly string[];
  /** Where git runs: a folder that exists. */
  readonly folder: string;
  /** The child's whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Written to stdin as fast as git takes it. */
  readonly input?: Iterable<string | Uint8Array>;
  readonly signal?: AbortSignal;
}

export interface GitEnd {
  readonly exitCode: number;
  /** stderr, at most 2 kB of its end. */
  readonly said: string;
}

/**
 * Runs one git command and hands its output on while it comes.
 *
 * @param onOutput What it throws ends the command and is thrown.
 * @returns How git ended, whatever the exit code.
 * @throws {GitCommandError} Git could not be started, or something else killed it.
 * @throws The signal's reason, when aborted; by then git and its children are gone.
 */
export async function streamGit(call: GitCall, onOutput: (chunk: Buffer) => void): Promise<GitEnd> {
  const { args, folder, environment, input, signal } = call;
  signal?.throwIfAborted();

  // A group of its own, so that an abort reaches the transport helpers git starts.
  const child = spawn('git', args, { cwd: folder, env: environment, stdio: 'pipe', detached: true });
  const { promise: closed, resolve, reject } = Promise.withResolvers<number | null>();
  let said = '';
  let failure: { readonly error: unknown } | undefined;
  let killTimer: NodeJS.Timeout | undefined;

  const stop = (error: unknown): void => {
    failure ??= { error };
    killGroup(child.pid, 'SIGTERM');
    killTimer ??= setTimeout(() => killGroup(child.pid, 'SIGKILL'), TIDY_UP_MS);
  };
  const onAbort = (): void => stop(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });

  child.on('error', reject);
  child.on('close', resolve);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID_LIMIT);
  });
  child.stdout.on('data', (chunk: Buffer) => {
    if (failure) return;
    try {
      onOutput(chunk);
    } catch (error) {
      stop(error);
    }
  });
  // A git that ends before it has read everything is judged by its exit code, not by the broken pipe.
  pipeline(Readable.from(input ?? []), child.stdin).catch(() => undefined);

  try {
    const exitCode = await closed;
    if (failure) throw failure.error;
    if (exitCode === null) throw new GitCommandError({ command: args[0] ?? '', said: 'it was killed' });
    return { exitCode, said: said.trim() };
  } catch (error) {
    if (child.pid !== undefined) throw error;
    throw new GitCommandError({ command: args[0] ?? '', said: 'git could not be started' }, { cause: error });
  } finally {
    clearTimeout(killTimer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** As {@link streamGit}, with the output in one piece. */
export async function runGit(call: GitCall): Promise<GitEnd & { readonly output: Buffer }> {
  const chunks: Buffer[] = [];
  const end = await streamGit(call, (chunk) => chunks.push(chunk));
  return { ...end, output: Buffer.concat(chunks) };
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has just ended by itself, which is what we want.
  }
}
