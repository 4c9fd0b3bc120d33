import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../ledger/events.ts';
import { runNameFor } from '../../ledger/run-name.ts';
import { COMMIT, DIGEST, RUN, started, T0 } from './build.ts';
import { createWorld, impatientClock, REF, signal } from './world.ts';

const decidedBy = (who: string): RunEvent => ({
  at: T0,
  kind: 'decided',
  stage: 'perform_configuration_diff',
  digest: DIGEST,
  decision: 'waiting',
  by: [who],
});
const begun: RunEvent = { at: T0, kind: 'stage-moved', stage: 'perform_configuration_diff', to: 'IN_PROGRESS' };
const step = (title: string, events: readonly RunEvent[], run = RUN) => ({ title, events: new Map([[run, events]]) });

describe('append(), beside others', () => {
  it('lands each of ten steps once, one after the other', async () => {
    const world = createWorld();
    await (await world.ledger()).append(async () => step('start', [started(), begun]), signal);
    const people = Array.from({ length: 10 }, (_, index) => `person-${index}`);
    const ledgers = await Promise.all(people.map(() => world.ledger()));
    const decisions = new Map<string, string[]>();

    const views = await Promise.all(
      ledgers.map((ledger, index) => {
        const who = people[index] ?? '';
        return ledger.append(async (view) => {
          decisions.set(who, [...(decisions.get(who) ?? []), view.tip ?? '']);
          return step(who, [decidedBy(who)]);
        }, signal);
      }),
    );

    expect(world.git('rev-list', '--merges', REF)).toBe('');
    expect(world.titles().toSorted()).toEqual([...people, 'start']);
    const written = world.show(`runs/2026/11/${RUN}/events.jsonl`).trim().split('\n').slice(2);
    expect(written.map((line) => JSON.parse(line).by[0]).toSorted()).toEqual(people);
    for (const [index, who] of people.entries()) {
      const parent = world.git('rev-parse', `${views[index]?.tip}^`);
      expect(decisions.get(who)?.at(-1), `${who} decided from the commit it was built on`).toBe(parent);
    }
  });

  it('lets ten who find the same run due start it once', async () => {
    const world = createWorld();
    const ledgers = await Promise.all(Array.from({ length: 10 }, () => world.ledger()));

    const views = await Promise.all(
      ledgers.map((ledger) =>
        ledger.append(async (view) => ((await view.run(RUN)) ? undefined : step('start', [started()])), signal),
      ),
    );

    expect(world.titles()).toEqual(['start']);
    expect(await Promise.all(views.map(async (view) => (await view.run(RUN))?.status))).toEqual(
      Array(10).fill('RUNNING'),
    );
  });

  it('decides again from what the other wrote, after a pause', async () => {
    const world = createWorld();
    const clock = impatientClock();
    const [slow, quick] = [await world.ledger({ clock }), await world.ledger()];
    const other = runNameFor({ workflow: 'Other', commit: COMMIT });
    const seen: (readonly string[])[] = [];

    await slow.append(async (view) => {
      seen.push(await view.runNames());
      if (seen.length === 1) await quick.append(async () => step('quick', [started()], other), signal);
      return step('slow', [started()]);
    }, signal);

    expect(seen).toEqual([[], [other]]);
    expect(world.titles()).toEqual(['quick', 'slow']);
    expect(clock.slept).toHaveLength(1);
  });

  it('gives up when others are always faster, having written nothing', async () => {
    const world = createWorld();
    const repository = await world.copy();
    const others = await Promise.all(
      ['one', 'two'].map((name) =>
        repository.writeCommit({
          files: new Map([['x', name]]),
          message: name,
          author: { name, email: name, at: T0 },
        }),
      ),
    );
    let decisions = 0;
    const ledger = world.ledgerOn({
      ...repository,
      fetch: async () => new Map([[REF, others[decisions % 2] ?? '']]),
      push: async () => ({ kind: 'moved' }),
    });

    const appending = ledger.append(async () => {
      decisions += 1;
      return step('never', [started()]);
    }, signal);

    await expect(appending).rejects.toMatchObject({
      code: 'LEDGER_BUSY',
      disposition: 'retry-later',
      details: { tries: 50 },
    });
    expect(decisions).toBe(50);
    expect(world.git('for-each-ref')).toBe('');
  });

  it('writes the appends of one process in the order they were asked for', async () => {
    const world = createWorld();
    const ledger = await world.ledger();

    await Promise.all([
      ledger.append(async () => step('first', [started(), begun]), signal),
      ledger.append(async () => step('second', [decidedBy('ana')]), signal),
      ledger.append(async () => step('third', [decidedBy('bob')]), signal),
    ]);

    expect(world.titles()).toEqual(['first', 'second', 'third']);
  });

  it('stops when told to, and lets the next one go on', async () => {
    const world = createWorld();
    const ledger = await world.ledger();
    const stop = new AbortController();

    const stopped = ledger.append(async () => {
      stop.abort(new Error('enough'));
      return step('stopped', [started()]);
    }, stop.signal);
    const next = ledger.append(async () => step('next', [started()]), signal);

    await expect(stopped).rejects.toThrow('enough');
    await next;
    expect(world.titles()).toEqual(['next']);
  });
});
