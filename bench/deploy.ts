import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { BenchWorld, Pace, WorldAccess } from './bench-world.ts';
import { measureFloor } from './floor.ts';
import { type Line, wantAtMost, withWorld } from './line.ts';
import { type Cost, measure, together } from './measure.ts';

/** Exit codes of the commands when all is well. */
const CHANGES = 2;
const DONE = 0;
const WAITS = 3;

const PAUSE_MS = 30_000;

const DEPLOYED = 100;
const IN_BATCHES = 500;
const BATCH = 50;
/** What a deploy may cost as a multiple of the bare conversation: a third more than what it was seen to. */
const MOST_TIMES = { wall: 8, cpu: 7 } as const;
const FLEET = 1_000;

/** A merged, approved change to a hundred switches: asked again, applied fifty at once, proved, saved, backed up, recorded. */
export const deployLine: Line = {
  name: 'deploy-100',
  measure: () =>
    withWorld({ devices: DEPLOYED, switches: DEPLOYED }, async ({ world, access, folder }) => {
      const measured = await deploy(world, access, folder);
      return { rows: [{ what: `deploy to ${DEPLOYED}`, switches: DEPLOYED, measured }], wanted: [] };
    }),
};

/** Switches that take some ten seconds for an apply, looked at as often as a fleet has it unless it says otherwise. */
const AS_SWITCHES_ARE: Pace = { stepMilliseconds: 1_500, pollMilliseconds: 1_000 };
const AS_QUICK_AS_CAN_BE: Pace = { stepMilliseconds: 10, pollMilliseconds: 100 };

/** A merged, approved change to five hundred switches, fifty after fifty, beside the bare conversation with the same switches. */
export const batchLines: readonly Line[] = [
  batchLine('deploy-500', '', AS_QUICK_AS_CAN_BE),
  batchLine('deploy-500-slow', ', slow switches', AS_SWITCHES_ARE),
];

function batchLine(name: string, words: string, pace: Pace): Line {
  return {
    name,
    measure: () =>
      withWorld(
        { devices: IN_BATCHES, switches: IN_BATCHES, batchSize: BATCH, pace },
        async ({ world, access, folder }) => {
          const measured = await deploy(world, access, folder);
          const { pollMilliseconds } = pace;
          const floor = await measureFloor(world, { devices: IN_BATCHES, atOnce: BATCH, pollMilliseconds });
          const what = `deploy to ${IN_BATCHES} in batches of ${BATCH}${words}`;
          const times = (of: (cost: Cost) => number): number => of(measured) / of(floor);
          return {
            rows: [
              { what, switches: IN_BATCHES, measured },
              { what: `the bare conversation with the same${words}`, switches: IN_BATCHES, measured: floor },
            ],
            wanted: [
              wantAtMost(
                `${what}: wall, times that of the conversation`,
                MOST_TIMES.wall,
                times(({ wallMs }) => wallMs),
              ),
              wantAtMost(
                `${what}: CPU, times that of the conversation`,
                MOST_TIMES.cpu,
                times(({ cpuMs }) => cpuMs),
              ),
            ],
          };
        },
      ),
  };
}

/** What a schedule costs while nobody changes anything: a pass that finds nothing due. */
export const idlePassLine: Line = {
  name: 'pass-1000',
  measure: () =>
    withWorld({ devices: FLEET, switches: 0 }, async ({ world, access, folder }) => {
      const pass = { args: ['reconcile'], cache: join(folder, 'cache'), expected: [DONE] };
      const first = await measure(world, access, pass);
      const measured = await measure(world, access, pass);
      return {
        rows: [
          { what: `pass over ${FLEET}, nothing due, first time`, switches: 0, measured: first },
          { what: `pass over ${FLEET}, nothing due`, switches: 0, measured },
        ],
        wanted: [],
      };
    }),
};

/**
 * The passes after the merge, until the run has ended: one, unless a switch was put off, as on a machine with too much else to do.
 * What they cost is added up, what is waited between them is not. Planned and approved before that, which is not measured.
 */
async function deploy(world: BenchWorld, access: WorldAccess, folder: string): Promise<Cost> {
  const cache = join(folder, 'cache');
  const number = await world.open('shared');
  await measure(world, access, { args: ['plan', '--pr', String(number)], cache, expected: [CHANGES] });
  await world.approve(number);
  await world.merge(number);
  const pass = { args: ['reconcile'], cache, expected: [DONE, WAITS] };
  let all = await measure(world, access, pass);
  for (let last = all; last.exitCode === WAITS; all = together(all, last)) {
    console.error('some of it waits; another pass in half a minute …');
    await setTimeout(PAUSE_MS);
    last = await measure(world, access, pass);
  }
  return all;
}
