/**
 * Everything about FRR, its tools and our helper that is knowledge rather than logic. A new release of FRR should change this
 * file and the recordings in `test/drivers/frr/`, nothing else.
 *
 * Source: `frr-reload.py` and `vtysh` of FRR 8.4.4 (Debian 12), the FRR user guide, interfaces(5) of ifupdown2 3.0.
 */

/** The files of a switch that we configure, as they are called there and in trees. */
export const FILES = { frr: '/etc/frr/frr.conf', interfaces: '/etc/network/interfaces' } as const;

/** A template of this name gives {@link FILES.interfaces}; all others give {@link FILES.frr}. */
export const INTERFACES_NAME = /(?:^|[/._-])interfaces(?:\.j2)?$/;

/** Beginnings of lines that open a section, and of those that open one inside of it. */
export interface Sections {
  readonly [keyword: string]: Sections;
}

/** Source: `ctx_keywords` in `frr-reload.py`. */
export const FRR_SECTIONS: Sections = {
  'router bgp ': {
    'address-family ': { 'vni ': {} },
    'vnc defaults': {},
    'vnc nve-group ': {},
    'vnc l2-group ': {},
    'vrf-policy ': {},
    'bmp targets ': {},
    'segment-routing srv6': {},
  },
  'router ripng': {},
  'router rip': {},
  'router isis ': {},
  'router openfabric ': {},
  'router ospf6': {},
  'router ospf': {},
  'router eigrp ': {},
  'router babel': {},
  'router pim': {},
  'router pim6': {},
  'mpls ldp': { 'address-family ': { 'interface ': {} } },
  'l2vpn ': { 'member pseudowire ': {} },
  'key chain ': { 'key ': {} },
  'vrf ': {},
  'interface ': { 'link-params': {} },
  'pseudowire ': {},
  'segment-routing': {
    'traffic-eng': {
      'segment-list ': {},
      'policy ': { 'candidate-path ': {} },
      pcep: { pcc: {}, 'pce ': {}, 'pce-config ': {} },
    },
    srv6: { locators: { 'locator ': {} } },
  },
  'nexthop-group ': {},
  'route-map ': {},
  'pbr-map ': {},
  rpki: {},
  bfd: { 'peer ': {}, 'profile ': {} },
  'line vty': {},
};

/** `candidate-path … explicit …` is a line, `candidate-path … dynamic` a section. */
export const NOT_A_SECTION = /^candidate-path .*\bexplicit\b/;

/** FRR shows none of these while there is nothing in them. */
export const SHOWN_ONLY_WITH_LINES: readonly string[] = [
  'interface ',
  'vrf ',
  'address-family ',
  'vni ',
  'line vty',
  'bfd',
  'link-params',
  'segment-routing',
  'traffic-eng',
  'pcep',
  'srv6',
  'locators',
];

/** Sections of ifupdown2. Everything else that stands alone is one line. */
export const INTERFACES_SECTIONS: Sections = { 'iface ': {}, 'mapping ': {}, 'vlan ': {} };
export const INTERFACES_LINES =
  /^(?:auto|allow-\S+|source|source-directory|no-auto-down|no-scripts|template|rename)(?:\s|$)/;

/** Lines of `show running-config` and of files that configure nothing. */
export const PREAMBLE = /^(?:Building configuration\.\.\.|Current configuration:|frr version\b.*)$/;

/** The key that holds a secret below its line; in a line where more follows, it also marks the place. */
export const SECRET_KEY = '<secret>';

/**
 * Lines that end in a secret. The first group is the line without it. `rest`: words may follow, and the secret is one word.
 *
 * Source: FRR user guide; device-protocols reference B.3.
 */
export const SECRET_LINES: readonly { readonly line: RegExp; readonly rest?: true }[] = [
  { line: /^(neighbor \S+ password) (.+)$/ },
  { line: /^((?:enable )?password(?: 8)?) (\S+)$/ },
  { line: /^(ip ospf authentication-key) (\S+)( \S+)?$/, rest: true },
  { line: /^(ip ospf message-digest-key \d+ md5) (\S+)( \S+)?$/, rest: true },
  { line: /^(area \S+ virtual-link \S+ .*\b(?:authentication-key|message-digest-key \d+ md5)) (\S+)$/ },
  { line: /^(ipv6 ospf6 authentication .*\bkey) (\S+)$/ },
  { line: /^(ip rip authentication string) (.+)$/ },
  { line: /^(isis password (?:clear|md5)) (\S+)$/ },
  { line: /^((?:area|domain)-password (?:clear|md5)) (\S+)( .+)?$/, rest: true },
  { line: /^(openfabric password (?:clear|md5)) (\S+)$/ },
  { line: /^(key-string) (.+)$/ },
  { line: /^(ip nhrp authentication) (\S+)$/ },
  { line: /^(tcp-md5-auth) (\S+)$/ },
  { line: /^(ip msdp peer \S+ password) (\S+)$/ },
  { line: /^(username \S+ password(?: \d)?) (.+)$/ },
  { line: /^(snmp-server community) (\S+)( .+)?$/, rest: true },
  { line: /^(wpa-(?:psk|password|passphrase)) (.+)$/ },
];

/**
 * Lines that FRR replaces in place, so that its account names only the new one: what they are apart from their value.
 *
 * Source: `ignore_delete_re_add_lines` in `frr-reload.py`.
 */
export const REPLACED_IN_PLACE: readonly RegExp[] = [
  /^(neighbor \S+ route-map) \S+ (in|out)$/,
  /^(neighbor \S+ bfd) \d+ \d+ \d+$/,
  /^(table-map) \S+$/,
  /^(segment-routing global-block) .*$/,
];

/** What makes a BGP neighbour or a group of them exist. Without any, its other lines go by themselves. */
export const NEIGHBOR_MAKERS =
  /^neighbor (?<name>\S+) (?:interface(?: .*)?|(?:interface )?remote-as \S+|peer-group(?: \S+)?)$/;

/** What our helper is called on the switch. */
export const HELPER = '/usr/local/sbin/pointsman-switch';

/** Words of our helper for how a candidate stands. The complete set. */
export const STATES = [
  'staged',
  'applying',
  'awaiting',
  'live',
  'failing',
  'failed',
  'expiring',
  'expired',
  'discarding',
  'discarded',
  'lost',
  'gone',
] as const;
export type HelperState = (typeof STATES)[number];

/** A candidate in one of these keeps others from being applied. */
export const ACTIVE_STATES: readonly string[] = ['applying', 'awaiting', 'failing', 'expiring', 'discarding'];

/** Milliseconds. A reload of a big configuration takes a minute, and it is waited for by looking. */
export const TIMEOUTS_MS = { connect: 15_000, command: 150_000 } as const;

/** Configurations of big route servers have some megabytes. */
export const MAX_REPLY_BYTES = 32 * 1024 * 1024;

/** Lines longer than what `vtysh` takes. Source: `VTY_BUFSIZ` is 4096. */
export const LONGEST_LINE = 4000;

/** How we reach the switch. */
export const MANAGEMENT = { interfaces: ['eth0', 'mgmt'], vrf: 'mgmt' } as const;
