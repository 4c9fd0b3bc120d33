import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSignIn } from '../../cli/sign-in.ts';

const folder = mkdtempSync(join(tmpdir(), 'pointsman-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const PEM = '-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----\n';
writeFileSync(join(folder, 'app.pem'), PEM);

const read = (environment: Readonly<Record<string, string>>) => readSignIn({ environment, cwd: folder });
const id = { POINTSMAN_APP_ID: '12' };
const key = { POINTSMAN_APP_PRIVATE_KEY: PEM };

describe('who we are by the environment', () => {
  it.each([
    { with: 'GITHUB_TOKEN', environment: { GITHUB_TOKEN: 'a' }, is: { kind: 'token', token: 'a' } },
    {
      with: 'our own token beside GITHUB_TOKEN',
      environment: { GITHUB_TOKEN: 'a', POINTSMAN_GITHUB_TOKEN: 'b' },
      is: { kind: 'token', token: 'b' },
    },
    {
      with: 'an empty token of our own, as Actions makes of a secret that is not there',
      environment: { GITHUB_TOKEN: 'a', POINTSMAN_GITHUB_TOKEN: '' },
      is: { kind: 'token', token: 'a' },
    },
    {
      with: 'an App, and a GITHUB_TOKEN nobody meant for us',
      environment: { ...id, ...key, GITHUB_TOKEN: 'a' },
      is: { kind: 'app', appId: '12', privateKey: PEM.trim() },
    },
    {
      with: 'empty variables of an App',
      environment: { POINTSMAN_APP_ID: '', POINTSMAN_APP_PRIVATE_KEY: ' ', GITHUB_TOKEN: 'a' },
      is: { kind: 'token', token: 'a' },
    },
    {
      with: 'a key in one line',
      environment: { ...id, POINTSMAN_APP_PRIVATE_KEY: PEM.replaceAll('\n', '\\n') },
      is: { kind: 'app', appId: '12', privateKey: PEM },
    },
    {
      with: 'a key in a file, a client id and an installation',
      environment: {
        POINTSMAN_APP_ID: 'Iv23liABC',
        POINTSMAN_APP_PRIVATE_KEY_FILE: 'app.pem',
        POINTSMAN_APP_INSTALLATION_ID: '99',
      },
      is: { kind: 'app', appId: 'Iv23liABC', privateKey: PEM, installationId: 99 },
    },
  ])('with $with', ({ environment, is }) => {
    expect(read(environment)).toEqual(is);
  });

  it.each([
    { with: 'nothing', environment: {}, problem: 'GITHUB_TOKEN is not set', next: 'POINTSMAN_APP_ID' },
    {
      with: 'an App and a token of our own',
      environment: { ...id, ...key, POINTSMAN_GITHUB_TOKEN: 'a' },
      problem: 'both POINTSMAN_APP_ID and POINTSMAN_GITHUB_TOKEN are set',
      next: 'Keep the one',
    },
    {
      with: 'a key and a file of one',
      environment: { ...id, ...key, POINTSMAN_APP_PRIVATE_KEY_FILE: 'app.pem' },
      problem: 'both POINTSMAN_APP_PRIVATE_KEY and POINTSMAN_APP_PRIVATE_KEY_FILE are set',
      next: 'Keep one',
    },
    {
      with: 'no key',
      environment: { ...id, GITHUB_TOKEN: 'a' },
      problem: 'POINTSMAN_APP_ID is set, and POINTSMAN_APP_PRIVATE_KEY (or POINTSMAN_APP_PRIVATE_KEY_FILE) missing',
      next: 'Set POINTSMAN_APP_PRIVATE_KEY',
    },
    {
      with: 'no id',
      environment: key,
      problem: 'POINTSMAN_APP_PRIVATE_KEY is set, and POINTSMAN_APP_ID missing',
      next: 'Set POINTSMAN_APP_ID',
    },
    {
      with: 'an installation alone',
      environment: { POINTSMAN_APP_INSTALLATION_ID: '9' },
      problem: 'POINTSMAN_APP_ID and POINTSMAN_APP_PRIVATE_KEY (or POINTSMAN_APP_PRIVATE_KEY_FILE) missing',
      next: 'or none of them',
    },
    {
      with: 'an id that is none',
      environment: { ...key, POINTSMAN_APP_ID: 'our app' },
      problem: 'neither a number nor a client id',
      next: 'under About',
    },
    {
      with: 'an installation that is no number',
      environment: { ...id, ...key, POINTSMAN_APP_INSTALLATION_ID: 'acme' },
      problem: 'POINTSMAN_APP_INSTALLATION_ID is not a number',
      next: 'or leave it out',
    },
    {
      with: 'a file that is not there',
      environment: { ...id, POINTSMAN_APP_PRIVATE_KEY_FILE: 'none.pem' },
      problem: 'names none.pem, which cannot be read (ENOENT)',
      next: 'the path of the .pem file',
    },
  ])('is asked for with $with', ({ environment, problem, next }) => {
    const error = thrownBy(() => read(environment));

    expect(error).toMatchObject({ code: 'CLI_USAGE', disposition: 'needs-human' });
    expect(error).toMatchObject({
      message: expect.stringContaining(problem),
      next: expect.stringContaining(next),
    });
    expect(JSON.stringify(error)).not.toContain('canary');
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
