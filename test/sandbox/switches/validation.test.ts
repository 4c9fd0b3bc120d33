import { describe, expect, it } from 'vitest';
import { findContradiction } from '../../../sandbox/switches/semantics.ts';
import { refusalsOf } from '../../../sandbox/switches/validation.ts';
import type { Tree } from '../../../schemas/json.ts';
import { draft, leafConfiguration, startLeaf } from './fixture.ts';

describe('editing', () => {
  it.each<readonly [string, Tree, string, string]>([
    ['an unknown property', { foo: 1 }, '/', "Unevaluated properties are not allowed ('foo' was unexpected)"],
    [
      'an unknown property below a known one',
      { system: { hostnam: 'x' } },
      '/system',
      "Unevaluated properties are not allowed ('hostnam' was unexpected)",
    ],
    ['a value where a map is', { interface: 'swp1' }, '/interface', "'swp1' is not of type 'object'"],
    [
      'an address without a length',
      { interface: { lo: { ip: { address: { '10.0.0.1': {} } } } } },
      '/interface/lo/ip/address/10.0.0.1',
      'Not an IPv4 prefix',
    ],
    [
      'an address that is none',
      { interface: { lo: { ip: { address: { '10.0.0.256/32': {} } } } } },
      '/interface/lo/ip/address/10.0.0.256~132',
      'Not an IPv4 prefix',
    ],
    [
      'an IPv6 address that is none',
      { interface: { lo: { ip: { address: { 'fe80::1/129': {} } } } } },
      '/interface/lo/ip/address/fe80::1~1129',
      'Not an IPv6 prefix',
    ],
    ['a router id', { router: { bgp: { 'router-id': '10.0.0' } } }, '/router/bgp/router-id', 'Not an IPv4 address'],
    [
      'text for a number',
      { interface: { swp1: { link: { mtu: '9216' } } } },
      '/interface/swp1/link/mtu',
      "'9216' is not of type 'integer'",
    ],
    [
      'a number that is too large',
      { interface: { swp1: { link: { mtu: 9217 } } } },
      '/interface/swp1/link/mtu',
      '9217 is greater than the maximum of 9216',
    ],
    ['a boolean for on', { evpn: { enable: true } }, '/evpn/enable', "True is not one of ['on', 'off']"],
    [
      'a VLAN there cannot be',
      { bridge: { domain: { br_default: { vlan: { '4095': {} } } } } },
      '/bridge/domain/br_default/vlan/4095',
      "'4095' is not an integer between 1 and 4094",
    ],
  ])('refuses %s, and says where', (_words, tree, instanceLocation, error) => {
    expect(refusalsOf(tree)).toEqual([{ error, instanceLocation }]);
  });

  it('refuses everything at once, in the order of the body', () => {
    const refusals = refusalsOf({ foo: {}, interface: { swp1: { link: { mtu: 1 } } }, bar: {} });

    expect(refusals.map(({ instanceLocation }) => instanceLocation)).toEqual(['/', '/', '/interface/swp1/link/mtu']);
  });

  it('finds nothing wrong with a leaf, with what removes, and with what it does not know below the second level', () => {
    expect(refusalsOf(leafConfiguration)).toEqual([]);
    expect(refusalsOf({ interface: null, system: { hostname: null }, qos: { roce: { anything: [1] } } })).toEqual([]);
    expect(
      refusalsOf({ vrf: { default: { router: { bgp: { neighbor: { swp1: { 'remote-as': 'external' } } } } } } }),
    ).toEqual([]);
  });

  it('over the wire refuses with 400, changes nothing, and points into the body', async () => {
    const { cumulus } = await startLeaf();
    const id = await draft(cumulus, {});

    const answer = await cumulus.patch(`/interface/swp1?rev=${id}`, { link: { mtu: 'big' } });

    expect(answer).toMatchObject({
      status: 400,
      body: {
        title: 'Bad Request',
        status: 400,
        validation: { selected_errors: [{ error: "'big' is not of type 'integer'", instanceLocation: '/link/mtu' }] },
      },
    });
    expect((await cumulus.get(`/?rev=${id}&diff=applied&filled=false`)).body).toEqual({});
  });

  it('does not refuse objects that contradict each other: that is for the apply', async () => {
    const { cumulus } = await startLeaf();
    const id = await draft(cumulus, {});

    expect((await cumulus.patch(`/router/bgp?rev=${id}`, { 'router-id': null })).status).toBe(200);
  });
});

describe('applying', () => {
  const evpn: Tree = { enable: 'on' };

  it.each<readonly [string, Tree, string, string]>([
    [
      'BGP without a number',
      { router: { bgp: { enable: 'on', 'router-id': '10.0.0.1' } } },
      'router.bgp.enable',
      'BGP requires autonomous-system to be set globally or in the VRF.',
    ],
    [
      'BGP without a router id in a VRF',
      { router: { bgp: { 'autonomous-system': 65001 } }, vrf: { RED: { router: { bgp: { enable: 'on' } } } } },
      'vrf.RED.router.bgp.enable',
      'BGP requires router-id to be set globally or in the VRF.',
    ],
    [
      'BGP whose number is none',
      {
        router: { bgp: { 'autonomous-system': 'none', 'router-id': '1.1.1.1' } },
        vrf: { a: { router: { bgp: { enable: 'on' } } } },
      },
      'vrf.a.router.bgp.enable',
      'BGP requires autonomous-system to be set globally or in the VRF.',
    ],
    [
      'OSPF without a router id',
      { router: { ospf: { enable: 'on' } } },
      'router.ospf.enable',
      'OSPF requires router-id to be set globally or in the VRF.',
    ],
    [
      'learning beside EVPN',
      { evpn, nve: { vxlan: { 'mac-learning': 'on' } } },
      'nve.vxlan.mac-learning',
      'mac-learning cannot be used with evpn is enabled',
    ],
    [
      'EVPN without flooding',
      { evpn, nve: { vxlan: { flooding: { enable: 'off' } } } },
      'nve.vxlan.flooding.enable',
      'VNI flooding cannot be disabled when evpn is on',
    ],
    [
      'static replication beside EVPN',
      { evpn, nve: { vxlan: { flooding: { 'head-end-replication': { '10.0.0.2': {} } } } } },
      'nve.vxlan.flooding.head-end-replication',
      'Static head-end-replication requires evpn to be off',
    ],
    [
      'EVPN replication without EVPN',
      { nve: { vxlan: { flooding: { 'head-end-replication': { evpn: {} } } } } },
      'nve.vxlan.flooding.head-end-replication.evpn',
      'evpn based head-end-replication requires evpn to be enabled',
    ],
  ])('refuses %s', (_words, tree, location, reason) => {
    expect(findContradiction(tree)).toEqual({ location, reason });
  });

  it('finds no contradiction in a leaf, in a VRF with its own numbers, and where a protocol is off', () => {
    expect(findContradiction(leafConfiguration)).toBeUndefined();
    expect(
      findContradiction({ vrf: { RED: { router: { bgp: { 'autonomous-system': 65001, 'router-id': '10.0.0.1' } } } } }),
    ).toBeUndefined();
    expect(findContradiction({ vrf: { RED: { router: { bgp: { enable: 'off' } } } } })).toBeUndefined();
  });
});
