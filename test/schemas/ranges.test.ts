import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandedSize, expandKey, expandRanges, malformedRanges } from '../../schemas/ranges.ts';

describe('expandKey()', () => {
  it.each([
    { above: 'interface', key: 'swp1-4', keys: 'swp1 swp2 swp3 swp4' },
    { above: 'interface', key: 'bond1-3', keys: 'bond1 bond2 bond3' },
    { above: 'interface', key: 'swp2,6', keys: 'swp2 swp6' },
    { above: 'interface', key: 'swp1s0-3', keys: 'swp1s0 swp1s1 swp1s2 swp1s3' },
    { above: 'interface', key: 'swp1-2,bond1-2', keys: 'swp1 swp2 bond1 bond2' },
    { above: 'interface', key: 'eth0,lo,swp1-2', keys: 'eth0 lo swp1 swp2' },
    { above: 'interface', key: 'lo,eth0', keys: 'lo eth0' },
    { above: 'interface', key: 'leaf1-3', keys: 'leaf1 leaf2 leaf3' },
    { above: 'interface', key: 'swp1.10-12', keys: 'swp1.10 swp1.11 swp1.12' },
    { above: 'interface', key: 'sw1p1-2', keys: 'sw1p1 sw1p2' },
    { above: 'neighbor', key: 'swp51-52', keys: 'swp51 swp52' },
    { above: 'vlan', key: '10,20,30', keys: '10 20 30' },
    { above: 'vlan', key: '100-103,200', keys: '100 101 102 103 200' },
    { above: 'switch-priority', key: '0-2', keys: '0 1 2' },
    { above: 'rule', key: '10,20', keys: '10 20' },
  ])('reads $key below $above as a range', ({ above, key, keys }) => {
    expect(expandKey([above], key)).toEqual({ kind: 'range', keys: keys.split(' ') });
  });

  it.each([
    { above: 'interface', key: 'leaf-1' },
    { above: 'interface', key: 'br_default' },
    { above: 'interface', key: 'peerlink.4094' },
    { above: 'address', key: '1.1.1.1' },
    { above: 'address', key: '10.0.0.0-10' },
    { above: 'address', key: '2001:db8::1-2' },
    { above: 'address', key: '10.1.1.1/32' },
    { above: 'acl', key: 'acl1-2' },
    { above: 'acl', key: '10-20' },
    { above: 'prefix-list', key: 'swp1-4' },
    { above: 'peer-group', key: 'spines1-2' },
    { above: 'vrf', key: 'vlan10-20' },
    { above: 'user', key: 'eth0-1' },
    { above: 'system', key: 'leaf1-3' },
    { above: 'dates', key: '2026-11-20' },
    { above: 'x', key: 'sha256-1' },
    { above: 'community', key: '65000:1,65000:2' },
  ])('reads $key below $above as a name', ({ above, key }) => {
    expect(expandKey([above], key)).toEqual({ kind: 'name' });
  });

  it.each(['swp4-1', 'swp1-', 'swp1,,3', 'swp01-04', 'swp1-99999', 'swp1-4,'])(
    'says that %s looks like a range and is none',
    (key) => {
      expect(expandKey(['interface'], key).kind).toBe('malformed');
    },
  );
});

describe('expandRanges()', () => {
  it('writes out ranges at every depth', () => {
    const tree = { interface: { 'swp1-2': { bridge: { domain: { br_default: { vlan: { '10,20': {} } } } } } } };

    const vlans = { bridge: { domain: { br_default: { vlan: { '10': {}, '20': {} } } } } };
    expect(expandRanges(tree)).toEqual({ interface: { swp1: vlans, swp2: vlans } });
  });

  it.each([
    { case: 'after', tree: { interface: { 'swp1-3': { mtu: 9216, state: 'up' }, swp2: { mtu: 1500 } } } },
    { case: 'before', tree: { interface: { swp2: { mtu: 1500 }, 'swp1-3': { mtu: 9216, state: 'up' } } } },
  ])('lets a single key that stands $case a range override its part of it', ({ tree }) => {
    expect(expandRanges(tree)).toEqual({
      interface: {
        swp1: { mtu: 9216, state: 'up' },
        swp2: { mtu: 1500, state: 'up' },
        swp3: { mtu: 9216, state: 'up' },
      },
    });
  });

  it('lets the later of two ranges win where they overlap', () => {
    expect(expandRanges({ interface: { 'swp1-2': { mtu: 1 }, 'swp2-3': { mtu: 2 } } })).toEqual({
      interface: { swp1: { mtu: 1 }, swp2: { mtu: 2 }, swp3: { mtu: 2 } },
    });
  });

  it('keeps nulls, which remove', () => {
    expect(expandRanges({ interface: { 'swp1-2': null } })).toEqual({ interface: { swp1: null, swp2: null } });
  });

  it('gives back a tree without ranges as it is, and so is idempotent', () => {
    const keys = fc.constantFrom(
      'swp1',
      'swp1-3',
      '10,20',
      '10-12',
      'interface',
      'vlan',
      'acl',
      'swp2,4',
      'bond1',
      'swp4-1',
    );
    const { tree } = fc.letrec<{ tree: Record<string, never> }>((tie) => ({
      tree: fc.dictionary(keys, fc.oneof({ maxDepth: 4 }, fc.integer(), tie('tree')), {
        noNullPrototype: true,
      }) as never,
    }));

    fc.assert(
      fc.property(tree, (some) => {
        const once = expandRanges(some);
        expect(expandRanges(once)).toBe(once);
      }),
    );
  });
});

describe('expandedSize()', () => {
  it('counts what ranges stand for without writing them out', () => {
    expect(expandedSize({ interface: { 'swp1-4': { vlan: { '1-4094': {} } } } })).toBe(1 + 4 * (1 + 1 + 4094));
  });
});

describe('malformedRanges()', () => {
  it('finds them wherever they stand', () => {
    const found = malformedRanges({ interface: { 'swp9-1': {}, swp1: { vlan: { '20-10': {} } } } });

    expect(found.map(({ path }) => path.join('/'))).toEqual(['interface/swp9-1', 'interface/swp1/vlan/20-10']);
  });
});
