import { describe, expect, it } from 'vitest';
import { frr } from '../../../drivers/frr/driver.ts';
import { parseReply } from '../../../drivers/frr/helper.ts';
import { parseRefusals, tellingLines } from '../../../drivers/frr/refusals.ts';
import { renderFile } from '../../../drivers/frr/render.ts';
import type { Change } from '../../../schemas/change.ts';

const FRR = '/etc/frr/frr.conf';
const INTERFACES = '/etc/network/interfaces';
const set = (...path: readonly string[]): Change => ({ kind: 'set', path, to: {} });
const unset = (...path: readonly string[]): Change => ({ kind: 'unset', path, from: {} });

describe('expectedLosses()', () => {
  const losses = (change: Change, intended = {}) => frr.expectedLosses([change], intended);

  it('names a neighbour that goes, by its VRF', () => {
    expect(losses(unset(FRR, 'router bgp 1', 'neighbor swp1 interface remote-as external'))).toEqual(['bgp swp1']);
    expect(losses(unset(FRR, 'router bgp 1 vrf RED', 'neighbor 10.0.0.1 remote-as 7'))).toEqual(['bgp RED 10.0.0.1']);
  });

  it('names none that only loses a line or is spelt otherwise', () => {
    const intended = { [FRR]: { 'router bgp 1': { 'neighbor swp1 interface': {} } } };

    expect(losses(unset(FRR, 'router bgp 1', 'neighbor swp1 interface remote-as external'), intended)).toEqual([]);
  });

  it('names what is shut down', () => {
    expect(losses(set(FRR, 'router bgp 1', 'neighbor swp1 shutdown'))).toEqual(['bgp swp1']);
    expect(losses(set(FRR, 'interface swp1', 'shutdown'))).toEqual(['interface swp1', 'lldp swp1']);
    expect(losses(set(INTERFACES, 'iface swp1', 'link-down yes'))).toEqual(['interface swp1', 'lldp swp1']);
  });

  it('names an interface that is no longer configured, and none that only loses an address', () => {
    const intended = { [INTERFACES]: { 'auto swp1': {}, 'iface swp1': {} } };

    expect(losses(unset(INTERFACES, 'iface swp2', 'address 10.0.0.1/24'), intended)).toEqual([
      'interface swp2',
      'lldp swp2',
    ]);
    expect(losses(unset(INTERFACES, 'iface swp1', 'address 10.0.0.1/24'), intended)).toEqual([]);
  });
});

