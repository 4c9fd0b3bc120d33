import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseTree } from '../../../drivers/nvue/normalise.ts';
import type { Tree } from '../../../schemas/json.ts';

describe('normaliseTree()', () => {
  it.each<{ readonly case: string; readonly written: Tree; readonly expected: Tree }>([
    {
      case: 'drops the header a switch adds',
      written: { header: { model: 'VX', 'rev-id': '1.0' }, system: { hostname: 'leaf01' } },
      expected: { system: { hostname: 'leaf01' } },
    },
    {
      case: 'expands ranges and writes out the types names imply',
      written: {
        interface: { 'swp1-2': { link: { mtu: 9216 } }, eth0: {}, lo: {}, bond1: {}, vlan10: {}, peerlink: {} },
      },
      expected: {
        interface: {
          swp1: { type: 'swp', link: { mtu: 9216 } },
          swp2: { type: 'swp', link: { mtu: 9216 } },
          eth0: { type: 'eth' },
          lo: { type: 'loopback' },
          bond1: { type: 'bond' },
          vlan10: { type: 'svi' },
          peerlink: {},
        },
      },
    },
    {
      case: 'keeps a type somebody wrote',
      written: { interface: { vlan10: { type: 'sub' } } },
      expected: { interface: { vlan10: { type: 'sub' } } },
    },
    {
      case: 'takes the word of another release for its own',
      written: { router: { bgp: { enable: 'enabled' } }, system: { api: { state: 'on' } } },
      expected: { router: { bgp: { enable: 'on' } }, system: { api: { state: 'enabled' } } },
    },
    {
      case: 'leaves a state alone that is a map or another word',
      written: { interface: { peerlink: { link: { state: { up: {} } } } }, mlag: { state: 'up' } },
      expected: { interface: { peerlink: { link: { state: { up: {} } } } }, mlag: { state: 'up' } },
    },
  ])('$case', ({ written, expected }) => {
    expect(normaliseTree(written)).toEqual(expected);
  });

  it('does nothing to what it has made', () => {
    const name = fc.constantFrom('swp1-3', 'swp2', 'lo', 'eth0', 'bond1-2', 'vlan10', 'peerlink');
    const port = fc.record(
      { enable: fc.constantFrom('on', 'enabled', 'off', 'disabled'), type: fc.constantFrom('swp', 'bond', 'svi') },
      { requiredKeys: [], noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.dictionary(name, port, { noNullPrototype: true }), (ports) => {
        const once = normaliseTree({ interface: ports } as Tree);

        expect(normaliseTree(once)).toEqual(once);
      }),
    );
  });
});
