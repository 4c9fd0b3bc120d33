import { join } from 'node:path';
import { type Line, type Wanted, wantAtMost, withWorld } from './line.ts';
import { type Cost, measure } from './measure.ts';
import { withPasses } from './passes.ts';

const DONE = 0;
const SWITCHES = 1_000;
const OPEN = 50;

/** What a pass costs that finds a big plan on show and nothing new: in a service, and as a job that remembers nothing. */
export const secondLookLine: Line = {
  name: 'look-again-1000',
  measure: () =>
    withWorld({ devices: SWITCHES, switches: SWITCHES }, async ({ world, access, folder }) => {
      await world.open('grouped');
      const cache = join(folder, 'cache');
      const [first, again] = await withPasses(world, access, cache, async (pass) => [await pass(), await pass()]);
      const cold = await measure(world, access, { args: ['reconcile'], cache, expected: [DONE] });
      const what = `look again at a plan of ${SWITCHES}`;
      return {
        rows: [
          { what: `pass that plans ${SWITCHES}, 40 different changes`, switches: SWITCHES, measured: first },
          { what: `${what}, same process`, switches: 0, measured: again },
          { what: `${what}, another process`, switches: 0, measured: cold },
        ],
        wanted: [...nothingDone(`${what}, same process`, again), ...nothingDone(`${what}, another process`, cold)],
      };
    }),
};

/** What every pass costs while many pull requests are open that nothing happened to. */
export const openPullRequestsLine: Line = {
  name: 'look-again-50-open',
  measure: () =>
    withWorld({ devices: SWITCHES, switches: 1 }, async ({ world, access, folder }) => {
      for (let opened = 0; opened < OPEN; opened += 1) await world.open('one');
      const cache = join(folder, 'cache');
      const [first, again] = await withPasses(world, access, cache, async (pass) => [await pass(), await pass()]);
      const cold = await measure(world, access, { args: ['reconcile'], cache, expected: [DONE] });
      const what = `look again at ${OPEN} open`;
      return {
        rows: [
          { what: `pass that plans ${OPEN} pull requests`, switches: 0, measured: first },
          { what: `${what}, same process`, switches: 0, measured: again },
          { what: `${what}, another process`, switches: 0, measured: cold },
        ],
        wanted: [...nothingDone(`${what}, same process`, again), ...nothingDone(`${what}, another process`, cold)],
      };
    }),
};

function nothingDone(what: string, { written, ledgerCommits, switchRequests }: Cost): readonly Wanted[] {
  return [
    wantAtMost(`${what}: writes to GitHub`, 0, written),
    wantAtMost(`${what}: ledger commits`, 0, ledgerCommits),
    wantAtMost(`${what}: requests to switches`, 0, switchRequests),
  ];
}
