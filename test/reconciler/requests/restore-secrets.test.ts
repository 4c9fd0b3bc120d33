import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IntendedConfiguration } from '../../../desired-state/fleet.ts';
import { secretPlaces } from '../../../desired-state/secret-references.ts';
import { createFingerprint, maskTree } from '../../../plans/secrets.ts';
import { restoreSecrets } from '../../../reconciler/requests/restore-secrets.ts';
import type { Tree } from '../../../schemas/json.ts';
import { resolveSecrets } from '../../../workflows/resolve-secrets.ts';

const fingerprint = createFingerprint('a key');
const patterns = [
  { path: ['**', 'password'], at: 'value' },
  { path: ['**', 'community', '*'], at: 'key' },
] as const;

const values = new Map([
  ['bgp', 'Mortise-7f3a'],
  ['snmp', 'gauge-glass'],
  ['snmp-old', 'steam-dome'],
]);
const fingerprints = new Map([...values].map(([name, value]) => [name, fingerprint(value)]));

function meant(tree: Tree): IntendedConfiguration {
  return { device: 'leaf01', tree, secrets: secretPlaces(tree), originOf: () => undefined };
}

/** The backup of a switch that runs this. */
const backupOf = (running: Tree): Tree => maskTree(running, patterns, fingerprint);

