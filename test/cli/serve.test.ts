import { describe, expect, it } from 'vitest';
import { pointsman, scratchFolder } from './run.ts';

const SECRET = 'a webhook secret of the tests';

describe('pointsman serve does not begin', () => {
  it.each([
    ['without a secret', {}, [], 'POINTSMAN_WEBHOOK_SECRET is not set'],
    ['with a secret that can be guessed', { POINTSMAN_WEBHOOK_SECRET: 'secret' }, [], 'fewer than 16 characters'],
    [
      'with an old secret that can be guessed',
      { POINTSMAN_WEBHOOK_SECRET: SECRET, POINTSMAN_WEBHOOK_SECRET_PREVIOUS: 'old' },
      [],
      'fewer than 16 characters',
    ],
    ['on a port there is not', { POINTSMAN_WEBHOOK_SECRET: SECRET }, ['--port', '70000'], '--port is "70000"'],
    ['with a jitter without a unit', { POINTSMAN_WEBHOOK_SECRET: SECRET }, ['--jitter', '30'], '--jitter is "30"'],
    ['with a grace of a week', { POINTSMAN_WEBHOOK_SECRET: SECRET }, ['--grace', '168h'], '--grace is "168h"'],
  ])('%s', async (_, environment, args, complaint) => {
    const { code, out, said } = await pointsman(['serve', '--port', '0', ...args], { environment });

    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(said).toContain(`error CLI_USAGE: `);
    expect(said).toContain(complaint);
    expect(said).toMatch(/\n {2}next: \w/);
    expect(said).not.toContain(SECRET);
  });

  it('without a way to sign in at GitHub', async () => {
    const environment = { POINTSMAN_REMOTE: 'https://github.com/acme/fleet.git' };
    const { code, said } = await pointsman(['serve', '--no-webhooks', '--port', '0'], { environment });

    expect(code).toBe(1);
    expect(said).toContain('error CLI_USAGE: GITHUB_TOKEN is not set');
  });

  it.each([
    ['with a schedule nobody could follow', ['--schedule', 'hourly'], 'the schedule "hourly" cannot be followed'],
    [
      'by a clock there is not',
      ['--time-zone', 'Europe/Atlantis'],
      'the time zone "Europe/Atlantis" cannot be followed',
    ],
  ])('%s', async (_, args, complaint) => {
    const environment = { POINTSMAN_REMOTE: 'https://github.com/acme/fleet.git', GITHUB_TOKEN: 'a token' };
    const cache = ['--cache', scratchFolder()];
    const { code, said } = await pointsman(['serve', '--no-webhooks', '--port', '0', ...cache, ...args], {
      environment,
    });

    expect(code).toBe(1);
    expect(said).toContain(`error DAEMON_SCHEDULE_INVALID: ${complaint}`);
  });
});
