import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createRealClock } from '../../sandbox/clock.ts';
import { readDemoFabric } from '../../sandbox/demo-fabric.ts';
import { withRollout } from '../../sandbox/fleets/fleet-files.ts';
import { createWorld, writeWorld } from '../../sandbox/world.ts';
import { intendedAt } from '../demo/demo-world.ts';
import { playJourney } from '../demo/play-journey.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';

/** `pointsman demo`: the journey of one change, in a world of its own that is gone or left behind afterwards. */
export async function demoCommand(
  io: Io,
  { world: kept, fast }: { readonly world?: string; readonly fast: boolean },
): Promise<ExitCode> {
  const folder = kept === undefined ? mkdtempSync(join(tmpdir(), 'pointsman-demo-')) : resolve(io.cwd, kept);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new UsageError({
      problem: `${folder} is not empty`,
      next: 'Name a folder that does not exist yet, or empty this one.',
    });
  }
  const fabric = readDemoFabric();
  const world = await createWorld({
    clock: createRealClock(),
    folder,
    // The switches here settle in a second, so they are asked more often than real ones would be.
    files: withRollout(fabric.files, { pollMilliseconds: 100 }),
    switches: fabric.switches,
    secrets: fabric.secrets,
    configurationsAt: (gitDir, commit) => intendedAt(gitDir, commit, fabric.secrets),
  });
  try {
    const { well, pullRequests } = await playJourney(io, world, join(folder, '.cache'), fast);
    writeWorld(world, folder, pullRequests);
    io.out(
      kept === undefined
        ? '\nTo keep this world and look around in it: npm start -- --world <folder>\n'
        : `\nThe world is in ${folder}: fleet.git (main and the ledger branch), pull-requests/, switches/.\n`,
    );
    return well ? 0 : 1;
  } finally {
    await world.close();
    rmSync(kept === undefined ? folder : join(folder, '.cache'), { recursive: true, force: true });
  }
}
