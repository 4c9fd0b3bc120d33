import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchWorld, Counts, WorldAccess } from './bench-world.ts';

/** What one process used, as it says itself. */
export interface Usage {
  /** User and system time. */
  readonly ownCpuMs: number;
  /** The same of the git commands it ran. */
  readonly gitCpuMs: number;
  /** Most memory resident at once, without the git commands it ran. */
  readonly peakMegabytes: number;
}

/** What a process took, from its start to its end. */
export interface Taken extends Usage {
  readonly wallMs: number;
  /** With the git commands. */
  readonly cpuMs: number;
}

/** What something cost, and what it asked of the world. */
export interface Cost extends Taken, Counts {}

/** A command that ended. */
export interface Ended {
  readonly exitCode: number;
}

const root = join(import.meta.dirname, '..');
/** What Node makes of the sources is kept where `scripts/with-pinned-node.mjs` has it kept. */
const COMPILED = join(root, 'node_modules', '.cache', 'node');
/** `scripts/with-pinned-node.mjs` does; it is not used here because it would be the process that is measured. */
export const AS_USERS_START_IT: readonly string[] = ['--max-semi-space-size=8', '--heap-growing-percent=100'];

/**
 * Runs `pointsman` as a process of its own, and measures it and what it asks of a world.
 *
 * @param cache Folder with the copy of the fleet repo; a new one is what a machine has that never saw the fleet.
 * @throws It ended with none of `expected`: what it cost then means nothing.
 */
export async function measure(
  world: BenchWorld,
  access: WorldAccess,
  {
    args,
    cache,
    expected,
  }: { readonly args: readonly string[]; readonly cache: string; readonly expected: readonly number[] },
): Promise<Cost & Ended> {
  const before = await world.count();
  const taken = await measureCommand({
    args: [...args, '--remote', access.remoteUrl, '--cache', cache],
    environment: access.environment,
    expected,
  });
  return { ...taken, ...difference(before, await world.count()) };
}

/**
 * Runs `pointsman` as a process of its own, and measures it from its start to its end.
 *
 * @throws It ended otherwise than `expected`.
 */
export async function measureCommand({
  args,
  environment = {},
  expected = [0],
}: {
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly expected?: readonly number[];
}): Promise<Taken & Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-bench-run-'));
  const usageFile = join(folder, 'usage.json');
  try {
    const start = performance.now();
    const { exitCode, output, said } = await run(
      args,
      {
        ...environment,
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        NODE_COMPILE_CACHE: COMPILED,
        POINTSMAN_BENCH_USAGE: usageFile,
      },
      folder,
    );
    const wallMs = performance.now() - start;
    if (!expected.includes(exitCode)) throw new Error(`${args.join(' ')} ended with ${exitCode}:\n${output}\n${said}`);
    // Written by `report-usage.ts`.
    const usage = JSON.parse(readFileSync(usageFile, 'utf8')) as Usage;
    return { ...usage, cpuMs: usage.ownCpuMs + usage.gitCpuMs, wallMs, exitCode };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  folder: string,
): Promise<{ readonly exitCode: number; readonly output: string; readonly said: string }> {
  const watched = ['--import', join(root, 'bench', 'report-usage.ts'), join(root, 'cli', 'main.ts')];
  const child = spawn(process.execPath, [...AS_USERS_START_IT, ...profiling(), ...watched, ...args], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ exitCode: code ?? -1, output, said }));
  });
}

/** Where profiles go, when somebody wants to know what the time went into. */
function profiling(): readonly string[] {
  const folder = process.env['POINTSMAN_BENCH_PROFILES'];
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
}

/** What came with one command. The longest comment is that of all there are. */
export function difference(before: Counts, after: Counts): Counts {
  return {
    ...after,
    switchRequests: after.switchRequests - before.switchRequests,
    mostOfOneSwitch: after.mostOfOneSwitch - before.mostOfOneSwitch,
    restCalls: after.restCalls - before.restCalls,
    unchanged: after.unchanged - before.unchanged,
    written: after.written - before.written,
    gitCalls: after.gitCalls - before.gitCalls,
    ledgerCommits: after.ledgerCommits - before.ledgerCommits,
    comments: after.comments - before.comments,
  };
}

/** What several commands cost that did one thing between them. */
export function together<One extends Cost>(first: Cost, then: One): One {
  return {
    ...then,
    wallMs: first.wallMs + then.wallMs,
    cpuMs: first.cpuMs + then.cpuMs,
    ownCpuMs: first.ownCpuMs + then.ownCpuMs,
    gitCpuMs: first.gitCpuMs + then.gitCpuMs,
    peakMegabytes: Math.max(first.peakMegabytes, then.peakMegabytes),
    switchRequests: first.switchRequests + then.switchRequests,
    mostOfOneSwitch: first.mostOfOneSwitch + then.mostOfOneSwitch,
    restCalls: first.restCalls + then.restCalls,
    unchanged: first.unchanged + then.unchanged,
    written: first.written + then.written,
    gitCalls: first.gitCalls + then.gitCalls,
    ledgerCommits: first.ledgerCommits + then.ledgerCommits,
    comments: first.comments + then.comments,
  };
}
