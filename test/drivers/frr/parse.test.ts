import { describe, expect, it } from 'vitest';
import { referenceInTemplate } from '../../../desired-state/secret-references.ts';
import { parseText } from '../../../drivers/frr/parse.ts';

const FRR = '/etc/frr/frr.conf';
const INTERFACES = '/etc/network/interfaces';

function tree(text: string, name = FRR) {
  const parsed = parseText(name, text);
  return parsed.kind === 'parsed' ? parsed.tree : parsed;
}

describe('parseText() of frr.conf', () => {
  it('puts lines below the sections that FRR knows, and leaves out what configures nothing', () => {
    const text = [
      'Building configuration...',
      '',
      'Current configuration:',
      '!',
      'frr version 8.4.4',
      'frr defaults datacenter',
      '# a remark',
      'router bgp 65001',
      ' neighbor swp51 interface remote-as external',
      ' !',
      ' address-family l2vpn evpn',
      '  advertise-all-vni',
      '  vni 10',
      '   rd 10.0.0.1:10',
      '  exit-vni',
      ' exit-address-family',
      'exit',
      '!',
      'ip route 10.0.0.0/8 Null0',
      'end',
    ].join('\n');

    expect(tree(text)).toEqual({
      [FRR]: {
        'frr defaults datacenter': {},
        'router bgp 65001': {
          'neighbor swp51 interface remote-as external': {},
          'address-family l2vpn evpn': { 'advertise-all-vni': {}, 'vni 10': { 'rd 10.0.0.1:10': {} } },
        },
        'ip route 10.0.0.0/8 Null0': {},
      },
    });
  });

  it.each([
    { how: 'without indentation, closed by exit', text: 'router ospf\npassive-interface lo\nexit\nip forwarding' },
    { how: 'without exit, closed by a line at the margin', text: 'router ospf\n passive-interface lo\nip forwarding' },
    { how: 'closed by a remark at the margin', text: 'router ospf\npassive-interface lo\n!\nip forwarding' },
    { how: 'with tabs and doubled spaces', text: 'router  ospf\n\tpassive-interface   lo\nexit\nip forwarding' },
  ])('reads a section that is written $how', ({ text }) => {
    expect(tree(text)).toEqual({ [FRR]: { 'router ospf': { 'passive-interface lo': {} }, 'ip forwarding': {} } });
  });

  it('opens an address family beside the one that nobody closed', () => {
    const text =
      'router bgp 1\n address-family ipv4 unicast\n  redistribute connected\n address-family ipv6 unicast\n  redistribute static';

    expect(tree(text)).toEqual({
      [FRR]: {
        'router bgp 1': {
          'address-family ipv4 unicast': { 'redistribute connected': {} },
          'address-family ipv6 unicast': { 'redistribute static': {} },
        },
      },
    });
  });

  it('takes a word that opens a section elsewhere for a line where it is indented in one', () => {
    const text = 'router isis FOO\n segment-routing on\nexit\ninterface swp1\n bfd\nexit';

    expect(tree(text)).toEqual({
      [FRR]: { 'router isis FOO': { 'segment-routing on': {} }, 'interface swp1': { bfd: {} } },
    });
  });

  it.each([
    { line: 'neighbor swp51 password two words', key: 'neighbor swp51 password', secret: 'two words' },
    { line: 'neighbor swp51 description password x', key: 'neighbor swp51 description password x' },
    { line: 'ip ospf message-digest-key 1 md5 s3cret', key: 'ip ospf message-digest-key 1 md5', secret: 's3cret' },
    {
      line: 'area-password md5 s3cret authenticate snp validate',
      key: 'area-password md5 <secret> authenticate snp validate',
      secret: 's3cret',
    },
  ])('keeps the secret of "$line" apart', ({ line, key, secret }) => {
    expect(tree(`router isis X\n ${line}`)).toEqual({
      [FRR]: { 'router isis X': { [key]: secret === undefined ? {} : { '<secret>': secret } } },
    });
  });

  it('keeps the reference that a template gives whole', () => {
    const reference = referenceInTemplate('site/bgp');

    expect(tree(`router bgp 1\n neighbor swp51 password ${reference}`, 'frr/leaf.frr.conf.j2')).toEqual({
      [FRR]: { 'router bgp 1': { 'neighbor swp51 password': { '<secret>': reference } } },
    });
  });

  it('says of every line where it was read', () => {
    const parsed = parseText(FRR, '!\nrouter bgp 1\n neighbor swp51 password x\nexit\n');

    expect(
      parsed.kind === 'parsed' && [
        parsed.lineOf([FRR, 'router bgp 1']),
        parsed.lineOf([FRR, 'router bgp 1', 'neighbor swp51 password']),
        parsed.lineOf([FRR, 'router bgp 1', 'neighbor swp51 password', '<secret>']),
        parsed.lineOf([FRR, 'router bgp 2']),
      ],
    ).toEqual([2, 3, 3, undefined]);
  });

  it.each([
    {
      what: 'a line that is indented below nothing',
      text: 'ip forwarding\n redistribute connected',
      line: 2,
      words: /no section is open/,
    },
    { what: 'Windows line ends', text: 'ip forwarding\r\nip forwarding\r\n', line: 1, words: /CR LF/ },
    { what: 'a control character', text: 'router bgp 1\n description \u001b[2J', line: 2, words: /control character/ },
    {
      what: 'another line end in disguise',
      text: 'interface swp1\n description a\u2028exit',
      line: 2,
      words: /control character/,
    },
    { what: 'a line longer than FRR reads', text: `hostname ${'x'.repeat(5000)}`, line: 1, words: /longer than/ },
    { what: 'a number alone', text: 'router bgp 1\n 7', line: 2, words: /number alone/ },
    {
      what: 'a secret where none can stand',
      text: `hostname ${referenceInTemplate('a')}`,
      line: 1,
      words: /cannot stand after "hostname"/,
    },
  ])('refuses $what, and says where', ({ text, line, words }) => {
    expect(parseText(FRR, text)).toEqual({
      kind: 'refused',
      faults: [{ line, message: expect.stringMatching(words) }],
    });
  });

  it('names every fault of a text', () => {
    const parsed = parseText(FRR, ' indented\nhostname a\n also');

    expect(parsed.kind === 'refused' && parsed.faults.map(({ line }) => line)).toEqual([1, 3]);
  });
});

