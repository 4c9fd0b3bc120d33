import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { machineClock } from '../../cli/clock.ts';
import type { ExitCode, Io } from '../../cli/io.ts';
import { runProgram } from '../../cli/run-program.ts';

export const root = join(import.meta.dirname, '..', '..');

/** What a command printed and how it ended. */
export interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly said: string;
}

/** `pointsman <args>` in this process. Knows of the world what `given` says, and PATH. */
export async function pointsman(args: readonly string[], given: Partial<Io> = {}): Promise<Ran> {
  let out = '';
  let said = '';
  const io: Io = {
    cwd: tmpdir(),
    isTerminal: false,
    color: false,
    clock: machineClock,
    signal: new AbortController().signal,
    ...given,
    environment: { PATH: process.env['PATH'], ...given.environment },
    out: (text) => {
      out += text;
    },
    say: (text) => {
      said += text;
    },
  };
  const code = await runProgram(io, args);
  return { code, out, said };
}

/** A process that has ended: its exit code or the name of the signal. */
export interface Ended {
  readonly how: number | string;
  readonly out: string;
  readonly said: string;
}

export interface ChildOptions {
  readonly cwd?: string;
  /** The whole of it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Asked whenever it has printed something; a signal it returns is sent, once. */
  readonly signalWhen?: (out: string) => NodeJS.Signals | undefined;
}

export function runChild(
  program: string,
  args: readonly string[],
  { cwd = root, environment, signalWhen }: ChildOptions,
): Promise<Ended> {
  const child = spawn(program, args, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let said = '';
  let sent = false;
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
    const signal = sent ? undefined : signalWhen?.(out);
    if (signal === undefined) return;
    sent = true;
    child.kill(signal);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ how: code ?? signal ?? 'unknown', out, said }));
  });
}

const scratch = mkdtempSync(join(tmpdir(), 'pointsman-cli-'));
// Not when the process exits: vitest ends its workers without that.
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A folder that is gone when the file's tests are done. */
export function scratchFolder(): string {
  return mkdtempSync(join(scratch, 'x-'));
}

/** A repository whose one commit holds a folder as it is, symbolic links included. */
export function repositoryOf(source: string): string {
  const folder = scratchFolder();
  cpSync(source, folder, { recursive: true, verbatimSymlinks: true });
  git(folder, 'init', '--quiet');
  git(folder, 'add', '--all');
  git(
    folder,
    '-c',
    'user.name=Ann',
    '-c',
    'user.email=ann@example.net',
    'commit',
    '--quiet',
    '-m',
    'Describe the fleet',
  );
  return folder;
}

export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
