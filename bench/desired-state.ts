/** What reading a fleet and understanding a change to it cost, in fleets of 100, 1,000 and 10,000 devices. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadChange } from '../desired-state/load-change.ts';
import { loadFleet } from '../desired-state/load-fleet.ts';
import { drivers } from '../drivers/registry.ts';
import { openRepository } from '../git/open-repository.ts';
import { applyEdit, type FleetEdit } from '../sandbox/fleets/fleet-files.ts';
import { makeSyntheticFleet } from '../sandbox/synthetic-fleet.ts';

export interface DesiredStateCost {
  readonly devices: number;
  /** Milliseconds to read and check all of it, in a process that knows nothing of it. */
  readonly load: number;
  /** Milliseconds to understand a change of one device file, likewise. */
  readonly oneDevice: number;
  /** Milliseconds a device, to understand a change of all roles. */
  readonly sharedPerDevice: number;
}

const SIZES = [100, 1_000, 10_000];
const author = { name: 'bench', email: 'bench@example.net', at: 0 };
/** Each figure is the best of this many: other work on the machine only ever adds. */
const ROUNDS = 3;

export async function benchDesiredState(sizes: readonly number[] = SIZES): Promise<readonly DesiredStateCost[]> {
  const costs: DesiredStateCost[] = [];
  for (const devices of sizes) costs.push(await measure(devices));
  return costs;
}

async function measure(devices: number): Promise<DesiredStateCost> {
  const folder = await mkdtemp(join(tmpdir(), 'pointsman-bench-'));
  try {
    execFileSync('git', ['init', '--quiet', '--bare', folder]);
    const repository = await openRepository(folder);
    const { files, change } = makeSyntheticFleet({ devices });
    const before = await repository.writeCommit({ files, message: 'fleet', author });
    const edit = (edits: FleetEdit) =>
      repository.writeCommit({ parent: before, files: applyEdit(files, edits), message: 'change', author });
    const [one, shared] = [await edit(change.one), await edit(change.shared)];

    const understand = (after: string) => () => loadChange({ repository, before, after, platforms: drivers });
    return {
      devices,
      load: await best(ROUNDS, () => loadFleet({ repository, revision: before }, { platforms: drivers })),
      oneDevice: await best(ROUNDS, understand(one)),
      sharedPerDevice: (await best(1, understand(shared))) / devices,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function best(rounds: number, work: () => Promise<{ readonly kind: string }>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    const { kind } = await work();
    if (kind !== 'valid') throw new Error('the synthetic fleet is not valid');
    least = Math.min(least, performance.now() - started);
  }
  return least;
}

if (import.meta.main) {
  for (const { devices, load, oneDevice, sharedPerDevice } of await benchDesiredState()) {
    const figures = [`load ${load.toFixed(0)} ms`, `one changed device ${oneDevice.toFixed(0)} ms`];
    console.log(
      `${devices} devices: ${figures.join(', ')}, one shared change ${sharedPerDevice.toFixed(1)} ms a device`,
    );
  }
}
