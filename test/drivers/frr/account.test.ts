import { describe, expect, it } from 'vitest';
import { applyAccount, parseAccount, withoutResidue } from '../../../drivers/frr/account.ts';
import { parseText } from '../../../drivers/frr/parse.ts';
import type { Tree } from '../../../schemas/json.ts';

const FRR = '/etc/frr/frr.conf';

function conf(text: string): Tree {
  const parsed = parseText(FRR, text);
  if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.faults));
  return parsed.tree[FRR] as Tree;
}

function accountOf(stdout: string) {
  const account = parseAccount(stdout);
  if (!account) throw new Error('not an account');
  return account;
}

/** As `frr-reload.py --test --stdout` of FRR 8.4.4 wrote them. */
const ADDED = `
Lines To Add
============
interface lo
interface lo
 ip address 10.0.0.11/32
router bgp 65011
router bgp 65011
 neighbor swp51 interface remote-as external
router bgp 65011
 address-family ipv4 unicast
router bgp 65011
 address-family ipv4 unicast
  redistribute connected
`;

describe('parseAccount()', () => {
  it('reads every command with the sections it stands in', () => {
    expect(accountOf(ADDED)).toEqual({
      deleted: [],
      added: [
        { sections: [], line: 'interface lo' },
        { sections: ['interface lo'], line: 'ip address 10.0.0.11/32' },
        { sections: [], line: 'router bgp 65011' },
        { sections: ['router bgp 65011'], line: 'neighbor swp51 interface remote-as external' },
        { sections: ['router bgp 65011'], line: 'address-family ipv4 unicast' },
        { sections: ['router bgp 65011', 'address-family ipv4 unicast'], line: 'redistribute connected' },
      ],
    });
  });

  it('reads nothing as no difference, and anything else as no account', () => {
    expect(parseAccount('')).toEqual({ deleted: [], added: [] });
    expect(parseAccount('Traceback (most recent call last):\n  File')).toBeUndefined();
  });
});

describe('applyAccount()', () => {
  const becomes = (running: string, account: string) => applyAccount(conf(running), accountOf(account));

  it('adds what is to be added below its sections', () => {
    expect(becomes('', ADDED)).toEqual({
      'interface lo': { 'ip address 10.0.0.11/32': {} },
      'router bgp 65011': {
        'neighbor swp51 interface remote-as external': {},
        'address-family ipv4 unicast': { 'redistribute connected': {} },
      },
    });
  });

  it.each([
    {
      what: 'a line',
      running: 'router ospf\n passive-interface lo\n log-adjacency-changes',
      del: 'router ospf\n no passive-interface lo',
      left: 'router ospf\n log-adjacency-changes',
    },
    {
      what: 'a line that begins with no',
      running: 'router bgp 1\n no bgp default ipv4-unicast',
      del: 'router bgp 1\n bgp default ipv4-unicast',
      left: 'router bgp 1',
    },
    {
      what: 'a whole section',
      running: 'router bgp 1\n bgp router-id 1.1.1.1\nexit\nip forwarding',
      del: 'no router bgp 1',
      left: 'ip forwarding',
    },
    {
      what: 'the last line of an interface, and with it the interface',
      running: 'interface lo\n ip address 1.1.1.1/32\nexit\nip forwarding',
      del: 'interface lo\n no ip address 1.1.1.1/32',
      left: 'ip forwarding',
    },
    {
      what: 'a line with a secret',
      running: 'router bgp 1\n neighbor swp1 interface remote-as external\n neighbor swp1 password old',
      del: 'router bgp 1\n no neighbor swp1 password old',
      left: 'router bgp 1\n neighbor swp1 interface remote-as external',
    },
  ])('takes away $what', ({ running, del, left }) => {
    expect(becomes(running, `\nLines To Delete\n===============\n${del}\n`)).toEqual(conf(left));
  });

  it('takes away what is deleted by a command among the additions', () => {
    const running = 'ip route 10.8.0.0/16 192.0.2.1\nip route 10.9.0.0/16 192.0.2.1\nno ip forwarding';

    expect(
      becomes(running, '\nLines To Add\n============\nno ip route 10.8.0.0/16 192.0.2.1\nno ipv6 forwarding\n'),
    ).toEqual(conf('ip route 10.9.0.0/16 192.0.2.1\nno ip forwarding\nno ipv6 forwarding'));
  });

  it('takes away the other lines of a neighbour that goes, in every address family', () => {
    const running = [
      'router bgp 1',
      ' neighbor swp1 interface peer-group underlay',
      ' neighbor swp1 timers 3 9',
      ' neighbor underlay peer-group',
      ' address-family ipv6 unicast',
      '  neighbor swp1 activate',
      '  neighbor underlay activate',
    ].join('\n');

    expect(
      becomes(
        running,
        '\nLines To Delete\n===============\nrouter bgp 1\n no neighbor swp1 interface peer-group underlay\n',
      ),
    ).toEqual(
      conf('router bgp 1\n neighbor underlay peer-group\n address-family ipv6 unicast\n  neighbor underlay activate'),
    );
  });

  it('takes away the members of a peer group that goes', () => {
    const running =
      'router bgp 1\n neighbor underlay peer-group\n neighbor swp1 interface peer-group underlay\n bgp router-id 1.1.1.1';

    expect(
      becomes(running, '\nLines To Delete\n===============\nrouter bgp 1\n no neighbor underlay peer-group\n'),
    ).toEqual(conf('router bgp 1\n bgp router-id 1.1.1.1'));
  });

  it.each([
    {
      old: 'neighbor swp1 route-map A out',
      new: 'neighbor swp1 route-map B out',
      beside: 'neighbor swp1 route-map A in',
    },
    { old: 'table-map A', new: 'table-map B', beside: 'redistribute connected' },
  ])('puts "$new" in the place of "$old", as FRR does', ({ old, new: line, beside }) => {
    const head = 'router bgp 1\n neighbor swp1 interface remote-as external\n address-family ipv4 unicast\n';

    expect(
      becomes(
        `${head}  ${old}\n  ${beside}`,
        `\nLines To Add\n============\nrouter bgp 1\n address-family ipv4 unicast\n  ${line}\n`,
      ),
    ).toEqual(conf(`${head}  ${beside}\n  ${line}`));
  });

  it('replaces a secret in its line', () => {
    const running = 'router bgp 1\n neighbor swp1 interface remote-as external\n neighbor swp1 password old';
    const account =
      '\nLines To Delete\n===============\nrouter bgp 1\n no neighbor swp1 password old\n\nLines To Add\n============\nrouter bgp 1\n neighbor swp1 password new\n';

    expect(becomes(running, account)).toEqual(conf(running.replace('old', 'new')));
  });
});