describe('parseText() of interfaces', () => {
  it.each(['/etc/network/interfaces', 'frr/leaf.interfaces.j2', 'interfaces.j2'])('knows %s by its name', (name) => {
    expect(Object.keys(tree('auto lo', name))).toEqual([INTERFACES]);
  });

  it('puts attributes below their iface, and joins lines that a backslash parts', () => {
    const text =
      'auto swp1\niface swp1\n  address 10.0.0.1/24\n  bridge-ports swp3 \\\n    swp4\n\niface swp2\nsource /etc/network/interfaces.d/*.intf';

    expect(tree(text, INTERFACES)).toEqual({
      [INTERFACES]: {
        'auto swp1': {},
        'iface swp1': { 'address 10.0.0.1/24': {}, 'bridge-ports swp3 swp4': {} },
        'iface swp2': {},
        'source /etc/network/interfaces.d/*.intf': {},
      },
    });
  });

  it.each([
    { what: 'an attribute outside of any iface', text: 'address 10.0.0.1/24', words: /outside of any iface/ },
    { what: 'a backslash at the end', text: 'iface swp1 \\', words: /backslash/ },
  ])('refuses $what', ({ text, words }) => {
    expect(parseText(INTERFACES, text)).toMatchObject({ faults: [{ line: 1, message: expect.stringMatching(words) }] });
  });
});
