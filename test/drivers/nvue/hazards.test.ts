import { describe, expect, it } from 'vitest';
import { driverFor } from '../../../drivers/registry.ts';
import type { Json, Tree } from '../../../schemas/json.ts';
import { changed } from '../lab.ts';

const RUNNING: Tree = {
  system: {
    hostname: 'leaf01',
    api: { state: 'enabled', certificate: 'api-2026' },
    aaa: { user: { cumulus: { role: 'system-admin' }, pointsman: { role: 'nvue-admin' } } },
  },
  interface: {
    eth0: {
      ip: { address: { '192.0.2.11/24': {}, '2001:db8::11/64': {} }, vrf: 'mgmt', gateway: { '192.0.2.1': {} } },
    },
  },
  vrf: { mgmt: { router: { static: { '0.0.0.0/0': { via: { '192.0.2.1': {} } } } } } },
};

describe('hazards()', () => {
  const cumulus = driverFor('cumulus');
  const names = (intended: Tree, username = 'pointsman', running = RUNNING) =>
    cumulus.hazards(intended, running, username).map(({ name }) => name);

  it('finds none in a configuration that keeps what manages the switch', () => {
    expect(names(changed(RUNNING, ['system', 'hostname'], 'leaf02'))).toEqual([]);
  });

  it.each<{ readonly path: readonly string[]; readonly to: Json; readonly expected: readonly string[] }>([
    { path: ['system', 'aaa', 'user', 'pointsman'], to: null, expected: ['own-user-removed'] },
    { path: ['system', 'aaa', 'user', 'cumulus'], to: null, expected: ['cumulus-user-removed'] },
    { path: ['system', 'aaa'], to: null, expected: ['own-user-removed', 'cumulus-user-removed'] },
    {
      path: ['interface', 'eth0'],
      to: null,
      expected: ['management-interface-removed', 'management-vrf-removed', 'default-gateway-removed'],
    },
    {
      path: ['interface', 'eth0', 'ip', 'address', '192.0.2.11/24'],
      to: null,
      expected: ['management-interface-removed'],
    },
    {
      path: ['interface', 'eth0', 'ip', 'address'],
      to: { dhcp: {} },
      expected: ['management-interface-removed', 'management-interface-removed'],
    },
    { path: ['interface', 'eth0', 'link'], to: { state: 'down' }, expected: ['management-interface-down'] },
    { path: ['interface', 'eth0', 'link'], to: { state: { down: {} } }, expected: ['management-interface-down'] },
    { path: ['interface', 'eth0', 'ip', 'vrf'], to: 'default', expected: ['management-vrf-removed'] },
    { path: ['vrf', 'mgmt'], to: null, expected: ['management-vrf-removed', 'default-gateway-removed'] },
    { path: ['interface', 'eth0', 'ip', 'gateway'], to: null, expected: ['default-gateway-removed'] },
    { path: ['vrf', 'mgmt', 'router', 'static', '0.0.0.0/0'], to: null, expected: ['default-gateway-removed'] },
    { path: ['system', 'api'], to: null, expected: ['api-disabled-or-changed'] },
    { path: ['system', 'api', 'state'], to: 'disabled', expected: ['api-disabled-or-changed'] },
    { path: ['system', 'api', 'certificate'], to: 'api-2027', expected: ['api-disabled-or-changed'] },
    { path: ['system', 'hostname'], to: null, expected: ['hostname-missing'] },
  ])('$path to $to: $expected', ({ path, to, expected }) => {
    expect(names(changed(RUNNING, path, to))).toEqual(expected);
  });

  it('says of an empty configuration that, and not all that follows from it', () => {
    expect(names({})).toEqual(['empty-configuration']);
  });

  it('does not miss what the switch never had', () => {
    const bare = { system: { hostname: 'leaf01' } };

    expect(names(bare, 'pointsman', bare)).toEqual([]);
  });

  it('finds an API that would be switched off even where the switch never mentioned it', () => {
    const bare = { system: { hostname: 'leaf01' } };

    expect(names({ system: { hostname: 'leaf01', api: { enable: 'off' } } }, 'pointsman', bare)).toEqual([
      'api-disabled-or-changed',
    ]);
  });

  it('names the path and says what would happen', () => {
    expect(cumulus.hazards(changed(RUNNING, ['vrf', 'mgmt'], null), RUNNING, 'pointsman')[0]).toEqual({
      name: 'management-vrf-removed',
      message: 'the VRF mgmt would be deleted',
      path: ['vrf', 'mgmt'],
    });
  });

  it('knows the account each system is born with', () => {
    const running = changed(RUNNING, ['system', 'aaa', 'user'], { admin: {}, pointsman: {} });
    const intended = changed(running, ['system', 'aaa', 'user', 'admin'], null);

    expect(
      driverFor('nvos')
        .hazards(intended, running, 'pointsman')
        .map(({ name }) => name),
    ).toEqual(['admin-user-removed']);
    expect(names(intended, 'pointsman', running)).toEqual([]);
  });
});
