import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJourney, type Journey } from '../support/journey.ts';
import { pointsman, type Ran, scratchFolder } from './run.ts';

let journey: Journey;
beforeAll(async () => {
  journey = await createJourney();
});
afterAll(() => journey.close());

const alive = (...args: readonly string[]): Promise<Ran> =>
  pointsman(['alive', ...args, '--remote', journey.world.github.remoteUrl, '--cache', scratchFolder()], {
    clock: journey.clock,
    environment: { ...journey.world.environment, PATH: process.env['PATH'] },
  });
const alarms = () => journey.world.github.issues().map(({ title, state, body }) => ({ title, state, body }));
const HOUR_MS = 3_600_000;

describe('pointsman alive', () => {
  it('ends with 1 when the schedule never fired, and opens an alarm that says what to do', async () => {
    const ran = await alive();

    expect(ran.code).toBe(1);
    expect(ran.out).toBe('Not alive: the schedule of pointsman.yml has never fired. An alarm issue is open.\n');
    expect(alarms()).toMatchObject([{ title: 'Pointsman: the schedule does not fire', state: 'open' }]);
    expect(alarms()[0]?.body).toContain('**What to do**');
  });

  it('is alive as soon as the schedule fired, whatever else started passes, and closes the alarm', async () => {
    await journey.world.github.scheduledRun('pointsman.yml', journey.clock.now(), 'push');
    const pushed = await alive();
    await journey.world.github.scheduledRun('pointsman.yml');
    const fired = await alive('--within', '20m');

    expect(pushed.code).toBe(1);
    expect(fired.code).toBe(0);
    expect(fired.out).toMatch(/^Alive: the schedule of pointsman\.yml fired at \d{4}-\d\d-\d\d \d\d:\d\d UTC\.\n$/);
    expect(alarms()).toMatchObject([{ state: 'closed' }]);
  });

  it('ends with 1 again when that is too long ago, and raises the same alarm again', async () => {
    await journey.world.github.scheduledRun('other.yml', journey.clock.now() - 3 * HOUR_MS);

    const late = await alive('--workflow', 'other.yml', '--within', '2h');
    const soon = await alive('--workflow', 'other.yml', '--within', '4h');

    expect(late.code).toBe(1);
    expect(late.out).toMatch(/^Not alive: the schedule of other\.yml fired last at .* UTC, more than 2h ago\./);
    expect(soon.code).toBe(0);
    expect(alarms()).toHaveLength(1);
  });

  it.each([
    ['--within', 'soon'],
    ['--within', '9d'],
    ['--workflow', '../x.yml'],
    ['--workflow', 'pointsman'],
  ])('refuses %s %s', async (option, value) => {
    const ran = await alive(option, value);

    expect(ran.code).toBe(1);
    expect(ran.said).toContain('error CLI_USAGE: ');
    expect(ran.said).toContain(option);
  });
});
