import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a process of the product ended: its exit code or the name of the signal, and what it printed. */
export interface Ended {
  readonly how: number | string;
  readonly out: string;
  readonly said: string;
}

export interface CrashChild {
  readonly ended: Promise<Ended>;
  /** SIGKILL to it and to everything it started, as when the machine dies. Waits until it is gone. */
  kill(): Promise<void>;
}

/** Half of what a short process costs is compiling it. One that is killed writes nothing there. */
const COMPILED = join(tmpdir(), 'pointsman-crash-compiled');
const MAIN = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');

/** A real `pointsman reconcile`, of one site or of all that name no runner. */
export function startReconcile(
  remote: string,
  folder: string,
  cache: string,
  environment: Readonly<Record<string, string>>,
  site?: string,
): CrashChild {
  const reach = site === undefined ? [] : ['--site', site];
  const child = spawn(process.execPath, [MAIN, 'reconcile', '--remote', remote, '--cache', cache, ...reach], {
    cwd: folder,
    env: { ...environment, PATH: process.env['PATH'] ?? '', HOME: folder, NODE_COMPILE_CACHE: COMPILED },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = endOf(child);
  return {
    ended,
    async kill() {
      const { pid } = child;
      if (pid === undefined) return;
      // The number of one that has ended may be somebody else's by now: a lab starts thousands of processes.
      if (child.exitCode === null && child.signalCode === null) {
        // Git runs in process groups of its own and would finish its push: looked up while its parent is held still.
        tell(pid, 'SIGSTOP');
        for (const one of [...descendantsOf(pid), pid]) tell(one, 'SIGKILL');
      }
      await ended;
    },
  };
}

function endOf(child: ChildProcess): Promise<Ended> {
  let out = '';
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ how: code ?? signal ?? 'unknown', out, said }));
  });
}

/** Source: proc(5); field 4 of stat is the parent. Where there is no /proc only the process itself is known. */
function descendantsOf(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const entry of processes()) {
    const parent = parentOf(entry);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), entry]);
  }
  const found: number[] = [];
  for (const queue = [pid]; queue.length > 0; ) {
    const next = children.get(queue.shift() ?? 0) ?? [];
    found.push(...next);
    queue.push(...next);
  }
  return found;
}

function processes(): readonly number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // It has just ended.
  }
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended by itself.
  }
}
