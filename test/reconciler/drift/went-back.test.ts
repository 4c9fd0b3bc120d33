import { describe, expect, it } from 'vitest';
import { createFingerprint } from '../../../plans/secrets.ts';
import { computeChangesSince } from '../../../reconciler/drift/went-back.ts';
import type { Tree } from '../../../schemas/json.ts';

const fingerprint = createFingerprint('a key for tests');
const since = (tree: Tree | undefined, running: Tree) =>
  computeChangesSince({ to: 'commit 0123456789ab', run: 'rollback', ...(tree ? { tree } : {}) }, running, fingerprint);

describe('computeChangesSince()', () => {
  it('is what would make a switch run again what it was taken back to', () => {
    expect(since({ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3, d: 4 } })).toEqual([
      { kind: 'set', path: ['a', 'c'], to: 2, from: 3 },
      { kind: 'unset', path: ['a', 'd'], from: 4 },
    ]);
  });

  it.each([
    ['then and is none now', { a: { key: fingerprint('hidden') } }, { a: { key: 'hidden' } }],
    ['now and was none then', { a: { key: 'hidden' } }, { a: { key: fingerprint('hidden') } }],
  ] as const)('takes no text for another because it was a secret %s', (_when, then, now) => {
    expect(since(then, now)).toEqual([]);
    expect(since({ a: { key: fingerprint('other') } }, now)).toHaveLength(1);
  });

  it('is nothing where the ledger does not have it any more', () => {
    expect(since(undefined, { a: 1 })).toEqual([]);
  });
});
