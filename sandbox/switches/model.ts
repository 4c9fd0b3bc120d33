/**
 * What an emulated switch knows of NVUE's object model: the names of the published model's first two levels, and below
 * them the form of the leaves that switches of a data centre fabric use.
 */
import {
  type Check,
  cryptHash,
  either,
  host,
  hostname,
  integer,
  interfaceName,
  ipv4,
  ipv4Prefix,
  mac,
  numberBetween,
  oneOf,
  prefix,
  remoteAs,
  server,
  text,
} from './formats.ts';

/** Top-level properties, with the properties each may have; `*` for maps whose keys are names. */
export const KNOWN: Readonly<Record<string, readonly string[] | '*'>> = {
  acl: '*',
  bridge: ['domain'],
  evpn: [
    ...['enable', 'state', 'dad', 'evi', 'multihoming', 'route-advertise', 'vni'],
    ...['suppress-arp-nd', 'import', 'export', 'advertise-svi-ip'],
  ],
  interface: '*',
  maintenance: ['unit', 'unit-profile'],
  mlag: [
    ...['enable', 'state', 'mac-address', 'peer-ip', 'backup', 'priority', 'init-delay', 'debug', 'lacp-conflict'],
    ...['peer-port', 'consistency-checker'],
  ],
  nve: ['vxlan'],
  platform: ['hardware', 'capability', 'software', 'environment', 'inventory', 'firmware', 'asic', 'transceiver'],
  qos: [
    ...['advance-buffer-config', 'buffer-pool', 'congestion-control', 'egress-queue-mapping', 'egress-scheduler'],
    ...['egress-shaper', 'link-pause', 'mapping', 'pfc', 'pfc-watchdog', 'remark', 'roce', 'traffic-pool'],
    ...['egress-bandwidth', 'hierarchical-scheduler'],
  ],
  router: [
    ...['adaptive-routing', 'bgp', 'graceful-restart', 'igmp', 'nexthop', 'ospf', 'pbr', 'pim', 'policy', 'ptm'],
    ...['vrr', 'vrrp', 'static', 'vrf', 'logging', 'segment-routing', 'bfd', 'password-obfuscation'],
  ],
  service: [
    ...['control-plane', 'dhcp-relay', 'dhcp-relay6', 'dhcp-server', 'dhcp-server6', 'dns', 'lldp', 'ntp', 'ptp'],
    ...['snmp-server', 'synce', 'syslog'],
  ],
  system: [
    ...['aaa', 'acl', 'api', 'cli', 'config', 'contact', 'control-plane', 'counter', 'date-time', 'dhcp-relay', 'dns'],
    ...['docker', 'event-trigger', 'eventd', 'factory-default', 'fips', 'forwarding', 'global', 'gnmi-server', 'grpc'],
    ...['health', 'hostname', 'icmp', 'image', 'lldp', 'location', 'log', 'message', 'multicast', 'nat', 'ntp'],
    ...['packet-trim', 'profile', 'ptm', 'ptp', 'reboot', 'security', 'snmp-server', 'ssh-server', 'stp', 'syslog'],
    ...['telemetry', 'time', 'timezone', 'tls', 'usb', 'version', 'warm-reboot', 'watchdog', 'ztp', 'telnet-server'],
    ...['serial-console', 'wjh', 'lacp', 'ssh-client', 'link', 'statistics', 'sflow', 'port-mirror', 'host', 'bfd'],
  ],
  vrf: '*',
};

/** A rule for one place; `*` stands for any name. `key` looks at the names below it, `leaf` at the value. */
export interface Rule {
  readonly path: readonly string[];
  readonly key?: Check;
  readonly leaf?: Check;
}

const onOff = oneOf('on', 'off');
const enabled = oneOf('enabled', 'disabled');
const asNumber = either(integer(1, 4_294_967_295), oneOf('none', 'leaf', 'spine'));
const address = either(prefix, oneOf('dhcp'));

