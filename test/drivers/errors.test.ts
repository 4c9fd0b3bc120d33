import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  AgentDownError,
  ApplyFailedError,
  ConfigurationRefusedError,
  IdentityMismatchError,
  UnreachableError,
} from '../../drivers/errors.ts';

const read = (path: string) => readFileSync(new URL(`../../drivers/${path}`, import.meta.url), 'utf8');

describe('the errors of the room', () => {
  it('are all in the table of its README, with their disposition, and the table has no other', () => {
    const declared = [...read('errors.ts').matchAll(/code = '(\w+)';\s+readonly disposition = '([\w-]+)'/g)];
    const documented = [...read('README.md').matchAll(/^\| `(DRIVER_\w+)` +\| ([\w-]+) +\|/gm)];

    const pairs = (matches: readonly RegExpExecArray[]) =>
      matches.map(([, code, disposition]) => `${code} ${disposition}`).sort();
    expect(pairs(documented)).toEqual(pairs(declared));
    expect(declared.length).toBe(read('errors.ts').match(/extends PointsmanError/g)?.length);
  });

  it.each([
    {
      error: new UnreachableError({
        device: 'leaf01',
        host: '192.0.2.11',
        port: 8765,
        request: 'GET /revision',
        reason: 'ECONNREFUSED',
        mayHaveActed: false,
      }),
      message: 'leaf01 (192.0.2.11:8765) did not answer GET /revision: ECONNREFUSED',
    },
    {
      error: new AgentDownError({
        device: 'leaf01',
        request: 'GET /',
        status: 502,
        words: 'Bad Gateway',
        mayHaveActed: false,
      }),
      message: 'leaf01 answered GET / with 502: Bad Gateway',
    },
    {
      error: new IdentityMismatchError({
        device: 'leaf01',
        host: '192.0.2.11',
        port: 8765,
        expectedPins: ['sha256:aa'],
        foundPin: 'sha256:bb',
        chain: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      }),
      message:
        'leaf01 (192.0.2.11:8765) showed the certificate sha256:bb, expected sha256:aa; by the CA: DEPTH_ZERO_SELF_SIGNED_CERT',
    },
    {
      error: new ConfigurationRefusedError({
        device: 'leaf01',
        candidate: '12',
        refusals: [
          { path: ['interface', 'swp1', 'link', 'mtu'], words: 'too small' },
          { path: [], words: 'Invalid config' },
        ],
      }),
      message: 'leaf01 refused the configuration: interface swp1 link mtu: too small; configuration: Invalid config',
    },
    {
      error: new ApplyFailedError({
        device: 'leaf01',
        candidate: '12',
        state: 'ignore_fail',
        issues: ['[error] frr'],
        rolledBack: true,
      }),
      message: 'leaf01 did not take revision 12: ignore_fail ([error] frr)',
    },
  ])('say what was expected and what was found: $error.code', ({ error, message }) => {
    expect(error.message).toBe(message);
  });
});
