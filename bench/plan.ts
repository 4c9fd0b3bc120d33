import { join } from 'node:path';
import { type Line, wantAtMost, withWorld } from './line.ts';
import { type Cost, measure } from './measure.ts';

/** Exit code of `pointsman plan` when something would change. */
const CHANGES = 2;
const FLEETS = [100, 1_000, 10_000] as const;
const RUNS = 3;

/** Most memory, comments and calls a plan of a thousand switches may take. GitHub takes 65,536 characters. */
const LIMITS = { megabytes: 600, comments: 1, characters: 65_535, restCalls: 30 } as const;

/** What the dearest fleet may cost, as a multiple of the cheapest, when one device of it changes. */
const ONE_DEVICE_LIMIT = 2;

/** Plans of many switches, on a machine that has never seen the fleet. */
export const planLines: readonly Line[] = [100, 1_000].flatMap((switches) =>
  (['shared', 'distinct', 'grouped'] as const).map((change) => planLine(switches, change)),
);

const WORDS: Readonly<Record<'shared' | 'distinct' | 'grouped', string>> = {
  shared: 'one shared change',
  distinct: 'each another change',
  grouped: '40 different changes',
};

function planLine(switches: number, change: keyof typeof WORDS): Line {
  return {
    name: `plan-${switches}-${change}`,
    measure: () =>
      withWorld({ devices: switches, switches }, async ({ world, access, folder }) => {
        const number = await world.open(change);
        const measured = await measure(world, access, {
          args: ['plan', '--pr', String(number)],
          cache: join(folder, 'cache'),
          expected: [CHANGES],
        });
        const what = `plan ${switches}, ${WORDS[change]}`;
        return {
          rows: [{ what, switches, measured }],
          wanted:
            switches < 1_000
              ? []
              : [
                  wantAtMost(`${what}: peak memory in MB`, LIMITS.megabytes, measured.peakMegabytes),
                  wantAtMost(`${what}: comments`, LIMITS.comments, measured.comments),
                  wantAtMost(`${what}: characters of the comment`, LIMITS.characters, measured.longestComment),
                  wantAtMost(`${what}: GitHub REST calls`, LIMITS.restCalls, measured.restCalls),
                ],
        };
      }),
  };
}

/**
 * One changed device in fleets of three sizes: with a copy of the fleet repo at hand, as a daemon or a cached job has it,
 * and without one. Only that one switch has to be there.
 */
export const oneDeviceLine: Line = {
  name: 'plan-one',
  async measure() {
    const fleets: OneOf[] = [];
    for (const devices of FLEETS) fleets.push({ devices, ...(await planOneOf(devices)) });
    const cheapest = fleets[0];
    const dearest = fleets.at(-1);
    if (!cheapest || !dearest) throw new Error('no fleet was measured');
    const ratio = (of: (fleet: OneOf) => number): number => of(dearest) / of(cheapest);
    const title = `plan one device, ${dearest.devices} against ${cheapest.devices} devices`;
    return {
      rows: fleets.flatMap(({ devices, cold, warm }) => [
        { what: `plan one of ${devices}, first time`, switches: 1, measured: cold },
        { what: `plan one of ${devices}`, switches: 1, measured: warm },
      ]),
      wanted: [
        wantAtMost(
          `${title}: wall`,
          ONE_DEVICE_LIMIT,
          ratio(({ warm }) => warm.wallMs),
        ),
        wantAtMost(
          `${title}: CPU`,
          ONE_DEVICE_LIMIT,
          ratio(({ warm }) => warm.cpuMs),
        ),
        wantAtMost(
          `${title}, first time: wall`,
          ONE_DEVICE_LIMIT,
          ratio(({ cold }) => cold.wallMs),
        ),
        wantAtMost(
          `${title}, first time: CPU`,
          ONE_DEVICE_LIMIT,
          ratio(({ cold }) => cold.cpuMs),
        ),
      ],
    };
  },
};

interface OneOf {
  readonly devices: number;
  /** On a machine that has never seen the fleet. */
  readonly cold: Cost;
  readonly warm: Cost;
}

function planOneOf(devices: number): Promise<Omit<OneOf, 'devices'>> {
  return withWorld({ devices, switches: 1 }, async ({ world, access, folder }) => {
    const planNew = async (): Promise<Cost> => {
      const number = await world.open('one');
      return measure(world, access, {
        args: ['plan', '--pr', String(number)],
        cache: join(folder, 'cache'),
        expected: [CHANGES],
      });
    };
    const cold = await planNew();
    const warm: Cost[] = [];
    for (let run = 0; run < RUNS; run += 1) warm.push(await planNew());
    return { cold, warm: median(warm) };
  });
}

/** By CPU time, which other work on the machine disturbs least. */
function median(runs: readonly Cost[]): Cost {
  const middle = runs.toSorted((a, b) => a.cpuMs - b.cpuMs)[Math.floor(runs.length / 2)];
  if (!middle) throw new Error('nothing was measured');
  return middle;
}
