import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkedRunName } from '../../ledger/paths.ts';
import {
  batchRunName,
  requestRunName,
  runFolder,
  runNameFor,
  runsOfCommit,
  scheduledRunName,
} from '../../ledger/run-name.ts';
import { COMMIT } from './build.ts';

const MINUTE_MS = 60_000;
const TWO_AT_NIGHT = Date.UTC(2026, 10, 26, 2);

it.each([
  { origin: { pullRequest: 412 }, expected: 'configurationdeploy-pr-412-a1b2c3d4e5f6' },
  { origin: {}, expected: 'configurationdeploy-direct-a1b2c3d4e5f6' },
  { origin: { pullRequest: 7, shard: 'ams1' }, expected: 'configurationdeploy-pr-7-ams1-a1b2c3d4e5f6' },
])('runNameFor() derives $expected', ({ origin, expected }) => {
  expect(runNameFor({ workflow: 'ConfigurationDeploy', commit: COMMIT, ...origin })).toBe(expected);
});

it('requestRunName() names the commit that brought it, or the time it is for', () => {
  const request = { workflow: 'MultiDeploy', request: 'racks-7-to-9' };

  expect(requestRunName({ ...request, occasion: COMMIT })).toBe('multideploy-for-racks-7-to-9-a1b2c3d4e5f6');
  expect(requestRunName({ ...request, occasion: TWO_AT_NIGHT })).toBe('multideploy-for-racks-7-to-9-20261126t0200z');
});

it('scheduledRunName() names the time it is for, by UTC', () => {
  expect(scheduledRunName({ workflow: 'DriftCheck', schedule: 'nightly', at: TWO_AT_NIGHT })).toBe(
    'driftcheck-by-nightly-20261126t0200z',
  );
});

it.each([
  { parent: 'multideploy-pr-7-a1b2c3d4e5f6', number: 2, expected: 'batchdeploy-pr-7-02-a1b2c3d4e5f6' },
  { parent: 'multideploy-direct-ams1-a1b2c3d4e5f6', number: 100, expected: 'batchdeploy-direct-ams1-100-a1b2c3d4e5f6' },
  { parent: 'rollback-for-undo-20261126t0200z', number: 1, expected: 'batchdeploy-for-undo-01-20261126t0200z' },
])('batchRunName() derives $expected', ({ parent, number, expected }) => {
  expect(batchRunName(parent, number)).toBe(expected);
});

describe('names of runs', () => {
  /** Few letters, so that names collide wherever they can; dashes and digits, because our own marks are made of them. */
  const letter = fc.constantFrom('a', 'b', '0', '1');
  const name = fc
    .tuple(letter, fc.array(fc.oneof(letter, fc.constant('-')), { maxLength: 6 }), letter)
    .map(([first, middle, last]) => [first, ...middle, last].join(''));
  const shard = fc.option(name, { nil: undefined });
  const commit = fc.constantFrom('a1b2c3d4e5f6'.padEnd(40, '0'), '0'.repeat(40));
  const moment = fc.constantFrom(TWO_AT_NIGHT, TWO_AT_NIGHT + MINUTE_MS, TWO_AT_NIGHT + 60 * 24 * MINUTE_MS);
  const workflow = fc.constantFrom('MultiDeploy', 'DriftCheck');
  const withShard = <T extends object>(origin: T, of: string | undefined) =>
    of === undefined ? origin : { ...origin, shard: of };

  /** What a run is for, beside the name derived from it. */
  const anyRun = fc.oneof(
    fc
      .tuple(workflow, fc.option(fc.constantFrom(7, 70), { nil: undefined }), shard, commit)
      .map(([of, pr, site, at]) => {
        const origin = { workflow: of, commit: at, ...(pr === undefined ? {} : { pullRequest: pr }) };
        return { origin: JSON.stringify(['merged', of, pr, site, at]), name: runNameFor(withShard(origin, site)) };
      }),
    fc.tuple(workflow, name, shard, fc.oneof(commit, moment)).map(([of, request, site, occasion]) => ({
      origin: JSON.stringify(['request', of, request, site, occasion]),
      name: requestRunName(withShard({ workflow: of, request, occasion }, site)),
    })),
    fc.tuple(workflow, name, shard, moment).map(([of, schedule, site, at]) => ({
      origin: JSON.stringify(['schedule', of, schedule, site, at]),
      name: scheduledRunName(withShard({ workflow: of, schedule, at }, site)),
    })),
  );
  const several = fc.array(anyRun, { minLength: 2, maxLength: 60 });

  it('are of one run each', () => {
    fc.assert(
      fc.property(several, (runs) => {
        const origins = new Map(runs.map((run) => [run.name, run.origin]));
        for (const run of runs) expect(run.origin, run.name).toBe(origins.get(run.name));
      }),
      { numRuns: 500 },
    );
  });

  it('are of one batch each, for parents that are of one kind', () => {
    fc.assert(
      fc.property(
        several,
        fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 5 }),
        (runs, numbers) => {
          const parents = runs.filter((run) => run.name.startsWith('multideploy-'));
          const batches = parents.flatMap((parent) =>
            numbers.map((number) => ({ of: `${parent.name} ${number}`, name: batchRunName(parent.name, number) })),
          );
          const known = new Map(batches.map((batch) => [batch.name, batch.of]));
          for (const batch of batches) expect(batch.of, batch.name).toBe(known.get(batch.name));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('can be folders, in lower case, because some machines know no other', () => {
    fc.assert(
      fc.property(anyRun, ({ name: run }) => {
        expect(checkedRunName(run)).toBe(run.toLowerCase());
      }),
    );
  });

  it('cannot be had by calling a request as the ledger calls that of a site', () => {
    const ofSite = requestRunName({ workflow: 'MultiDeploy', request: 'racks', shard: 'ams1', occasion: COMMIT });
    const [, posing = ''] = /^multideploy-for-(.*)-[0-9a-f]{12}$/.exec(ofSite) ?? [];

    expect(requestRunName({ workflow: 'MultiDeploy', request: posing, occasion: COMMIT })).not.toBe(ofSite);
  });

  it('of one commit are found by it, with their batches', () => {
    const merged = runNameFor({ workflow: 'MultiDeploy', commit: COMMIT, pullRequest: 7 });
    const names = [merged, batchRunName(merged, 1), 'configurationdeploy-pr-8-000000000000'];

    expect(runsOfCommit(names, COMMIT)).toEqual(names.slice(0, 2));
  });
});

it('runFolder() files a run under the month it started in, by UTC', () => {
  const lastSecondOfYear = Date.UTC(2026, 11, 31, 23, 59, 59);

  expect(runFolder({ name: 'r', startedAt: lastSecondOfYear })).toBe('runs/2026/12/r');
  expect(runFolder({ name: 'r', startedAt: lastSecondOfYear + 1000 })).toBe('runs/2027/01/r');
});
