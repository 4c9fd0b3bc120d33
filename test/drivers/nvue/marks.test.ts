import { describe, expect, it } from 'vitest';
import { markChange } from '../../../drivers/nvue/marks.ts';
import type { Change } from '../../../schemas/change.ts';
import type { Tree } from '../../../schemas/json.ts';

describe('mark()', () => {
  const set = (path: string, to: string, from?: string): Change => ({
    kind: 'set',
    path: path.split('/'),
    to,
    ...(from !== undefined && { from }),
  });
  const unset = (path: string, from: string): Change => ({ kind: 'unset', path: path.split('/'), from });

  it.each<{ readonly change: Change; readonly expected: readonly string[] }>([
    { change: set('interface/swp1/link/mtu', '9000', '9216'), expected: [] },
    { change: set('vrf/default/router/bgp/autonomous-system', '65102', '65101'), expected: ['disruptive'] },
    { change: set('router/bgp/autonomous-system', '65102', '65101'), expected: ['disruptive'] },
    { change: set('vrf/red/router/bgp/autonomous-system', '65102'), expected: [] },
    { change: set('router/ospf/enable', 'on'), expected: ['disruptive'] },
    { change: unset('vrf/default/router/bgp/enable', 'on'), expected: ['disruptive'] },
    { change: set('service/snmp-server/enable', 'on', 'off'), expected: ['disruptive'] },
    { change: set('interface/swp1/link/state', 'down', 'up'), expected: ['disruptive'] },
    { change: set('interface/swp1/link/state', 'up', 'down'), expected: [] },
    { change: set('interface/swp1/link/breakout/4x', ''), expected: ['disruptive'] },
    { change: set('system/api/certificate', 'new', 'old'), expected: ['management', 'disruptive'] },
    { change: set('interface/eth0/ip/vrf', 'mgmt'), expected: ['management'] },
    { change: unset('vrf/mgmt/router/static/0.0.0.0%2F0/via', ''), expected: ['management'] },
    { change: set('system/aaa/user/eve/role', 'system-admin'), expected: ['management'] },
    { change: set('system/ssh-server/state', 'disabled', 'enabled'), expected: ['management'] },
    { change: set('system/control-plane/acl/acl-cp/inbound', ''), expected: ['management'] },
    { change: set('acl/acl-cp/rule/10/action/deny', ''), expected: ['management'] },
    { change: set('acl/acl-mgmt/rule/10/action/deny', ''), expected: ['management'] },
    { change: set('acl/acl-tenant/rule/10/action/deny', ''), expected: [] },
  ])('$change.kind $change.path: $expected', ({ change, expected }) => {
    const running: Tree = {
      system: { 'control-plane': { acl: { 'acl-cp': { inbound: {} } } } },
      interface: { eth0: { acl: { 'acl-mgmt': { inbound: {} } } } },
    };

    expect(markChange(change, running).map(({ kind }) => kind)).toEqual(expected);
  });

  it('says why', () => {
    expect(markChange(set('router/bgp/autonomous-system', '65102', '65101'), {})).toEqual([
      { kind: 'disruptive', reason: 'the BGP ASN changes: FRR restarts' },
    ]);
  });
});
