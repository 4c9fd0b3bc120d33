import { encrypt } from 'unixcrypt';
import { describe, expect, it } from 'vitest';
import { alignSecrets, type RememberedSecrets, type SecretsToAlign } from '../../plans/align-secrets.ts';
import { computeChanges } from '../../plans/compute-changes.ts';
import { createFingerprint } from '../../plans/fingerprint.ts';
import { rememberSecrets } from '../../plans/remember-secrets.ts';
import type { Tree } from '../../schemas/json.ts';
import type { SecretPattern } from '../../schemas/secret.ts';

const fingerprint = createFingerprint('key of this test');
const patterns: readonly SecretPattern[] = [
  { path: ['**', 'password'], at: 'value' },
  { path: ['system', 'snmp', 'community', '*'], at: 'key' },
];
const isOpaque = (text: string) => text === '*' || text.startsWith('$nvsec$');

function align(intended: Tree, running: Tree, remembered: RememberedSecrets = {}, extra: Partial<SecretsToAlign> = {}) {
  const aligned = alignSecrets({ intended, running, patterns, isOpaque, remembered, fingerprint, ...extra });
  return { ...aligned, changes: computeChanges(aligned.intended, aligned.running) };
}

const user = (password: string): Tree => ({ aaa: { ana: { password, role: 'admin' } } });
const community = (...names: readonly string[]): Tree => ({
  system: { snmp: { community: Object.fromEntries(names.map((name) => [name, { access: { any: {} } }])) } },
});
const place = ['aaa', 'ana', 'password'];

describe('alignSecrets(), secrets in values', () => {
  it('shows a changed secret as a change of fingerprints', () => {
    const { changes } = align(user('new-one'), user('old-one'));

    expect(changes).toEqual([{ kind: 'set', path: place, to: fingerprint('new-one'), from: fingerprint('old-one') }]);
  });

  it.each([
    { what: 'SHA-512', salt: '$6$saltsalt' },
    { what: 'SHA-256', salt: '$5$othersalt' },
    { what: 'SHA-512 with rounds', salt: '$6$rounds=1000$abc' },
  ])('finds no change where the switch shows a $what hash of the secret', ({ salt }) => {
    const { changes, unknown, rehashed } = align(user('cumulus-1'), user(encrypt('cumulus-1', salt)));

    expect({ changes, unknown, rehashed }).toEqual({ changes: [], unknown: [], rehashed: [place] });
  });

  it('shows a change where the hash is of another secret', () => {
    const { changes, unknown } = align(user('cumulus-1'), user(encrypt('cumulus-2', '$6$saltsalt')));

    expect(changes.map(({ path }) => path)).toEqual([place]);
    expect(unknown).toEqual([]);
  });

  it('does not spend minutes on a hash whose rounds the switch made up', () => {
    const { unknown, changes } = align(user('cumulus-1'), user(`$6$rounds=999999999$salt$${'a'.repeat(86)}`));

    expect(unknown).toEqual([place]);
    expect(changes).toHaveLength(1);
  });

  it('takes a malformed hash for another secret', () => {
    expect(align(user('cumulus-1'), user(`$6$salt$${'a'.repeat(50)}`)).changes).toHaveLength(1);
  });

  it.each(['$nvsec$abc', '*'])('sets again, and lists as unknown, what the switch shows as %s', (shown) => {
    const { changes, unknown } = align(user('cumulus-1'), user(shown));

    expect(unknown).toEqual([place]);
    expect(changes).toEqual([{ kind: 'set', path: place, to: fingerprint('cumulus-1'), from: fingerprint(shown) }]);
  });

  it('knows an encrypted secret again that it remembers having set', () => {
    const remembered = rememberSecrets({
      intended: user('cumulus-1'),
      running: user('$nvsec$abc'),
      patterns,
      fingerprint,
    });

    expect(align(user('cumulus-1'), user('$nvsec$abc'), remembered)).toMatchObject({
      changes: [],
      unknown: [],
      rehashed: [place],
    });
  });

  it('shows old and new where the fleet changes a remembered secret', () => {
    const remembered = rememberSecrets({
      intended: user('cumulus-1'),
      running: user('$nvsec$abc'),
      patterns,
      fingerprint,
    });
    const { changes, unknown } = align(user('cumulus-2'), user('$nvsec$abc'), remembered);

    expect(changes).toEqual([
      { kind: 'set', path: place, to: fingerprint('cumulus-2'), from: fingerprint('cumulus-1') },
    ]);
    expect(unknown).toEqual([]);
  });

  it('does not trust its memory once the switch shows another text', () => {
    const remembered = rememberSecrets({
      intended: user('cumulus-1'),
      running: user('$nvsec$abc'),
      patterns,
      fingerprint,
    });

    expect(align(user('cumulus-1'), user('$nvsec$moved'), remembered)).toMatchObject({ unknown: [place] });
  });

  it('masks encrypted text in places no pattern names', () => {
    const { intended, running } = align(
      { odd: { place: 'plain' } },
      { odd: { place: '$nvsec$abc' }, other: ['$nvsec$def'] },
    );

    expect(intended).toEqual({ odd: { place: fingerprint('plain') } });
    expect(running).toEqual({ odd: { place: fingerprint('$nvsec$abc') }, other: [fingerprint('$nvsec$def')] });
  });
});

