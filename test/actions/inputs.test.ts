import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { masksFor } from '../../cli/action/masks.ts';
import { readOrder } from '../../cli/action/read-order.ts';
import { readSecretLines } from '../../cli/action/secret-lines.ts';

const order = (
  inputs: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
  event?: unknown,
) => readOrder({ input: (name) => inputs[name] ?? '', environment }, event);

describe('the inputs', () => {
  it('name the pull request, or the event does: its own, or the one a comment stands on', () => {
    const task = (event: unknown, asked = '') => order({ command: 'plan', 'pull-request': asked }, {}, event).task;

    expect(task({ pull_request: { number: 7 } })).toEqual({ command: 'plan', pullRequest: '7' });
    expect(task({ issue: { number: 8, pull_request: {} } })).toEqual({ command: 'plan', pullRequest: '8' });
    expect(task({ pull_request: { number: 7 } }, '9')).toEqual({ command: 'plan', pullRequest: '9' });
    for (const event of [undefined, {}, { issue: { number: 8 } }, { pull_request: { number: '7 --json' } }]) {
      expect(() => task(event)).toThrow(expect.objectContaining({ code: 'CLI_USAGE' }));
    }
    expect(() => task({}, '7; id')).toThrow(expect.objectContaining({ code: 'CLI_USAGE' }));
  });

  it('take what merging would give where a pull request is validated, and the job’s own ref else', () => {
    const task = (asked: string, ref: string) =>
      order({ command: 'validate', 'pull-request': asked }, { GITHUB_REF: ref }).task;

    expect(task('7', 'refs/heads/main')).toEqual({ command: 'validate', ref: 'refs/pull/7/merge' });
    expect(task('', 'refs/pull/8/merge')).toEqual({ command: 'validate', ref: 'refs/pull/8/merge' });
    expect(() => task('', '')).toThrow(expect.objectContaining({ code: 'CLI_USAGE' }));
  });

  it('hand on either the App or the token, and neither themselves nor the runner’s own credentials', () => {
    const job = { 'INPUT_GITHUB-TOKEN': 't', ACTIONS_RUNTIME_TOKEN: 'r', GITHUB_TOKEN: 'g', PATH: '/bin' };
    const app = order({ command: 'reconcile', 'app-id': '1', 'app-private-key': 'k', 'github-token': 't' }, job);
    const token = order({ command: 'reconcile', 'github-token': 't' }, job);

    expect(app.environment).toEqual({ PATH: '/bin', POINTSMAN_APP_ID: '1', POINTSMAN_APP_PRIVATE_KEY: 'k' });
    expect(token.environment).toEqual({ PATH: '/bin', POINTSMAN_GITHUB_TOKEN: 't' });
  });

  it('look at the schedule and tell the heartbeat after passes only', () => {
    const inputs = { 'schedule-within': '90m', 'heartbeat-url': 'https://example.net/ping' };
    const job = { GITHUB_WORKFLOW_REF: 'acme/fleet/.github/workflows/night.yaml@refs/heads/x@y' };

    expect(order({ ...inputs, command: 'reconcile' }, job)).toMatchObject({
      schedule: { command: 'alive', within: '90m', workflow: 'night.yaml' },
      heartbeat: 'https://example.net/ping',
    });
    expect(Object.keys(order({ ...inputs, command: 'matrix' }, job))).toEqual(['task', 'cache', 'environment']);
    expect(() => order({ command: 'reconcile', 'heartbeat-url': 'http://example.net' })).toThrow(
      expect.objectContaining({ code: 'CLI_USAGE' }),
    );
  });

  it('name one of our commands and nothing else', () => {
    for (const command of ['', 'backup', 'plan --json', 'toString']) {
      expect(() => order({ command })).toThrow(expect.objectContaining({ code: 'CLI_USAGE' }));
    }
  });

  it('keep the copy of the fleet where the runner empties it', () => {
    expect(order({ command: 'reconcile' }, { RUNNER_TEMP: '/runner/temp' }).cache).toBe('/runner/temp/pointsman');
    expect(order({ command: 'reconcile' }).cache).toBe(`${tmpdir()}/pointsman`);
  });
});

describe('secrets in lines', () => {
  it('are found under the names that the fleet uses, with all that stands behind the first sign of equality', () => {
    const read = readSecretLines('# of ams1\nsite/bgp-password=a=b c#d \r\n\nfingerprint-key=x\n');

    expect([...read]).toEqual([
      ['POINTSMAN_SECRET_SITE_BGP_PASSWORD', 'a=b c#d '],
      ['POINTSMAN_SECRET_FINGERPRINT_KEY', 'x'],
    ]);
  });

  it.each([
    ['no value', 'a=1\nsite/key='],
    ['no name', 'a=1\n=topsecret'],
    ['no sign of equality', 'a=1\ntopsecret'],
    ['a name no fleet can use', 'a=1\nTop Secret=topsecret'],
    ['the name of another', 'a-b=1\na_b=topsecret'],
  ])('are refused with %s, by line and without quoting it', (_, text) => {
    expect(() => readSecretLines(text)).toThrow(
      expect.objectContaining({ code: 'CLI_USAGE', message: expect.stringMatching(/^line 2 (?!.*topsecret)/) }),
    );
  });
});

describe('masks', () => {
  it('cover a secret whole and line by line, and nothing that every log has', () => {
    const pem = '-----BEGIN KEY-----\nMIIEowIBAAKC\nshort\n-----END KEY-----\n';

    expect(masksFor(['', 'one', pem, 'one', 'a1234567\\nb1234567'])).toEqual([
      'one',
      pem,
      'a1234567\\nb1234567',
      'MIIEowIBAAKC',
      'a1234567',
      'b1234567',
    ]);
  });
});
