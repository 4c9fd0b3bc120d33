import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchWorld, forkWorld, type WorldAccess, type WorldSize } from './bench-world.ts';
import type { Cost } from './measure.ts';

/** One line of the benchmark: what `npm run bench -- <name>` runs. */
export interface Line {
  readonly name: string;
  measure(): Promise<LineResult>;
}

export interface LineResult {
  readonly rows: readonly Row[];
  readonly wanted: readonly Wanted[];
}

export interface Row {
  readonly what: string;
  /** That were there to be spoken to. */
  readonly switches: number;
  readonly measured: Cost;
}

/** A number somebody relies on. */
export interface Wanted {
  readonly what: string;
  readonly atMost: number;
  readonly measured: number;
  readonly holds: boolean;
}

export function wantAtMost(what: string, atMost: number, measured: number): Wanted {
  return { what, atMost, measured, holds: measured <= atMost };
}

/** A world of its own for one line, gone afterwards. */
export async function withWorld<Result>(
  size: WorldSize,
  use: (started: {
    readonly world: BenchWorld;
    readonly access: WorldAccess;
    /** For caches. */
    readonly folder: string;
  }) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-bench-'));
  const { world, stop } = forkWorld();
  try {
    const access = await world.start(size, worldIn(folder));
    return await use({ world, access, folder });
  } finally {
    stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Where the remote of a world is, for who gets {@link withWorld}'s folder. */
export function gitDirOf(folder: string): string {
  return join(worldIn(folder), 'fleet.git');
}

function worldIn(folder: string): string {
  return join(folder, 'world');
}
