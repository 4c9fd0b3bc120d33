import { describe, expect, it } from 'vitest';
import { createFingerprint, isFingerprint } from '../../plans/fingerprint.ts';
import { maskChanges, maskTree } from '../../plans/mask-tree.ts';
import { set, unset } from './build.ts';

const fingerprint = createFingerprint('key of this test');

describe('maskTree()', () => {
  it.each([
    { what: 'one element for a star', path: ['a', '*', 'secret'], masked: true },
    { what: 'any number for two stars', path: ['**', 'secret'], masked: true },
    { what: 'none for two stars', path: ['a', '**', 'b', 'secret'], masked: true },
    { what: 'several patterns of two stars', path: ['**', '**', 'b', '**'], masked: true },
    { what: 'only whole paths', path: ['a', 'secret'], masked: false },
    { what: 'only from the root', path: ['b', 'secret'], masked: false },
  ])('takes $what', ({ path, masked }) => {
    const tree = maskTree({ a: { b: { secret: 'hush' } } }, [{ path, at: 'value' }], fingerprint);

    expect(tree).toEqual({ a: { b: { secret: masked ? fingerprint('hush') : 'hush' } } });
  });

  it('masks every leaf below a place that holds a secret', () => {
    const tree = maskTree(
      { key: { pem: 'hush', bits: 2048, on: true, none: {} } },
      [{ path: ['key'], at: 'value' }],
      fingerprint,
    );

    expect(tree).toEqual({ key: { pem: fingerprint('hush'), bits: fingerprint('2048'), on: true, none: {} } });
  });

  it('masks crypt hashes and encrypted text wherever they stand, in keys and in lists too', () => {
    const tree = maskTree({ $6$salt$hash: ['$nvsec$a', 'plain'] }, [], fingerprint);

    expect(tree).toEqual({ [fingerprint('$6$salt$hash')]: [fingerprint('$nvsec$a'), 'plain'] });
  });
});

it('maskChanges() masks values, what they were, and keys on the way', () => {
  const patterns = [
    { path: ['snmp', '*'], at: 'key' },
    { path: ['user', '*', 'password'], at: 'value' },
  ] as const;
  const changes = [
    set('user ana password', 'new', 'old'),
    set('snmp public access', 'any'),
    unset('snmp private access', 'any'),
  ];

  expect(maskChanges(changes, patterns, fingerprint)).toEqual([
    { kind: 'set', path: ['user', 'ana', 'password'], to: fingerprint('new'), from: fingerprint('old') },
    { kind: 'set', path: ['snmp', fingerprint('public'), 'access'], to: 'any' },
    { kind: 'unset', path: ['snmp', fingerprint('private'), 'access'], from: 'any' },
  ]);
});

describe('createFingerprint()', () => {
  it('gives equal text for equal values, and another for another key', () => {
    expect(fingerprint('hush')).toBe(createFingerprint('key of this test')('hush'));
    expect(fingerprint('hush')).not.toBe(createFingerprint('another key')('hush'));
  });

  it('gives a text that is told from any other by its form', () => {
    expect(fingerprint('hush')).toMatch(/^«secret:[0-9a-f]{16}»$/);
    expect([fingerprint('hush'), ` ${fingerprint('hush')}`, '«secret:xyz»', 5].map(isFingerprint)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
