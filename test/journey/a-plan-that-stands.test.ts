import { afterEach, expect, it } from 'vitest';
import { reconcileCommand } from '../../cli/commands/reconcile.ts';
import { createJourney, type Journey } from '../support/journey.ts';

let journey: Journey;
afterEach(() => journey.close());

const FIVE_HOURS_MS = 5 * 3_600_000;

it('a plan made again because it was old is as good as new: the next pass asks no switch, and an approval of it holds', async () => {
  journey = await createJourney();
  const number = await journey.open(journey.stories.ntpOnOneLeaf);
  await journey.reconcile();
  await journey.approve(number);
  const asked = () => journey.world.switches.get('leaf01')?.requests().length ?? 0;
  const options = { remote: journey.world.github.remoteUrl, cache: `${journey.gitDir}-later`, json: false };
  const later = () =>
    journey.run((io) =>
      reconcileCommand({ ...io, clock: { ...io.clock, now: () => io.clock.now() + FIVE_HOURS_MS } }, options),
    );
  const before = asked();

  const first = await later();
  const between = asked();
  const second = await later();

  expect(first.out).toContain(`#${number}: planned`);
  expect(between).toBeGreaterThan(before);
  expect(second.out).toContain(`#${number}: the plan that is shown still stands`);
  expect(asked()).toBe(between);
  expect(journey.comment(number)).toContain('## Plan: 1 device changes, approved by bea');
});