describe('mark()', () => {
  const running = { [FRR]: { 'router bgp 65001': { 'neighbor swp1 description x': {} }, bfd: { 'profile slow': {} } } };

  it('finds nothing disruptive in sessions that are made for the first time', () => {
    expect(frr.mark(set(FRR, 'router bgp 65002', 'bgp router-id 1.1.1.1'), running)).toEqual([]);
    expect(frr.mark(set(FRR, 'bfd', 'profile fast', 'receive-interval 100'), { [FRR]: {} })).toEqual([]);
  });

  it.each([
    { change: unset(FRR, 'router bgp 65001', 'bgp router-id 1.1.1.1'), kinds: ['disruptive'] },
    { change: unset(FRR, 'router bgp 65001', 'neighbor swp1 interface remote-as external'), kinds: ['disruptive'] },
    { change: set(FRR, 'router bgp 65001', 'neighbor swp1 description x'), kinds: [] },
    { change: unset(FRR, 'ip prefix-list A seq 5 permit any'), kinds: ['disruptive'] },
    { change: set(FRR, 'ip prefix-list A seq 5 permit any'), kinds: [] },
    { change: unset(FRR, 'route-map A permit 10', 'set metric 1'), kinds: ['disruptive'] },
    { change: set(FRR, 'bfd', 'profile fast', 'receive-interval 100'), kinds: ['disruptive'] },
    { change: set(FRR, 'ip route 0.0.0.0/0 192.0.2.1'), kinds: ['management'] },
    { change: unset(FRR, 'ip route 10.0.0.0/8 blackhole'), kinds: ['management'] },
    { change: set(FRR, 'line vty', 'access-class X'), kinds: ['management'] },
    { change: set(INTERFACES, 'iface eth0', 'address 10.0.0.1/24'), kinds: ['management'] },
    { change: unset(INTERFACES, 'auto eth0'), kinds: ['management', 'disruptive'] },
    { change: set(INTERFACES, 'iface swp1', 'mtu 9000'), kinds: [] },
  ])('$change.kind $change.path is $kinds', ({ change, kinds }) => {
    expect(
      frr
        .mark(change, running)
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual([...kinds].sort());
  });
});

describe('hazards()', () => {
  const running = {
    [FRR]: { 'ip route 0.0.0.0/0 192.0.2.1': {} },
    [INTERFACES]: { 'auto eth0': {}, 'iface eth0': { 'address 10.0.0.1/24': {}, 'gateway 10.0.0.254': {} } },
  };
  const names = (intended: Parameters<typeof frr.hazards>[0]) =>
    frr.hazards(intended, running, 'pointsman').map(({ name }) => name);

  it('finds none in a command that is there already', () => {
    const interfaces = { [INTERFACES]: { 'auto swp1': {}, 'iface swp1': { 'up true': {} } } };

    expect(frr.hazards(interfaces, interfaces, 'pointsman')).toEqual([]);
  });

  it('finds none in what keeps the management network, nor in a file that is left as it is', () => {
    expect(names(running)).toEqual([]);
    expect(names({ [FRR]: running[FRR] })).toEqual([]);
  });

  it.each([
    { intended: {}, found: ['empty-configuration'] },
    { intended: { [FRR]: {} }, found: ['empty-configuration'] },
    { intended: { [FRR]: { 'ip forwarding': {} } }, found: ['default-route-removed'] },
    {
      intended: { [FRR]: { ...running[FRR], 'no service integrated-vtysh-config': {} } },
      found: ['integrated-config-disabled'],
    },
    {
      intended: { [FRR]: { ...running[FRR], 'interface eth0': { shutdown: {} } } },
      found: ['management-interface-down'],
    },
    { intended: { [INTERFACES]: { 'auto lo': {} } }, found: ['management-interface-removed'] },
    {
      intended: { [INTERFACES]: { 'auto eth0': {}, 'iface eth0': { 'gateway 10.0.0.254': {} } } },
      found: ['management-interface-removed'],
    },
    {
      intended: { [INTERFACES]: { 'iface eth0': running[INTERFACES]['iface eth0'] } },
      found: ['management-interface-down'],
    },
    {
      intended: {
        [INTERFACES]: {
          ...running[INTERFACES],
          'iface swp1': { 'post-up ethtool -K swp1 tso off': {}, 'mtu 9216': {}, 'down true': {} },
        },
      },
      found: ['command-added', 'command-added'],
    },
  ])('finds $found', ({ intended, found }) => {
    expect(names(intended)).toEqual(found);
  });
});

describe('parseRefusals()', () => {
  it('finds the line that FRR could not read', () => {
    const rendered = renderFile(FRR, { 'router bgp 1': { 'frobnicate yes': {} } });
    const said =
      '2026-11-26 15:00:00,000 \u001b[91m  ERROR\u001b[0m: vtysh failed to process new configuration: vtysh (mark file) exited ' +
      "with status 2:\nb'line 2: % Unknown command:  frobnicate yes\\n\\n'\n";

    expect(parseRefusals(said, rendered)).toEqual([
      { path: [FRR, 'router bgp 1', 'frobnicate yes'], words: 'Unknown command:  frobnicate yes' },
    ]);
  });

  it('gives what was said where no line is named, without what was only told by the way', () => {
    expect(
      tellingLines('2026-11-26 15:00:00,000  INFO: Loading\n\u001b[91m  ERROR\u001b[0m: it broke\nit broke\n'),
    ).toEqual(['it broke']);
  });
});

describe('parseReply()', () => {
  const reply = '@@pointsman-switch 1\n@state 6\nstaged\n@words 9\na\n@end\nb\n\n@end\n';

  it('reads sections by their length, whatever is in them, and passes over what a login shell says', () => {
    expect(parseReply(Buffer.from(`Welcome!\n${reply}`))).toEqual(
      new Map([
        ['state', 'staged'],
        ['words', 'a\n@end\nb\n'],
      ]),
    );
  });

  it.each([
    { what: 'cut off', text: reply.slice(0, -6) },
    { what: 'shorter than it says', text: '@@pointsman-switch 1\n@state 60\nstaged\n@end\n' },
    { what: 'from something else', text: 'sudo: a password is required\n' },
    { what: 'quoted in a line', text: `echo ${reply}` },
  ])('takes an answer that is $what for none', ({ text }) => {
    expect(parseReply(Buffer.from(text))).toBeUndefined();
  });
});
