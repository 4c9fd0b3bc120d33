import { describe, expect, it } from 'vitest';
import { edited, fleetOf, problemsOf, smallFleet } from './fleet-repo.ts';

const NAME = 'requests/r1.yaml';
const PATH = 'automation.yaml';
const request = (workflow: string, ...lines: readonly string[]): string =>
  [`workflow: ${workflow}`, 'reason: asked', 'targets: { devices: [leaf01] }', ...lines, ''].join('\n');
/** `file code` of each problem. */
const problemsWith = async (file: string, text: string): Promise<readonly string[]> => {
  const found = await problemsOf(edited(smallFleet, { [file]: text }));
  return found.map((problem) => problem.replace(/(:\d+)+ /, ' '));
};

describe('a request', () => {
  it('is part of the fleet, by the name of its file', async () => {
    const fleet = await fleetOf(
      edited(smallFleet, { [NAME]: request('ConfigurationBackup'), 'requests/README.md': '#' }),
    );

    expect([...fleet.requests]).toEqual([
      ['r1', { file: NAME, value: expect.objectContaining({ workflow: 'ConfigurationBackup', reason: 'asked' }) }],
    ]);
  });

  it.each([
    { case: 'a backup by the clock', text: request('ConfigurationBackup', 'schedule: { cron: "0 2 * * *" }') },
    {
      case: 'a diff that waits for a moment of a zone',
      text: request('ConfigurationDiff', 'not_before: 2026-12-01T22:00', 'time_zone: Europe/Amsterdam'),
    },
    { case: 'a Rollback that says back to what', text: request('Rollback', 'input: { to: { backup: latest } }') },
  ])('may be $case', async ({ text }) => {
    expect(await problemsWith(NAME, text)).toEqual([]);
  });

  it.each([
    { case: 'a Rollback to nowhere', text: request('Rollback') },
    { case: 'a deploy back to something', text: request('ConfigurationDeploy', 'input: { to: { backup: latest } }') },
    { case: 'a backup with a rollout', text: request('ConfigurationBackup', 'rollout: { batch_size: 1 }') },
    { case: 'a deploy by the clock', text: request('ConfigurationDeploy', 'schedule: { cron: "0 2 * * *" }') },
    { case: 'a time that never comes', text: request('DriftCheck', 'schedule: { cron: "0 2 30 2 *" }') },
    { case: 'a schedule of no zone', text: request('DriftCheck', 'schedule: { cron: "0 2 * * *", time_zone: Mars }') },
    { case: 'a day that does not exist', text: request('DriftCheck', 'not_before: 2026-02-30T22:00') },
    { case: 'a moment of no zone', text: request('DriftCheck', 'not_before: 2026-02-03T22:00', 'time_zone: Mars') },
    {
      case: 'a schedule and a moment at once',
      text: request('DriftCheck', 'schedule: { cron: "0 2 * * *" }', 'not_before: 2026-12-01T22:00'),
    },
    {
      case: 'a schedule that would not be paused',
      text: request('DriftCheck', 'schedule: { cron: "0 2 * * *" }', 'even_when_paused: true'),
    },
    { case: 'a SiteBackup of no site', text: request('SiteBackup') },
  ])('may not be $case', async ({ text }) => {
    expect(await problemsWith(NAME, text)).toEqual([`${NAME} DESIRED_STATE_REQUEST`]);
  });

  it.each([
    { path: 'requests/more/r1.yaml', code: 'DESIRED_STATE_FILE_UNKNOWN' },
    { path: 'requests/r1.yml', code: 'DESIRED_STATE_FILE_UNKNOWN' },
    { path: 'requests/R1.yaml', code: 'DESIRED_STATE_FILE_NAME' },
  ])('is not ignored where it stands at $path', async ({ path, code }) => {
    expect(await problemsWith(path, request('DriftCheck'))).toEqual([`${path} ${code}`]);
  });
});

describe('automation.yaml', () => {
  it('may name schedules, sites and workflows that are there', async () => {
    const text = [
      'sites: { ams1: { paused: true, reason: moving } }',
      'workflows: { DriftCheck: { paused: false } }',
      'schedules:',
      '  nightly: { workflow: DriftCheck, schedule: { cron: "0 2 * * *", jitter_minutes: 30 } }',
      '  weekly: { workflow: SiteBackup, targets: { sites: [ams1] }, schedule: { cron: "0 4 * * sun" } }',
      '',
    ].join('\n');

    expect(await problemsWith(PATH, text)).toEqual([]);
  });

  it.each([
    { case: 'pause without saying why', text: 'paused: true\n', code: 'DESIRED_STATE_AUTOMATION' },
    {
      case: 'pause a site without saying why',
      text: 'sites: { ams1: { paused: true } }\n',
      code: 'DESIRED_STATE_AUTOMATION',
    },
    {
      case: 'pause a workflow without saying why',
      text: 'workflows: { DriftCheck: { paused: true } }\n',
      code: 'DESIRED_STATE_AUTOMATION',
    },
    {
      case: 'name a site that is not there',
      text: 'sites: { ams9: { paused: false } }\n',
      code: 'DESIRED_STATE_SITE_UNKNOWN',
    },
    {
      case: 'name a workflow that is none',
      text: 'workflows: { DriftChek: { paused: false } }\n',
      code: 'DESIRED_STATE_AUTOMATION',
    },
    {
      case: 'hold a time that never comes',
      text: 'schedules: { n: { workflow: DriftCheck, schedule: { cron: "0 2 31 4 *" } } }\n',
      code: 'DESIRED_STATE_AUTOMATION',
    },
    {
      case: 'back up the sites of nowhere',
      text: 'schedules: { n: { workflow: SiteBackup, schedule: { cron: "0 2 * * *" } } }\n',
      code: 'DESIRED_STATE_AUTOMATION',
    },
  ])('may not $case', async ({ text, code }) => {
    expect(await problemsWith(PATH, text)).toEqual([`${PATH} ${code}`]);
  });
});
