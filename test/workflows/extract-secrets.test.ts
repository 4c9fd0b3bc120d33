import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { driverFor } from '../../drivers/registry.ts';
import type { Tree } from '../../schemas/json.ts';
import { type ExtractedSecrets, extractSecrets, type ReadConfiguration } from '../../workflows/extract-secrets.ts';
import type { KnownSecrets } from '../../workflows/name-secrets.ts';

const { secretPatterns, isOpaqueSecret: isOpaque } = driverFor('cumulus');
const nothing: KnownSecrets = { byValue: new Map(), names: new Set() };
const read = (device: string, tree: Tree, site = 'ams1'): ReadConfiguration => ({
  ...{ device, site, tree },
  ...{ secretPatterns, isOpaque },
});
const user = (name: string, password: string): Tree => ({ aaa: { user: { [name]: { 'hashed-password': password } } } });

function extracted(configurations: readonly ReadConfiguration[], known = nothing): ExtractedSecrets {
  const result = extractSecrets(configurations, known);
  if (result.kind === 'unwritable') throw new Error(JSON.stringify(result.places));
  return result;
}

describe('extractSecrets()', () => {
  it('makes one secret of a value that several switches have, named for where it stands', () => {
    const { trees, values } = extracted([
      read('leaf01', user('cumulus', '$6$salt$same')),
      read('leaf02', user('cumulus', '$6$salt$same')),
    ]);

    expect(values).toEqual(new Map([['ams1/cumulus-hashed-password', '$6$salt$same']]));
    expect(trees.get('leaf02')).toEqual(user('cumulus', 'secret:ams1/cumulus-hashed-password'));
  });

  it('puts what several sites have where it belongs to none of them', () => {
    const { values } = extracted([read('a', user('noc', '$6$s$x'), 'ams1'), read('b', user('noc', '$6$s$x'), 'fra1')]);

    expect([...values.keys()]).toEqual(['fleet/noc-hashed-password']);
  });

  it('gives each switch its own where they differ', () => {
    const { values } = extracted([read('leaf01', user('noc', '$6$s$one')), read('leaf02', user('noc', '$6$s$two'))]);

    expect(values).toEqual(
      new Map([
        ['ams1/leaf01-noc-hashed-password', '$6$s$one'],
        ['ams1/leaf02-noc-hashed-password', '$6$s$two'],
      ]),
    );
  });

  it('keeps two purposes apart that happen to have one value', () => {
    const { values } = extracted([read('leaf01', { bgp: { password: 'same' }, radius: { secret: 'same' } })]);

    expect([...values.keys()]).toEqual(['ams1/bgp-password', 'ams1/radius-secret']);
  });

  it('takes keys that are secrets for secrets, and never names anything after them', () => {
    const { trees, values } = extracted([
      read('leaf01', { 'readonly-community': { 'hush-hush': { access: { any: {} }, password: 'pw1' } } }),
    ]);

    expect(trees.get('leaf01')).toEqual({
      'readonly-community': {
        'secret:ams1/readonly-community': { access: { any: {} }, password: 'secret:ams1/readonly-community-password' },
      },
    });
    expect([...values.keys()].join()).not.toContain('hush');
  });

  it('uses the name a fleet has for a value already', () => {
    const known = { byValue: new Map([['$6$s$x', 'ams1/noc']]), names: new Set(['ams1/noc']) };

    const { trees, values } = extracted([read('leaf05', user('noc', '$6$s$x'))], known);

    expect(trees.get('leaf05')).toEqual(user('noc', 'secret:ams1/noc'));
    expect(values.size).toBe(0);
  });

  it('takes no name the fleet has for something else, also not one that is the same environment variable', () => {
    const known = { byValue: new Map(), names: new Set(['ams1/noc_hashed_password']) };

    const { values } = extracted([read('leaf05', user('noc', '$6$s$x'))], known);

    expect([...values.keys()]).toEqual(['ams1/noc-hashed-password-2']);
  });

  it('says which secrets only that switch understands, and keeps them as they are', () => {
    const { values, encrypted } = extracted([read('leaf01', { bgp: { password: '$nvsec$abc' } })]);

    expect(values).toEqual(new Map([['ams1/bgp-password', '$nvsec$abc']]));
    expect(encrypted).toEqual([{ name: 'ams1/bgp-password', device: 'leaf01', path: ['bgp', 'password'] }]);
  });

  it('never takes a star for a secret, and never two stars for the same', () => {
    const { trees, values, hidden } = extracted([read('leaf01', user('noc', '*')), read('leaf02', user('noc', '*'))]);

    expect(values.size).toBe(0);
    expect(hidden.map(({ name, device }) => [name, device])).toEqual([
      ['ams1/leaf01-noc-hashed-password', 'leaf01'],
      ['ams1/leaf02-noc-hashed-password', 'leaf02'],
    ]);
    expect(trees.get('leaf01')).toEqual(user('noc', 'secret:ams1/leaf01-noc-hashed-password'));
  });

  it.each<{ what: string; tree: Tree; path: readonly string[] }>([
    { what: 'a hash in a list', tree: { lines: ['$6$s$x'] }, path: ['lines'] },
    { what: 'a null', tree: { a: { b: null } }, path: ['a', 'b'] },
    { what: 'an empty password', tree: { bgp: { password: '' } }, path: ['bgp', 'password'] },
  ])('refuses $what, and says where it stands', ({ tree, path }) => {
    expect(extractSecrets([read('leaf01', tree)], nothing)).toMatchObject({
      kind: 'unwritable',
      places: [{ device: 'leaf01', path }],
    });
  });

  it('leaves no secret in any tree, and gives every one of them back by its name', () => {
    const anyValue = fc.constantFrom('s3cret-one', 's3cret-two', '$6$salt$s3cret', '$nvsec$s3cret', 'secret:s3cret');
    const anyTree = fc.record({
      user: fc.dictionary(fc.constantFrom('noc', 'ops', 'NOC', 'n_o_c'), fc.record({ password: anyValue })),
      'readonly-community': fc.dictionary(anyValue, fc.constant({ access: 'any' })),
      banner: fc.constantFrom('hello', 'secret:s3cret', '$6$salt$s3cret'),
    }) as fc.Arbitrary<Tree>;

    fc.assert(
      fc.property(fc.array(anyTree, { minLength: 1, maxLength: 4 }), (trees) => {
        const all = trees.map((tree, index) => read(`leaf${index}`, tree, index % 2 ? 'ams1' : 'fra1'));
        const { trees: clean, values } = extracted(all);
        const text = JSON.stringify([...clean.values()]);
        expect(text).not.toContain('s3cret');
        const variables = [...values.keys()].map((name) => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_'));
        expect(new Set(variables).size).toBe(variables.length);
        const restored = JSON.parse(text, (_, value: unknown) => {
          if (typeof value === 'string') return restore(values, value);
          if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
          return Object.fromEntries(Object.entries(value).map(([key, member]) => [restore(values, key), member]));
        });
        expect(restored).toEqual(trees);
      }),
    );
  });
});

function restore(values: ReadonlyMap<string, string>, text: string): string {
  return text.startsWith('secret:') ? (values.get(text.slice('secret:'.length)) ?? text) : text;
}