export const RULES: readonly Rule[] = [
  rule('system.hostname', { leaf: hostname }),
  rule('system.timezone', { leaf: text }),
  rule('system.message.pre-login', { leaf: text }),
  rule('system.message.post-login', { leaf: text }),
  rule('system.api.state', { leaf: enabled }),
  rule('system.api.port', { leaf: integer(1, 65_535) }),
  rule('system.config.auto-save.enable', { leaf: onOff }),
  rule('system.config.auto-save.state', { leaf: enabled }),
  rule('system.aaa.user.*.role', { leaf: text }),
  rule('system.aaa.user.*.hashed-password', { leaf: cryptHash }),
  rule('system.global.anycast-mac', { leaf: mac }),
  rule('system.global.fabric-mac', { leaf: mac }),
  rule('interface', { key: interfaceName }),
  rule('interface.*.type', {
    leaf: oneOf('swp', 'eth', 'bond', 'loopback', 'svi', 'sub', 'peerlink', 'vrr', 'tunnel', 'fnm', 'ib', 'ipoib'),
  }),
  rule('interface.*.description', { leaf: text }),
  rule('interface.*.ip.address', { key: address }),
  rule('interface.*.ip.gateway', { key: host }),
  rule('interface.*.ip.vrr.address', { key: prefix }),
  rule('interface.*.ip.vrr.mac-address', { leaf: mac }),
  rule('interface.*.link.mtu', { leaf: integer(552, 9216) }),
  rule('interface.*.link.auto-negotiate', { leaf: onOff }),
  rule('interface.*.vlan', { leaf: integer(1, 4094) }),
  rule('interface.*.base-interface', { leaf: text }),
  rule('interface.*.bond.member', { key: interfaceName }),
  rule('interface.*.bond.mode', { leaf: oneOf('lacp', 'static') }),
  rule('interface.*.bond.lacp-bypass', { leaf: onOff }),
  rule('interface.*.bond.mlag.enable', { leaf: onOff }),
  rule('interface.*.bond.mlag.id', { leaf: either(integer(1, 65_535), oneOf('auto')) }),
  rule('interface.*.bridge.domain.*.access', { leaf: integer(1, 4094) }),
  rule('interface.*.bridge.domain.*.untagged', { leaf: either(integer(1, 4094), oneOf('none', 'auto')) }),
  rule('interface.*.evpn.multihoming.segment.df-preference', { leaf: integer(1, 65_535) }),
  rule('interface.*.evpn.multihoming.segment.mac-address', { leaf: mac }),
  rule('interface.*.evpn.multihoming.segment.local-id', { leaf: integer(1, 16_777_215) }),
  rule('bridge.domain.*.vlan', { key: numberBetween(1, 4094) }),
  rule('bridge.domain.*.vlan.*.vni', { key: either(numberBetween(1, 16_777_215), oneOf('auto')) }),
  rule('bridge.domain.*.untagged', { leaf: either(integer(1, 4094), oneOf('none')) }),
  rule('bridge.domain.*.type', { leaf: oneOf('vlan-aware') }),
  rule('nve.vxlan.enable', { leaf: onOff }),
  rule('nve.vxlan.state', { leaf: enabled }),
  rule('nve.vxlan.source.address', { leaf: ipv4 }),
  rule('nve.vxlan.mlag.shared-address', { leaf: ipv4 }),
  rule('nve.vxlan.mac-learning', { leaf: onOff }),
  rule('nve.vxlan.arp-nd-suppress', { leaf: onOff }),
  rule('nve.vxlan.flooding.enable', { leaf: onOff }),
  rule('evpn.enable', { leaf: onOff }),
  rule('evpn.multihoming.enable', { leaf: onOff }),
  rule('mlag.enable', { leaf: onOff }),
  rule('mlag.mac-address', { leaf: either(mac, oneOf('auto')) }),
  rule('mlag.peer-ip', { leaf: either(host, oneOf('linklocal')) }),
  rule('mlag.priority', { leaf: integer(0, 65_535) }),
  rule('mlag.init-delay', { leaf: integer(0, 900) }),
  rule('mlag.backup', { key: host }),
  rule('router.bgp.enable', { leaf: onOff }),
  rule('router.bgp.state', { leaf: enabled }),
  rule('router.bgp.autonomous-system', { leaf: asNumber }),
  rule('router.bgp.router-id', { leaf: either(ipv4, oneOf('none')) }),
  rule('router.ospf.router-id', { leaf: either(ipv4, oneOf('none')) }),
  rule('router.vrr.enable', { leaf: onOff }),
  rule('vrf.*.evpn.vni', { key: either(numberBetween(1, 16_777_215), oneOf('auto')) }),
  rule('vrf.*.router.bgp.enable', { leaf: onOff }),
  rule('vrf.*.router.bgp.autonomous-system', { leaf: asNumber }),
  rule('vrf.*.router.bgp.router-id', { leaf: either(ipv4, oneOf('none', 'auto')) }),
  rule('vrf.*.router.bgp.neighbor.*.enable', { leaf: onOff }),
  rule('vrf.*.router.bgp.neighbor.*.type', { leaf: oneOf('numbered', 'unnumbered') }),
  rule('vrf.*.router.bgp.neighbor.*.remote-as', { leaf: remoteAs }),
  rule('vrf.*.router.bgp.peer-group.*.remote-as', { leaf: remoteAs }),
  rule('vrf.*.router.bgp.address-family.ipv4-unicast.enable', { leaf: onOff }),
  rule('vrf.*.router.bgp.address-family.l2vpn-evpn.enable', { leaf: onOff }),
  rule('vrf.*.router.bgp.address-family.ipv4-unicast.network', { key: ipv4Prefix }),
  rule('vrf.*.router.static', { key: prefix }),
  rule('acl.*.type', { leaf: oneOf('ipv4', 'ipv6', 'mac') }),
  rule('acl.*.rule', { key: numberBetween(1, 65_535) }),
  rule('service.ntp.*.server', { key: server }),
  rule('service.dns.*.server', { key: host }),
  rule('service.syslog.*.server', { key: server }),
];

function rule(path: string, checks: Omit<Rule, 'path'>): Rule {
  return { path: path.split('.'), ...checks };
}
