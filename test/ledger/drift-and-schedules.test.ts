import { describe, expect, it } from 'vitest';
import type { DeviceDrift } from '../../ledger/ledger.ts';
import { COMMIT, T0 } from './build.ts';
import { createWorld, signal } from './world.ts';

const drift: DeviceDrift = {
  site: 'ams1',
  device: 'leaf01',
  since: T0,
  seenAt: T0,
  run: 'driftcheck-by-nightly-20261120t0200z',
  commit: COMMIT,
  digest: 'a'.repeat(64),
  changes: [
    { path: ['system', 'message', 'pre-login'], running: 'by hand' },
    { path: ['vrf', 'default'], intended: {}, running: ['a', { b: 1 }] },
  ],
  more: 3,
  by: 'cumulus',
  changedAt: T0 - 1000,
};

describe('drift on the ledger', () => {
  it('is read back as it was written, by site and name', async () => {
    const ledger = await createWorld().ledger();
    const other = { ...drift, device: 'leaf02' };
    await ledger.append(async () => ({ title: 'drift', drift: [other, drift] }), signal);

    expect(await (await ledger.view(signal)).drifting()).toEqual([drift, other]);
  });

  it('is taken away in the same commit that says it is gone, and only then', async () => {
    const world = createWorld();
    const ledger = await world.ledger();
    await ledger.append(async () => ({ title: 'drift', drift: [drift, { ...drift, device: 'leaf02' }] }), signal);

    const after = await ledger.append(async () => ({ title: 'mended', driftGone: [drift] }), signal);

    expect((await after.drifting()).map(({ device }) => device)).toEqual(['leaf02']);
    expect(world.show('drift/ams1/leaf02.json')).toContain('"leaf02"');
  });

  it('makes no commit where what is gone was never there', async () => {
    const ledger = await createWorld().ledger();
    const before = await ledger.append(async () => ({ title: 'drift', drift: [drift] }), signal);

    const after = await ledger.append(
      async () => ({ title: 'mended', driftGone: [{ site: 'ams1', device: 'leaf09' }] }),
      signal,
    );

    expect(after.tip).toBe(before.tip);
  });

  it('is nowhere while the branch does not exist', async () => {
    expect(await (await (await createWorld().ledger()).view(signal)).drifting()).toEqual([]);
  });
});

describe('schedules on the ledger', () => {
  it('are replaced as a whole, so that one that is gone from the fleet is forgotten', async () => {
    const ledger = await createWorld().ledger();
    const nightly = { digest: 'd1', since: T0 };
    const skipped = { ...nightly, skipped: { scheduledFor: T0, at: T0 + 5, why: 'the one before has not ended' } };
    await ledger.append(
      async () => ({
        title: 'two',
        schedules: new Map([
          ['automation/a', nightly],
          ['requests/a', nightly],
        ]),
      }),
      signal,
    );

    const after = await ledger.append(
      async () => ({ title: 'one', schedules: new Map([['requests/a', skipped]]) }),
      signal,
    );

    expect(await after.schedules()).toEqual(new Map([['requests/a', skipped]]));
  });
});

describe('what was proposed about a drift', () => {
  const proposed = { pullRequest: 7, head: COMMIT, way: 'revert' } as const;

  it('is kept when the same drift is written again, and forgotten with it', async () => {
    const ledger = await createWorld().ledger();
    await ledger.append(async () => ({ title: 'proposed', drift: [{ ...drift, proposed }] }), signal);

    const again = await ledger.append(async () => ({ title: 'seen', drift: [{ ...drift, seenAt: T0 + 1 }] }), signal);
    const another = { ...drift, digest: 'b'.repeat(64) };
    const after = await ledger.append(async () => ({ title: 'another', drift: [another] }), signal);

    expect(await again.drifting()).toEqual([{ ...drift, seenAt: T0 + 1, proposed }]);
    expect(await after.drifting()).toEqual([another]);
  });
});
