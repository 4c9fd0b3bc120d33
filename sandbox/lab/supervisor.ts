import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabRefusal } from './errors.ts';
import { startOf } from './hub.ts';
import { findLab, type RunningLab } from './lab.ts';
import type { LabState } from './lab-state.ts';
import { type LabInput, startLab } from './start-lab.ts';

/**
 * A lab that goes on when the command that started it is done: a process of its own holds it. What it says about itself
 * is in `lab.json` in the lab's folder, and gone with it.
 */
interface LabFile {
  readonly supervisor: { readonly pid: number; readonly startedAt: string };
  readonly state: LabState;
}

type Message = { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly error: string };

const GRACE_SECONDS = 20;

/**
 * Starts a supervisor and waits until its lab is ready.
 *
 * @param argv What makes this program call {@link supervise} with the same folder.
 * @throws {LabRefusal} There is a lab in this folder, or it could not be started; the supervisor's words are in it.
 */
export async function startSupervisor(
  directory: string,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<RunningLab> {
  if (findSupervised(directory)) {
    throw new LabRefusal({ asked: `A new lab in ${directory}`, found: 'one is running there; take it down first' });
  }
  // What a lab left that ended with the process that was to remove it. A folder that says nothing may be of one that starts.
  if (readLabFile(directory)) rmSync(directory, { recursive: true, force: true });
  const child = spawn(process.execPath, argv, { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const kill = (): void => {
    child.kill();
  };
  signal.addEventListener('abort', kill, { once: true });
  const message = await firstMessage(child);
  signal.removeEventListener('abort', kill);
  if (child.connected) child.disconnect();
  child.unref();
  const lab = message.kind === 'ready' ? findSupervised(directory) : undefined;
  if (lab) return lab;
  const found = message.kind === 'failed' ? message.error : 'it ended at once';
  throw new LabRefusal({ asked: `A lab in ${directory}`, found });
}

/** Holds a lab until it is told to end. Returns when it has ended. */
export async function supervise(input: LabInput, signal: AbortSignal): Promise<void> {
  const orphaned = new AbortController();
  const abandon = (): void => orphaned.abort(new Error('nobody waits for this lab any more'));
  process.once('disconnect', abandon);
  const starting = await startLab(input, AbortSignal.any([signal, orphaned.signal])).catch((error: unknown) => {
    say({ kind: 'failed', error: error instanceof Error ? error.message : String(error) });
    return undefined;
  });
  if (!starting) return;
  process.off('disconnect', abandon);
  const { state } = starting;
  const file: LabFile = { supervisor: { pid: process.pid, startedAt: startOf(process.pid) ?? '' }, state };
  writeFileSync(join(state.directory, 'lab.json'), `${JSON.stringify(file, undefined, 2)}\n`);
  say({ kind: 'ready' });
  const told = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([told, starting.ended]);
  await starting.stop();
}

/** @returns Nothing when no lab runs there. */
export function findSupervised(directory: string): RunningLab | undefined {
  const file = readLabFile(directory);
  return file && findLab(file.state);
}

/** Ends the lab of a folder and waits for it. @returns Whether there was one. */
export async function stopSupervised(directory: string): Promise<boolean> {
  const file = readLabFile(directory);
  if (!file) return false;
  const { pid, startedAt } = file.supervisor;
  const lives = (): boolean => startOf(pid) === startedAt;
  if (lives()) process.kill(pid, 'SIGTERM');
  for (const until = performance.now() + GRACE_SECONDS * 1000; lives() && performance.now() < until; ) await sleep(20);
  if (lives()) process.kill(pid, 'SIGKILL');
  rmSync(directory, { recursive: true, force: true });
  return true;
}

function firstMessage(child: ChildProcess): Promise<Message> {
  return new Promise((resolve) => {
    child.once('message', (message: Message) => resolve(message));
    child.once('error', (error) => resolve({ kind: 'failed', error: error.message }));
    child.once('exit', (code) => resolve({ kind: 'failed', error: `its supervisor ended with ${code}` }));
  });
}

/** To whoever waits; nobody may do so any more. */
function say(message: Message): void {
  if (process.connected) process.send?.(message, () => {});
}

function readLabFile(directory: string): LabFile | undefined {
  try {
    const read: LabFile = JSON.parse(readFileSync(join(directory, 'lab.json'), 'utf8'));
    return read;
  } catch {
    return undefined;
  }
}