describe('a backup whose secrets are fingerprints', () => {
  it('gets the reference back that stands at the same place today', () => {
    const today = meant({ bgp: { password: 'secret:bgp' }, snmp: { community: { 'secret:snmp': { access: 'any' } } } });
    const backup = backupOf({
      bgp: { password: 'Mortise-7f3a' },
      snmp: { community: { 'gauge-glass': { access: 'local' } } },
    });

    const restored = restoreSecrets(backup, { today, fingerprints, remembered: {} });

    expect(restored).toEqual({
      tree: { bgp: { password: 'secret:bgp' }, snmp: { community: { 'secret:snmp': { access: 'local' } } } },
      secrets: [
        { path: ['bgp', 'password'], at: 'value', secret: 'bgp' },
        { path: ['snmp', 'community', 'secret:snmp'], at: 'key', secret: 'snmp' },
      ],
      others: 0,
      unknown: [],
    });
  });

  it('gets today’s secret where it held another one, and says how many these are', () => {
    const today = meant({ bgp: { password: 'secret:bgp' }, snmp: { community: { 'secret:snmp': {} } } });
    const backup = backupOf({ bgp: { password: 'an older one' }, snmp: { community: { 'another older': {} } } });

    const restored = restoreSecrets(backup, { today, fingerprints, remembered: {} });

    expect(restored.tree).toEqual(today.tree);
    expect(restored).toMatchObject({ others: 2, unknown: [] });
  });

  it('knows a secret again that stands elsewhere today', () => {
    const today = meant({ bgp: { swp1: { password: 'secret:bgp' } } });
    const backup = backupOf({
      bgp: { swp1: { password: 'Mortise-7f3a' }, swp2: { password: 'Mortise-7f3a' } },
    });

    const restored = restoreSecrets(backup, { today, fingerprints, remembered: {} });

    expect(restored.tree).toEqual({ bgp: { swp1: { password: 'secret:bgp' }, swp2: { password: 'secret:bgp' } } });
    expect(restored).toMatchObject({ others: 0, unknown: [] });
  });

  it('keeps several keys of one map apart by what they are', () => {
    const today = meant({ community: { 'secret:snmp': { access: 'any' }, 'secret:snmp-old': { access: 'any' } } });
    const backup = backupOf({ community: { 'steam-dome': { access: 'old' }, 'gauge-glass': { access: 'new' } } });

    const restored = restoreSecrets(backup, { today, fingerprints, remembered: {} });

    expect(restored.tree).toEqual({
      community: { 'secret:snmp-old': { access: 'old' }, 'secret:snmp': { access: 'new' } },
    });
  });

  it('does not guess which of several keys is which', () => {
    const today = meant({ community: { 'secret:snmp': {}, 'secret:snmp-old': {} } });
    const backup = backupOf({ community: { 'nobody knows': {}, 'nor this': {} } });

    const { unknown } = restoreSecrets(backup, { today, fingerprints, remembered: {} });

    expect(unknown).toEqual([
      ['community', fingerprint('nobody knows')],
      ['community', fingerprint('nor this')],
    ]);
  });

  it('names the places of secrets that only the switch had', () => {
    const backup = backupOf({ tacacs: { password: 'made up on the switch' } });

    const { unknown } = restoreSecrets(backup, { today: meant({}), fingerprints, remembered: {} });

    expect(unknown).toEqual([['tacacs', 'password']]);
  });

  it.each([
    ['a text', { banner: 'call «redacted» for help' }],
    ['a list', { list: ['a', fingerprint('in a list')] }],
    ['a map in a list', { list: [{ inner: 'x «secret:0123456789abcdef» y' }] }],
    ['a key', { 'a «redacted» key': {} }],
  ])('takes no secret for known that is a part of %s', (_of, backup) => {
    const { unknown } = restoreSecrets(backup, { today: meant({}), fingerprints, remembered: {} });

    expect(unknown).toHaveLength(1);
  });

  it('knows a secret that the switch shows as another text by what was remembered of it', () => {
    const today = meant({ bgp: { password: 'secret:bgp' }, community: { 'secret:snmp': {} } });
    const backup = backupOf({ bgp: { password: '$nvsec$abc' }, community: { $nvsec$def: {} } });
    const [bgp, snmp] = [fingerprint('Mortise-7f3a'), fingerprint('gauge-glass')];
    const remembered = {
      '/bgp/password': { set: bgp, shown: fingerprint('$nvsec$abc') },
      [`/community/${snmp}#`]: { set: snmp, shown: fingerprint('$nvsec$def') },
    };

    expect(restoreSecrets(backup, { today, fingerprints, remembered })).toMatchObject({ others: 0, unknown: [] });
    expect(restoreSecrets(backup, { today, fingerprints, remembered: {} })).toMatchObject({ others: 2, unknown: [] });
  });

  it('takes a text of the switch that looks like a reference for the text it is', async () => {
    const today = meant({ bgp: { password: 'secret:bgp' } });
    const backup = backupOf({ bgp: { password: 'Mortise-7f3a' }, banner: 'secret:bgp' });

    const { tree, secrets } = restoreSecrets(backup, { today, fingerprints, remembered: {} });
    const store = { read: async (name: string) => values.get(name) ?? '' };

    expect(await resolveSecrets({ ...meant(tree), secrets }, store)).toEqual({
      bgp: { password: 'Mortise-7f3a' },
      banner: 'secret:bgp',
    });
  });

  it('is, with today’s secrets put in, what ran: for any configuration that has no other', async () => {
    const names = fc.constantFrom(...values.keys());
    const plain = fc.constantFrom<string | number | boolean>('on', 'leaf', 9216, true, '');
    const { node } = fc.letrec<{ node: Tree }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.dictionary(fc.constantFrom('a', 'b', 'swp1', 'interface'), plain, { maxKeys: 3 }),
        fc.record({ password: names.map((name) => `secret:${name}`), mtu: plain }),
        fc.record({
          community: fc
            .uniqueArray(names, { minLength: 1 })
            .chain((some) => fc.record(Object.fromEntries(some.map((name) => [`secret:${name}`, tie('node')])))),
        }),
        fc.dictionary(fc.constantFrom('vrf', 'router', 'bgp'), tie('node'), { maxKeys: 3 }),
      ),
    }));
    const store = { read: async (name: string) => values.get(name) ?? '' };

    await fc.assert(
      fc.asyncProperty(node, async (tree) => {
        const today = meant(tree);
        const running = await resolveSecrets(today, store);

        const restored = restoreSecrets(backupOf(running), { today, fingerprints, remembered: {} });
        const again = await resolveSecrets({ ...meant(restored.tree), secrets: restored.secrets }, store);

        expect(restored).toMatchObject({ others: 0, unknown: [] });
        expect(again).toEqual(running);
      }),
    );
  });
});
