import { beforeAll, describe, expect, it } from 'vitest';
import { missingForLab } from '../../sandbox/lab/missing.ts';
import { borderAt, type Reference, runExpiry, runReference, runRow } from '../support/crash-matrix.ts';
import { ROUTER_DAYS, runRouterDay } from '../support/crash-router-days.ts';
import { ROUTERS } from '../support/crash-scenes.ts';

/** Each is a lab of its own: three machines that boot, and a fabric that comes up. */
const SLOW = 480_000;

const missing = missingForLab();
const why = missing.length > 0 ? `: SKIPPED, ${missing.join(' ')}` : '';

describe.skipIf(missing.length > 0)(`a deploy to real routers whose process is killed${why}`, () => {
  let reference: Reference;
  beforeAll(async () => {
    reference = await runReference(ROUTERS);
  }, SLOW);

  it('would end well if it were not', () => {
    expect(reference.problems).toEqual([]);
    expect(reference.effects.filter(({ target }) => target === 'leaf02').map(({ what }) => what)).toEqual([
      'stage',
      'apply',
      'confirm',
    ]);
    expect(JSON.stringify(reference.snapshot['comments on #1'])).toContain('Applied: 2 applied');
    expect(reference.snapshot['leaf02 would boot']).toContain('route-map FROM-FABRIC in');
  });

  it.each([
    { where: 'while a candidate is stored', phase: 'arrived', what: 'stage' },
    { where: 'in the middle of a reload', phase: 'performed', what: 'apply' },
    { where: 'while it confirms', phase: 'arrived', what: 'confirm' },
  ] as const)(
    '$where ends, one pass later, as if nothing had happened, and nothing is sent twice',
    async ({ phase, what }) => {
      const row = await runRow(reference, borderAt(reference, phase, what, 'leaf02'));

      expect(row).toMatchObject({ problems: [], passes: 1 });
    },
    SLOW,
  );

  it(
    'and to which nobody comes back in the window goes back by itself, and is done by the next pass',
    async () => {
      const row = await runExpiry(reference);

      expect(row).toMatchObject({ problems: [], passes: 1 });
    },
    SLOW,
  );

  it(
    'while a router is booted ends, one pass later, as if nothing had happened',
    async () => {
      const day = ROUTER_DAYS.find(({ name }) => name === 'rebooted in the window after the kill');
      if (!day) throw new Error('no such day');
      const row = await runRouterDay(reference, day);

      expect(row).toMatchObject({ problems: [], passes: 1 });
    },
    SLOW,
  );
});