describe('alignSecrets(), secrets in keys', () => {
  const below = (name: string) => ['system', 'snmp', 'community', fingerprint(name)];

  it('finds no change where both have the key', () => {
    expect(align(community('public-1'), community('public-1')).changes).toEqual([]);
  });

  it('lists both sides as unknown where an encrypted key might be the intended one', () => {
    const { unknown, changes } = align(community('public-1'), community('$nvsec$aa'));

    expect(unknown).toEqual(expect.arrayContaining([below('public-1'), below('$nvsec$aa')]));
    expect(changes.map(({ kind }) => kind).sort()).toEqual(['set', 'unset']);
  });

  it('is certain of an extra encrypted key where nothing intended is missing', () => {
    const { unknown, changes } = align(community('public-1'), community('public-1', '$nvsec$aa'));

    expect(unknown).toEqual([]);
    expect(changes.map(({ kind }) => kind)).toEqual(['unset']);
  });

  it('knows encrypted keys again that it remembers having set', () => {
    const [intended, running] = [community('public-1', 'public-2'), community('$nvsec$aa', '$nvsec$bb')];
    const remembered = rememberSecrets({ intended, running, patterns, fingerprint });

    expect(align(intended, running, remembered)).toMatchObject({ changes: [], unknown: [] });
  });

  it('says which remembered key goes when the fleet drops it', () => {
    const [intended, running] = [community('public-1', 'public-2'), community('$nvsec$aa', '$nvsec$bb')];
    const remembered = rememberSecrets({ intended, running, patterns, fingerprint });
    const { changes, unknown } = align(community('public-1'), running, remembered);

    expect(changes).toEqual([{ kind: 'unset', path: [...below('public-2'), 'access', 'any'], from: {} }]);
    expect(unknown).toEqual([]);
  });
});

it('alignSecrets() and rememberSecrets() let no secret through', () => {
  const canaries = ['canary-value-1', 'canary-key-22', '$nvsec$canary33', '$nvsec$canary44', '$6$canary$hash'];
  const intended = { ...user('canary-value-1'), ...community('canary-key-22'), hash: '$6$canary$hash' };
  const running = {
    ...user('$nvsec$canary33'),
    ...community('$nvsec$canary44'),
    list: [{ deep: '$nvsec$canary33' }] as never,
  };
  const text = JSON.stringify([
    align(intended, running),
    rememberSecrets({ intended, running, patterns, fingerprint }),
  ]);

  expect(canaries.filter((canary) => text.includes(canary))).toEqual([]);
});
