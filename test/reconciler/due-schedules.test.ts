import { beforeEach, describe, expect, it } from 'vitest';
import type { Ledger } from '../../ledger/ledger.ts';
import { findScheduledWork, type Scheduled } from '../../reconciler/due-schedules.ts';
import { readTipRules } from '../../reconciler/tip-rules.ts';
import type { ReadWork } from '../../reconciler/work.ts';
import { edited, type Files, fleetRepo, smallFleet } from '../desired-state/fleet-repo.ts';
import { started } from '../ledger/build.ts';
import { createWorld, signal } from '../ledger/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Thursday, before the night. */
const NOON = Date.UTC(2026, 10, 26, 12);
const NIGHT = Date.UTC(2026, 10, 27, 2);

let now: number;
let ledger: Ledger;
let titles: () => readonly string[];
beforeEach(async () => {
  const world = createWorld();
  ledger = await world.ledger();
  titles = world.titles;
  now = NOON;
});

const automation = (text: string): Files => edited(smallFleet, { 'automation.yaml': text });
const every = (cron: string, more = '', workflow = 'DriftCheck'): Files =>
  automation(`schedules: { nightly: { workflow: ${workflow}, schedule: { cron: "${cron}"${more} } } }\n`);
const NIGHTLY = every('0 2 * * *');

/** One pass at `at` with the fleet these files are. */
async function pass(files: Files, at: number): Promise<Scheduled> {
  now = at;
  const { repository, commit } = await fleetRepo();
  const clock = { now: () => now, sleep: async () => {} };
  const rules = await readTipRules(repository, await commit(files));
  return findScheduledWork({ repository, ledger, clock }, await ledger.view(signal), rules, signal);
}

const due = async (files: Files, at: number): Promise<readonly ReadWork[]> => (await pass(files, at)).due;
const names = async (files: Files, at: number): Promise<readonly string[]> =>
  (await due(files, at)).map(({ run }) => run);

/** Puts what is due on record, as a pass does. */
async function begin(work: readonly ReadWork[], ends = true): Promise<void> {
  await ledger.append(
    async () => ({
      title: 'begin',
      events: new Map(
        work.map(({ run, workflow, schedule = '', scheduledFor = 0, request }) => [
          run,
          [
            started({ workflow, at: now, schedule, scheduledFor, ...(request ? { request: request.name } : {}) }),
            ...(ends ? [{ kind: 'run-ended', at: now, status: 'COMPLETED' } as const] : []),
          ],
        ]),
      ),
    }),
    signal,
  );
}

