import { afterEach, describe, expect, it } from 'vitest';
import { replaceOnce, textOf } from '../../sandbox/fleets/fleet-files.ts';
import { createJourney, type Journey } from '../support/journey.ts';

let journey: Journey;
afterEach(() => journey.close());

const SETTINGS = 'pointsman.yaml';
const SITE = 'desired-state/sites/ams1.yaml';
const HOUR_MS = 3_600_000;

/** A window of the site that begins so many hours from now, by clocks in UTC, and lasts one hour. */
function windowIn(hours: number, now: number): string {
  const at = (time: number) => new Date(time).toISOString().slice(11, 16);
  const from = now + hours * HOUR_MS;
  return `windows:\n  - { name: quiet hour, from: "${at(from)}", to: "${at(from + HOUR_MS)}" }\n`;
}

async function mergedWith(calendar: (now: number) => string, rollout = '') {
  journey = await createJourney({
    files: (files) => {
      const settings = textOf(files, SETTINGS);
      const site = textOf(files, SITE).replace(/^time_zone: .*$/m, 'time_zone: UTC');
      return new Map(files)
        .set(SITE, `${site}\n${calendar(Date.now())}`)
        .set(SETTINGS, replaceOnce(SETTINGS, settings, /^rollout:\n/m, `rollout:\n${rollout}`));
    },
  });
  await journey.reconcile();
  const number = await journey.open(journey.stories.ntpOnOneLeaf);
  await journey.plan(number);
  await journey.approve(number);
  await journey.merge(number);
  return number;
}

const changed = (): boolean =>
  JSON.stringify(journey.world.switches.get('leaf01')?.applied()).includes('192.168.200.140');

describe.each([
  ['at once', ''],
  ['in batches', '  batch_size: 1\n'],
])('a change that is done %s', (_, rollout) => {
  it('waits for the window of its site, says so and until when, and is done in it', async () => {
    await mergedWith((now) => windowIn(2, now), rollout);

    const held = await journey.reconcile();
    const again = await journey.reconcile();
    const before = changed();
    const log = await journey.ledgerLog();
    journey.ahead(2 * HOUR_MS + 60_000);

    expect(held.code).toBe(3);
    expect(held.out).toContain('quiet hour');
    expect(again.code).toBe(3);
    expect(before).toBe(false);
    expect(log.filter((line) => line.includes('held,'))).toHaveLength(1);
    const passed = await journey.reconcile();
    expect(passed.code).toBe(0);
    expect(changed()).toBe(true);
  });

  it('is not begun in a freeze, and the reason of the freeze is told', async () => {
    await mergedWith(
      () => 'freezes:\n  - { name: year end, from: "2020-01-01", to: "2099-12-31", reason: nobody is here }\n',
      rollout,
    );

    const held = await journey.reconcile();

    expect(held.code).toBe(3);
    expect(held.out).toContain('nobody is here');
    expect(changed()).toBe(false);
  });

  it('is done at once where there is no window', async () => {
    await mergedWith(() => '', rollout);

    expect((await journey.reconcile()).code).toBe(0);
    expect(changed()).toBe(true);
  });
});