describe('withoutResidue()', () => {
  const add = (...lines: readonly string[]) => accountOf(`\nLines To Add\n============\n${lines.join('\n')}\n`);
  const residue = add('router bgp 1\n no bgp ebgp-requires-policy', 'ip forwarding');

  it('leaves out what FRR also named right after the last reload', () => {
    expect(withoutResidue(residue, residue)).toEqual({ deleted: [], added: [] });
    expect(withoutResidue(add('ip forwarding', 'hostname x'), residue).added).toEqual([
      { sections: [], line: 'hostname x' },
    ]);
  });

  it('shows all of a section as soon as anything else changes in it', () => {
    const now = add(
      'router bgp 1\n no bgp ebgp-requires-policy',
      'router bgp 1\n bgp router-id 1.1.1.1',
      'ip forwarding',
    );

    expect(withoutResidue(now, residue).added.map(({ line }) => line)).toEqual([
      'no bgp ebgp-requires-policy',
      'bgp router-id 1.1.1.1',
    ]);
  });

  it('does not take half of a pair for the pair', () => {
    const pair = accountOf(
      '\nLines To Delete\n===============\nrouter ospf\n no area 0 x\n\nLines To Add\n============\nrouter ospf\n area 0.0.0.0 x\n',
    );
    const half = { deleted: pair.deleted, added: [] };

    expect(withoutResidue(pair, pair)).toEqual({ deleted: [], added: [] });
    expect(withoutResidue(half, pair)).toEqual(half);
  });

  it('never takes for settled what FRR would show if it had taken it', () => {
    const untaken = add('key chain K', 'key chain K\n key 1', 'ip forwarding');

    expect(withoutResidue(untaken, untaken).added.map(({ line }) => line)).toEqual(['key chain K', 'key 1']);
  });

  it('shows what is deleted and made anew with every reload whenever there is one', () => {
    const pair = accountOf(
      '\nLines To Delete\n===============\nrouter ospf\n no area 0 x\n\nLines To Add\n============\nrouter ospf\n area 0.0.0.0 x\n',
    );
    const more = { ...pair, added: [...pair.added, { sections: [], line: 'hostname x' }] };

    expect(withoutResidue(more, pair)).toEqual(more);
  });
});
