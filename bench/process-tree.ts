import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { clearInterval, setInterval } from 'node:timers';
import { CLOCK_TICK_MS, cpuTimeSoFar } from './cpu-time.ts';

/** What a program and everything it started took on this machine. */
export interface TreeTaken {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** The most all of them held at once, each page shared between them counted once. Only where it was asked for. */
  readonly peakMegabytes?: number;
}

const MARK = 'POINTSMAN_BENCH_TREE';
/** Adding up memory takes tens of milliseconds of a machine that is being measured. */
const SAMPLE_MS = 250;

/**
 * Runs a program of somebody else's, and ends what it leaves behind: connections that are kept open belong to its costs, and the
 * next run should not find them.
 *
 * @param given `memory`: sampled while it runs, which takes time, so times of such a run are none to report.
 * @throws It ended with another code than 0.
 */
export async function runTree(
  [program = '', ...args]: readonly string[],
  given: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly memory: boolean },
): Promise<TreeTaken> {
  const mark = `${MARK}=${randomUUID()}`;
  const [name = '', value = ''] = mark.split('=');
  const cpuBefore = cpuTimeSoFar().gitCpuMs;
  const start = performance.now();
  let peak = 0;
  const sampling = given.memory
    ? setInterval(() => {
        peak = Math.max(peak, megabytesOf(processesWith(mark)));
      }, SAMPLE_MS)
    : undefined;
  let said = '';
  const child = spawn(program, args, {
    cwd: given.cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: given.cwd, ...given.env, [name]: value },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
  }
  // What stays behind may hold the pipes open: the program itself is waited for.
  const code = await new Promise((resolve) => child.on('exit', resolve));
  const wallMs = performance.now() - start;
  clearInterval(sampling);
  const left = processesWith(mark);
  const cpuMs = cpuTimeSoFar().gitCpuMs - cpuBefore + left.reduce((sum, pid) => sum + cpuOf(pid), 0);
  for (const pid of left) process.kill(pid);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${said.slice(-4_000)}`);
  return { wallMs, cpuMs, ...(given.memory ? { peakMegabytes: peak } : {}) };
}

function processesWith(mark: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => fileOf(pid, 'environ').split('\0').includes(mark))
    .map(Number);
}

function megabytesOf(pids: readonly number[]): number {
  const kilobytes = (pid: number): number => Number(/^Pss: +(\d+)/m.exec(fileOf(pid, 'smaps_rollup'))?.[1] ?? 0);
  return pids.reduce((sum, pid) => sum + kilobytes(pid), 0) / 1024;
}

/** Its own, and that of its children that ended. */
function cpuOf(pid: number): number {
  const stat = fileOf(pid, 'stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * CLOCK_TICK_MS;
}

/** Nothing of a process that has just ended. */
function fileOf(pid: number | string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
