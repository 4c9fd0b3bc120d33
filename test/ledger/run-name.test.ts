import { expect, it } from 'vitest';
import { runFolder, runNameFor } from '../../ledger/run-name.ts';
import { COMMIT } from './build.ts';

it.each([
  { origin: { pullRequest: 412 }, expected: 'configurationdeploy-pr-412-a1b2c3d4e5f6' },
  { origin: {}, expected: 'configurationdeploy-direct-a1b2c3d4e5f6' },
])('runNameFor() derives $expected', ({ origin, expected }) => {
  expect(runNameFor({ workflow: 'ConfigurationDeploy', commit: COMMIT, ...origin })).toBe(expected);
});

it('runFolder() files a run under the month it started in, by UTC', () => {
  const lastSecondOfYear = Date.UTC(2026, 11, 31, 23, 59, 59);

  expect(runFolder({ name: 'r', startedAt: lastSecondOfYear })).toBe('runs/2026/12/r');
  expect(runFolder({ name: 'r', startedAt: lastSecondOfYear + 1000 })).toBe('runs/2027/01/r');
});