describe('a schedule of automation.yaml', () => {
  it('is due at its time and not before, by a name that says when', async () => {
    await pass(NIGHTLY, NOON);

    expect(await names(NIGHTLY, NIGHT - 1)).toEqual([]);
    expect(await due(NIGHTLY, NIGHT)).toMatchObject([
      {
        run: 'driftcheck-by-nightly-20261127t0200z',
        workflow: 'DriftCheck',
        schedule: 'nightly',
        scheduledFor: NIGHT,
        targets: undefined,
      },
    ]);
  });

  it('is due once for each time, however many passes look', async () => {
    await pass(NIGHTLY, NOON);
    await begin(await due(NIGHTLY, NIGHT + MINUTE));

    expect(await names(NIGHTLY, NIGHT + 2 * MINUTE)).toEqual([]);
    expect(await names(NIGHTLY, NIGHT + DAY)).toEqual(['driftcheck-by-nightly-20261128t0200z']);
  });

  it('is not due for a time before it was first seen', async () => {
    await pass(smallFleet, NIGHT - HOUR);

    expect(await names(NIGHTLY, NIGHT + MINUTE)).toEqual([]);
    expect(await names(NIGHTLY, NIGHT + 2 * MINUTE)).toEqual([]);
    expect(await names(NIGHTLY, NIGHT + DAY)).toHaveLength(1);
  });

  it('is another one when it is another time, or does something else', async () => {
    await pass(NIGHTLY, NOON);
    const earlier = every('30 1 * * *');

    expect(await names(earlier, NIGHT)).toEqual([]);
    expect(await names(every('30 1 * * *', '', 'ConfigurationBackup'), NIGHT)).toEqual([]);
    expect(await names(every('30 1 * * *', '', 'ConfigurationBackup'), NIGHT + DAY)).toHaveLength(1);
  });

  it('is due for the latest time alone where several were missed', async () => {
    const hourly = every('0 * * * *');
    await pass(hourly, NOON);

    expect(await names(hourly, NOON + 5 * HOUR + MINUTE)).toEqual(['driftcheck-by-nightly-20261126t1700z']);
  });

  it('is not due for a time that is a day old', async () => {
    const weekly = every('0 2 * * fri');
    await pass(weekly, NOON);

    expect(await names(weekly, NIGHT + DAY)).toHaveLength(1);
    expect(await names(weekly, NIGHT + DAY + MINUTE)).toEqual([]);
  });

  it('is put off by its jitter, and by the same in every process', async () => {
    const jittered = every('0 2 * * *', ', jitter_minutes: 60');
    await pass(jittered, NOON);

    const [one] = await due(jittered, NIGHT + HOUR);
    const [other] = await due(jittered, NIGHT + 2 * HOUR);
    const at = one?.scheduledFor ?? 0;

    expect(at).toBeGreaterThan(NIGHT);
    expect(at).toBeLessThan(NIGHT + HOUR);
    expect(other).toMatchObject({ scheduledFor: at, run: one?.run });
    expect(await names(jittered, at - 1)).toEqual([]);
    expect(await names(jittered, at)).toEqual([one?.run]);
  });

  it('leaves out a time that comes while an earlier run has not ended, for good, and says so', async () => {
    const hourly = every('0 * * * *');
    await pass(hourly, NOON);
    await begin(await due(hourly, NOON + HOUR), false);

    const during = await pass(hourly, NOON + 2 * HOUR + MINUTE);
    await ledger.append(
      async () => ({
        title: 'end',
        events: new Map([
          ['driftcheck-by-nightly-20261126t1300z', [{ kind: 'run-ended', at: now, status: 'COMPLETED' }]],
        ]),
      }),
      signal,
    );

    expect(during.due).toEqual([]);
    expect(during.leftOut).toEqual([
      {
        schedule: 'nightly',
        why: 'the time 2026-11-26 14:00 UTC is left out: driftcheck-by-nightly-20261126t1300z has not ended',
      },
    ]);
    expect((await (await ledger.view(signal)).schedules()).get('automation/nightly')?.skipped).toMatchObject({
      scheduledFor: NOON + 2 * HOUR,
    });
    expect(await names(hourly, NOON + 2 * HOUR + 5 * MINUTE)).toEqual([]);
    expect(await names(hourly, NOON + 3 * HOUR)).toEqual(['driftcheck-by-nightly-20261126t1500z']);
  });

  it.each([
    { what: 'all', text: 'paused: true\nreason: moving\n' },
    { what: 'its workflow', text: 'workflows: { DriftCheck: { paused: true, reason: moving } }\n' },
  ])('is not begun while $what is paused, says so, and is caught up on within the day', async ({ text }) => {
    const held = edited(NIGHTLY, { 'automation.yaml': `${text}${NIGHTLY['automation.yaml']}` });
    await pass(NIGHTLY, NOON);

    const during = await pass(held, NIGHT);

    expect(during.due).toEqual([]);
    expect(during.leftOut).toEqual([{ schedule: 'nightly', why: expect.stringContaining('moving') }]);
    expect(await names(NIGHTLY, NIGHT + HOUR)).toHaveLength(1);
  });

  it('is one run for each site with a runner of its own, and one for all others', async () => {
    const sites = edited(NIGHTLY, {
      'desired-state/sites/fra1.yaml': 'runner: [fra1]\n',
      'desired-state/devices/fra1/leaf09.yaml': (smallFleet['desired-state/devices/ams1/leaf01.yaml'] ?? '').replaceAll(
        '10.0.0.1',
        '10.0.0.9',
      ),
    });
    await pass(sites, NOON);

    const works = await due(sites, NIGHT);
    expect(works.map(({ shard }) => shard)).toEqual([undefined, 'fra1']);
    await begin(works.slice(0, 1));
    // The runner came later: the time was made use of by then.
    expect(await names(sites, NIGHT + HOUR)).toEqual([]);
  });

  it('is forgotten when it is gone, and remembered while nobody can read what it says', async () => {
    await pass(NIGHTLY, NOON);
    await pass(automation('schedules: [oops\n'), NOON + HOUR);
    const kept = await (await ledger.view(signal)).schedules();
    await pass(smallFleet, NOON + 2 * HOUR);

    expect([...kept]).toEqual([['automation/nightly', expect.objectContaining({ since: NOON })]]);
    expect(await (await ledger.view(signal)).schedules()).toEqual(new Map());
  });

  it('costs the ledger one commit, and none while nothing is new', async () => {
    for (const minutes of [0, 1, 2]) await pass(NIGHTLY, NOON + minutes * MINUTE);

    expect(titles()).toEqual(['remember the schedules']);
  });
});

describe('a request that recurs', () => {
  const recurring = (more = ''): Files =>
    edited(smallFleet, {
      'requests/nightly.yaml': `workflow: ConfigurationBackup\nreason: audit\ntargets: { devices: [leaf01] }\n${more}`,
    });
  const NIGHTLY_REQUEST = recurring('schedule: { cron: "0 2 * * *" }\n');

  it('is due at its time, with what it asks for and why', async () => {
    await pass(NIGHTLY_REQUEST, NOON);

    expect(await due(NIGHTLY_REQUEST, NIGHT)).toMatchObject([
      {
        run: 'configurationbackup-for-nightly-20261127t0200z',
        schedule: 'nightly',
        request: { name: 'nightly', path: 'requests/nightly.yaml' },
        reason: 'audit',
        targets: { devices: ['leaf01'] },
      },
    ]);
  });

  it('is not held up by a schedule of the same name, nor by the same request without one', async () => {
    const both = edited(NIGHTLY_REQUEST, { 'automation.yaml': NIGHTLY['automation.yaml'] });
    await pass(both, NOON);
    const works = await due(both, NIGHT);
    await begin(
      works.filter(({ request }) => !request),
      false,
    );

    expect(works).toHaveLength(2);
    expect(await names(both, NIGHT + MINUTE)).toEqual(['configurationbackup-for-nightly-20261127t0200z']);
  });

  it('is remembered as it was while its file cannot be read', async () => {
    await pass(NIGHTLY_REQUEST, NOON);
    await pass(recurring('schedule: { cron: "0 2 30 2 *" }\n'), NOON + HOUR);

    expect(await names(NIGHTLY_REQUEST, NIGHT)).toHaveLength(1);
  });
});
