import { beforeAll, describe, expect, it } from 'vitest';
import { nameOfSwitchRequest } from '../support/crash-effects.ts';
import { type Reference, runReference } from '../support/crash-matrix.ts';
import { ONE_COPY, problemsOf, runRace, TWO_COPIES, TWO_RUNNERS } from '../support/crash-race.ts';
import { DEPLOY, TWO_SITES } from '../support/crash-scenes.ts';
import { createCrashWorld } from '../support/crash-world.ts';

const SLOW = 240_000;

describe.concurrent('two reconcilers that find the same merge', () => {
  let reference: Reference;
  beforeAll(async () => {
    reference = await runReference();
  }, SLOW);

  it.each([
    { time: 'first', where: 'on two machines', racers: TWO_COPIES },
    { time: 'second', where: 'in one copy of the repo', racers: ONE_COPY },
  ])(
    'at the same time apply once, the $time time they try, $where',
    async ({ racers }) => {
      const race = await runRace(reference, racers);

      expect(race).toMatchObject({ problems: [], applies: [1, 1, 1, 0, 0, 0] });
    },
    SLOW,
  );

  it(
    'leave a run alone that one of them took while the other was asking the switches',
    async () => {
      const world = await createCrashWorld();
      const slow = gate();
      const fast = gate();
      let asked = 0;
      let live = 0;
      const asking = gate();
      const waiting = gate();
      for (const name of DEPLOY.changed) {
        let first = true;
        world.journey.world.switches.get(name)?.onRequest(async ({ phase, request: { method, path, body } }) => {
          if (phase !== 'received') return;
          if (first) {
            first = false;
            if (++asked === DEPLOY.changed.length) asking.open();
            await slow.passed;
          } else if (nameOfSwitchRequest(method, path, body) === 'confirm') {
            if (++live === DEPLOY.changed.length) waiting.open();
            await fast.passed;
          }
        });
      }

      // The slow one has seen a ledger without a run, and sees switches that run what is intended already.
      const slowOne = world.pass({ cache: 'slow' });
      await asking.passed;
      const fastOne = world.pass({ cache: 'fast' });
      await waiting.passed;
      slow.open();
      const late = await slowOne;
      fast.open();
      const early = await fastOne;

      expect([late.how, early.how]).toEqual([3, 0]);
      expect(await problemsOf(reference, world)).toEqual([]);
      await world.close();
    },
    SLOW,
  );
});

describe.concurrent('two runners, one for each site of a merge', () => {
  let reference: Reference;
  beforeAll(async () => {
    reference = await runReference(TWO_SITES);
  }, SLOW);

  it('would end well one after the other, with one comment that tells of both', () => {
    expect(reference.problems).toEqual([]);
    expect(JSON.stringify(reference.snapshot['comments on #1'])).toContain('Applied: 4 applied, of 4 devices');
  });

  it.each(['first', 'second'])(
    'end the same when they work at the same time, the %s time they do',
    async () => {
      const race = await runRace(reference, TWO_RUNNERS);

      expect(race).toMatchObject({ problems: [], applies: [1, 1, 1, 1, 0, 0] });
    },
    SLOW,
  );
});

function gate(): { readonly passed: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}
