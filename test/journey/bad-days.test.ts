import { afterEach, describe, expect, it } from 'vitest';
import { showCommand } from '../../cli/commands/show.ts';
import type { FleetFiles } from '../../sandbox/fleets/fleet-files.ts';
import { createJourney, type Journey, type JourneyOptions, nextSecond } from '../support/journey.ts';

let journey: Journey;
const start = async (options?: JourneyOptions) => {
  journey = await createJourney(options);
  return journey;
};
afterEach(() => journey.close());

const replaced =
  (path: string, what: string | RegExp, by: string) =>
  (files: FleetFiles): FleetFiles =>
    new Map([...files, [path, (files.get(path) ?? '').replace(what, by)]]);
const the = (name: string) => {
  const one = journey.world.switches.get(name);
  if (!one) throw new Error(`no switch ${name}`);
  return one;
};
const appliesOn = (name: string): number =>
  the(name)
    .requests()
    .filter(
      ({ method, path, body }) =>
        method === 'PATCH' && path.includes('/revision/') && String(JSON.stringify(body)).includes('"apply"'),
    ).length;

describe('between the plan and the apply', () => {
  it('a switch that was changed by hand voids the approval: nothing is written, and a gate asks for what would change now', async () => {
    await start();
    const number = await journey.open(journey.stories.addVlan);
    await journey.plan(number);
    await journey.approve(number);
    the('leaf02').outOfBand.applyAs('cumulus', { system: { message: { 'pre-login': 'touched by hand' } } });
    await journey.merge(number);

    const first = await journey.reconcile();

    expect(first.code).toBe(3);
    expect(['leaf01', 'leaf02', 'leaf03', 'leaf04'].map(appliesOn)).toEqual([0, 0, 0, 0]);
    expect(journey.comment(number)).toContain('leaf02 would change otherwise than the plan says');
    expect(journey.comment(number)).toContain(`Not applied: another approval is needed, in #${journey.gate()}`);

    await journey.approve(number, 'carl');
    const stillWaiting = await journey.reconcile();
    await journey.approve(journey.gate(), 'carl');
    const second = await journey.reconcile();

    expect(stillWaiting.code).toBe(3);

    expect(second.code).toBe(0);
    expect(['leaf01', 'leaf02', 'leaf03', 'leaf04'].map(appliesOn)).toEqual([1, 1, 1, 1]);
    expect(the('leaf02').applied()).not.toMatchObject({ system: { message: { 'pre-login': 'touched by hand' } } });
  });

  it('a switch that is unreachable at plan time blocks itself and not the others', async () => {
    await start();
    the('leaf03').faults.unplugged(true);
    const number = await journey.open(journey.stories.addVlan);

    const planned = await journey.plan(number);
    await journey.approve(number);
    await journey.merge(number);
    the('leaf03').faults.unplugged(false);
    const passed = await journey.reconcile();

    expect(planned.code).toBe(3);
    expect(planned.out).toContain('leaf03');
    expect(passed.code).toBe(1);
    expect(['leaf01', 'leaf02', 'leaf03', 'leaf04'].map(appliesOn)).toEqual([1, 1, 0, 1]);
    expect(journey.comment(number)).toContain('RECONCILER_NOT_IN_PLAN');
  });
});

