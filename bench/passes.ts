import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchWorld, WorldAccess } from './bench-world.ts';
import { AS_USERS_START_IT, type Cost, difference, type Usage } from './measure.ts';

/** What one pass cost. `peakMegabytes` is of all passes of the process so far. */
export interface PassAnswer extends Usage {
  /** A sentence each; what the pass cost then means nothing. */
  readonly failures: readonly string[];
  readonly wallMs: number;
}

/** Passes of one process, which remembers what GitHub answered before, as a service does. */
export async function withPasses<Result>(
  world: BenchWorld,
  access: WorldAccess,
  cache: string,
  use: (pass: () => Promise<Cost>) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-bench-passes-'));
  const child = fork(join(import.meta.dirname, 'passes-process.ts'), [access.remoteUrl, cache], {
    cwd: folder,
    env: { ...access.environment, PATH: process.env['PATH'] ?? '', HOME: folder },
    execArgv: [...AS_USERS_START_IT],
    serialization: 'advanced',
  });
  try {
    await once(child, 'message');
    return await use(async () => {
      const before = await world.count();
      const answered = once(child, 'message');
      child.send('pass');
      // Either side of the pipe is this room's.
      const [{ failures, ...used }] = (await answered) as [PassAnswer];
      if (failures.length > 0) throw new Error(`the pass failed: ${failures.join('\n')}`);
      return { ...used, cpuMs: used.ownCpuMs + used.gitCpuMs, ...difference(before, await world.count()) };
    });
  } finally {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
