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

let world: CommandWorld;
let number: number;
let run: string;
beforeAll(async () => {
  world = await createCommandWorld();
  await world.reconcile();
  number = await world.open(world.stories.ntpOnOneLeaf);
  await world.plan(number);
  const commit = await world.merge(number);
  await world.reconcile();
  run = `configurationdeploy-pr-${number}-${commit.slice(0, 12)}`;
});
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

describe('a process that dies between any two steps of a command', () => {
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

  it('leaves a run terminated once, with every page saying so', async () => {
    const comment = await world.say(number, 'dora', `/pointsman terminate ${run}`);
    // Seen, ended on the ledger, and dead before anybody is told.
    await expect(world.hear(dyingAt(BEFORE_COMMANDS + 3))).rejects.toBeInstanceOf(Killed);
    expect(await eventsOf('run-ended')).toBe(1);
    expect(world.reply(number, comment)).toBeUndefined();

    await world.hear();

    await expectAnswered(comment, '+1');
    expect(await eventsOf('run-ended')).toBe(1);
    const plan = world.world.github.comments(number).find(({ body }) => body.startsWith('<!-- pointsman:plan'));
    expect(plan?.body).toContain('Terminated: 1 untouched, of 1 device');
  });
});
