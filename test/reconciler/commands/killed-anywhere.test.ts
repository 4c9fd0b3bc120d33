import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReconcilerDeps } from '../../../reconciler/deps.ts';
import { type CommandWorld, createCommandWorld, type PassOptions } from './command-world.ts';

/** The process ends here. */
class Killed extends Error {}

/** Ends the process before or after the `at`-th thing it does to the world: each has two such borders. */
function dyingAt(at: number): PassOptions {
  let border = 0;
  const end = new AbortController();
  const cross = (): void => {
    // Nobody gets to deal with what a process that has ended met.
    if (border++ === at) end.abort(new Killed());
    end.signal.throwIfAborted();
  };
  const wrap =
    <Args extends readonly unknown[], Result>(effect: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      cross();
      const result = await effect(...args);
      cross();
      return result;
    };
  const deps = (deps: ReconcilerDeps): ReconcilerDeps => ({
    ...deps,
    forge: {
      ...deps.forge,
      react: wrap(deps.forge.react),
      writeStickyComment: wrap(deps.forge.writeStickyComment),
      reportCheck: wrap(deps.forge.reportCheck),
    },
    ledger: { ...deps.ledger, append: wrap(deps.ledger.append) },
  });
  return { deps, signal: end.signal };
}

const SLOW = 180_000;

let world: CommandWorld;
let number: number;
let run: string;
beforeAll(async () => {
  world = await createCommandWorld();
  await world.reconcile();
  await begin('192.168.200.99');
});

/** One more merged pull request whose run waits for its approval. */
async function begin(server: string): Promise<void> {
  const { branch, files, ...story } = world.stories.ntpOnOneLeaf;
  const edited = new Map([...files].map(([path, text]) => [path, text?.replaceAll('192.168.200.140', server) ?? null]));
  number = await world.open({ ...story, branch: `${branch}-${server}`, files: edited });
  await world.plan(number);
  const commit = await world.merge(number);
  await world.reconcile();
  run = `configurationdeploy-pr-${number}-${commit.slice(0, 12)}`;
}
afterAll(() => world.close());

const eventsOf = async (kind: string) => {
  const month = new Date(world.clock.now()).toISOString().slice(0, 7).replace('-', '/');
  const text = (await world.ledgerFile(`runs/${month}/${run}/events.jsonl`)) ?? '';
  return text.split('\n').filter((line) => line.includes(`"kind":"${kind}"`)).length;
};

/** Borders of starting the ledger, which is no business of commands. */
const BEFORE_COMMANDS = 2;

/** Says something for every border, is killed there, and passes again. @returns At how many borders it was. */
async function killEverywhere(
  by: string,
  textAt: (border: number) => string,
  check: (comment: number, border: number) => Promise<void>,
): Promise<number> {
  for (let border = 0; ; border++) {
    const comment = await world.say(number, by, textAt(border));
    try {
      await world.hear(dyingAt(border + BEFORE_COMMANDS));
      return border;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    await world.hear();
    await check(comment, border);
  }
}

async function expectAnswered(comment: number, verdict: '+1' | 'confused'): Promise<void> {
  expect(world.reactions(comment)).toEqual(['eyes', verdict]);
  expect(world.reply(number, comment)).toBeDefined();
  const records = (await world.records(number)).filter((record) => record['comment'] === comment);
  expect(records.at(-1)).toMatchObject({ told: true });
  expect(records.filter(({ told }) => told === true)).toHaveLength(1);
}

describe('a process that dies between any two steps of a command', { timeout: SLOW }, () => {
  it('leaves a run paused or resumed once and its author told once', async () => {
    const textAt = (border: number) => `/pointsman ${border % 2 === 0 ? 'pause' : 'resume'} ${run}`;

    const borders = await killEverywhere('dora', textAt, async (comment, border) => {
      await expectAnswered(comment, '+1');
      expect((await eventsOf('run-paused')) + (await eventsOf('run-resumed'))).toBe(border + 1);
    });

    expect(borders).toBe(10);
  });

  it('leaves a refusal told once', async () => {
    const refusing = (comment: number) => expectAnswered(comment, 'confused');

    expect(await killEverywhere('eve', () => '/pointsman plan', refusing)).toBe(8);
    expect(await world.hear()).toEqual([]);
  });

  it('leaves an approval on record once, and its author told once', async () => {
    for (const border of [2, 3, 4, 7]) {
      const digest = /digest=(p1:[0-9a-f]+)/.exec(world.comment(number))?.[1];
      const comment = await world.say(number, 'bea', `/pointsman approve ${digest}`);
      await expect(world.hear(dyingAt(border + BEFORE_COMMANDS))).rejects.toBeInstanceOf(Killed);
      await world.hear();

      await expectAnswered(comment, '+1');
      expect((await world.records(number)).filter((record) => record['comment'] === comment)).toHaveLength(2);
    }
  });

  it.each([
    ['before its end is wanted', 2, 0],
    ['when its end is wanted and nobody knows', 3, 0],
    ['when its pages say that it has ended, and the ledger does not', 8, 0],
    ['before its author is told', 13, 1],
  ])('leaves a run terminated once, with every page saying so: %s', async (_, at, ended) => {
    await begin(`192.168.200.${100 + at}`);
    const comment = await world.say(number, 'dora', `/pointsman terminate ${run} enough`);
    await expect(world.hear(dyingAt(at + BEFORE_COMMANDS))).rejects.toBeInstanceOf(Killed);
    const between = await eventsOf('run-ended');
    await world.hear();

    expect(between).toBe(ended);
    await expectAnswered(comment, '+1');
    expect([await eventsOf('end-wanted'), await eventsOf('run-ended')]).toEqual([1, 1]);
    expect(world.comment(number)).toContain('Terminated: 1 untouched, of 1 device');
  });
});
