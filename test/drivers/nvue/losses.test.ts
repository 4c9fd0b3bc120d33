import { describe, expect, it } from 'vitest';
import { expectedLosses } from '../../../drivers/nvue/losses.ts';
import type { Change } from '../../../schemas/change.ts';

const intended = {
  interface: { swp1: { link: { state: { down: {} } } }, swp2: { ip: { address: {} } } },
  vrf: { default: { router: { bgp: { neighbor: { swp51: { type: 'unnumbered' } } } } } },
};
const unset = (...path: string[]): Change => ({ kind: 'unset', path, from: 'x' });

describe('expectedLosses()', () => {
  it('expects of an interface that is taken away that it is gone, with what was seen through it', () => {
    expect(expectedLosses([unset('interface', 'vlan20', 'type')], intended)).toEqual([
      'interface vlan20',
      'lldp vlan20',
    ]);
  });

  it('expects of an interface that is shut down that it is down', () => {
    const shut: Change = { kind: 'set', path: ['interface', 'swp1', 'link', 'state', 'down'], to: {} };

    expect(expectedLosses([shut], intended)).toEqual(['interface swp1', 'lldp swp1']);
  });

  it('expects nothing of an interface that stays, whatever is taken off it', () => {
    expect(expectedLosses([unset('interface', 'swp2', 'link', 'mtu')], intended)).toEqual([]);
  });

  it('expects of a BGP neighbour that is taken away that it is gone, in its VRF', () => {
    const gone = (vrf: string, name: string) => unset('vrf', vrf, 'router', 'bgp', 'neighbor', name, 'type');

    expect(expectedLosses([gone('default', 'swp52'), gone('RED', '10.0.0.1')], intended)).toEqual([
      'bgp swp52',
      'bgp RED 10.0.0.1',
    ]);
    expect(expectedLosses([gone('default', 'swp51')], intended)).toEqual([]);
  });
});