describe('a change that cuts management off', () => {
  const allowed = replaced(
    'pointsman.yaml',
    /^rollout:\n/m,
    'rollout:\n  allow_hazards: [management-interface-removed]\n',
  );

  it('is taken back by the switch; comment, ledger and show say what happened and what to do; the backup is untouched', async () => {
    await start({ files: allowed });
    const before = the('leaf04').applied();
    const number = await journey.open(journey.stories.cutManagement);
    await journey.plan(number);
    await journey.approve(number, 'bea');
    await journey.approve(number, 'dora');
    await journey.merge(number);

    const passed = await journey.reconcile();

    expect(passed.code).toBe(1);
    expect(the('leaf04').applied()).toEqual(before);
    expect(await journey.ledgerFile('backups/ams1/leaf04.yaml')).toBeUndefined();
    expect(journey.comment(number)).toContain('Failed: 1 reverted');
    expect(journey.comment(number)).toContain('could not be reached');
    const name = passed.out.split(':')[0] ?? '';
    const shown = await journey.run((io) =>
      showCommand(io, name, { remote: journey.world.github.remoteUrl, cache: `${journey.gitDir}-show`, json: false }),
    );
    expect(shown.out).toContain('leaf04');
    expect(shown.out).toContain('WORKFLOW_MANAGEMENT_LOST');
    expect(shown.out).toContain('The switch runs what it ran before.');
  });

  it('is refused at plan time unless the fleet allows it by name', async () => {
    await start();
    const number = await journey.open(journey.stories.cutManagement);

    const planned = await journey.plan(number);

    expect(planned.code).toBe(3);
    expect(journey.comment(number)).toContain('management-interface-removed');
    expect(
      the('leaf04')
        .requests()
        .filter(({ method }) => method !== 'GET'),
    ).toEqual([]);
  });
});

describe('an approval that does not count is listed with why, and nothing is written', () => {
  const merged = async (prepare: (number: number) => Promise<void>, options?: JourneyOptions) => {
    await start(options);
    const number = await journey.open(journey.stories.ntpOnOneLeaf);
    await journey.plan(number);
    await prepare(number);
    await journey.merge(number);
    const passed = await journey.reconcile();
    expect(appliesOn('leaf01')).toBe(0);
    return { number, passed, comment: journey.comment(number) };
  };

  it('by somebody who had a hand in the pull request', async () => {
    const { passed, comment } = await merged(async (number) => {
      await journey.world.github
        .as('bea')
        .push(journey.stories.ntpOnOneLeaf.branch, { 'notes.md': 'thanks\n' }, 'Add a note');
      await journey.plan(number);
      await journey.approve(number, 'bea');
    });

    expect(passed.code).toBe(3);
    expect(comment).toMatch(/`bea` approves: does not count.*commit/);
  });

  it('of an older head', async () => {
    const { passed, comment } = await merged(async (number) => {
      await journey.approve(number, 'bea');
      await journey.world.github
        .as('ada')
        .push(journey.stories.ntpOnOneLeaf.branch, { 'notes.md': 'later\n' }, 'Add a note');
      await journey.plan(number);
    });

    expect(passed.code).toBe(3);
    expect(comment).toMatch(/`bea` approves: does not count/);
  });

  it('by the wrong person', async () => {
    const { passed, comment } = await merged((number) => journey.approve(number, 'dora'));

    expect(passed.code).toBe(3);
    expect(comment).toMatch(/`dora` approves: does not count/);
  });

  it('that has expired', async () => {
    const { passed, comment } = await merged(
      async (number) => {
        await journey.approve(number, 'bea');
        await journey.clock.sleep(40_000, new AbortController().signal);
      },
      { files: replaced('approvals.yaml', 'expires_after_hours: 24', 'expires_after_hours: 0.01') },
    );

    expect(passed.code).toBe(3);
    expect(comment).toMatch(/`bea` approves: does not count.*expired/);
  });

  it('that was dismissed', async () => {
    const { passed, comment } = await merged(async (number) => {
      await nextSecond(journey.clock);
      const id = await journey.world.github.as('bea').approve(number);
      await journey.world.github.as('dora').dismissReview(number, id);
    });

    expect(passed.code).toBe(3);
    expect(comment).toMatch(/- `bea`: dismissed/);
  });

  it('of a team that cannot be read', async () => {
    const { passed, comment } = await merged(async (number) => {
      await journey.approve(number, 'bea');
      journey.world.github.inject(
        { path: /\/orgs\/acme\/teams/ },
        { kind: 'status', status: 403 },
        Number.POSITIVE_INFINITY,
      );
    });

    expect(passed.code).toBe(3);
    expect(comment).toMatch(/`bea` approves: does not count.*team/);
  });
});
