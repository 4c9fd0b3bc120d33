import { join } from 'node:path';
import { type Line, withWorld } from './line.ts';
import { measure } from './measure.ts';

/** Exit codes of the commands when all is well. */
const CHANGES = 2;
const DONE = 0;

const DEPLOYED = 100;
const FLEET = 1_000;

/** A merged, approved change to a hundred switches: asked again, applied fifty at once, proved, saved, backed up, recorded. */
export const deployLine: Line = {
  name: 'deploy-100',
  measure: () =>
    withWorld({ devices: DEPLOYED, switches: DEPLOYED }, async ({ world, access, folder }) => {
      const cache = join(folder, 'cache');
      const number = await world.open('shared');
      await measure(world, access, { args: ['plan', '--pr', String(number)], cache, expected: CHANGES });
      await world.approve(number);
      await world.merge(number);
      const measured = await measure(world, access, { args: ['reconcile'], cache, expected: DONE });
      return { rows: [{ what: `deploy to ${DEPLOYED}`, switches: DEPLOYED, measured }], wanted: [] };
    }),
};

/** What a schedule costs while nobody changes anything: a pass that finds nothing due. */
export const idlePassLine: Line = {
  name: 'pass-1000',
  measure: () =>
    withWorld({ devices: FLEET, switches: 0 }, async ({ world, access, folder }) => {
      const pass = { args: ['reconcile'], cache: join(folder, 'cache'), expected: DONE };
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
