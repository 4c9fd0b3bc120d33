import { parse } from 'yaml';
import { type FleetEdit, type FleetFiles, replaceOnce, textOf } from './fleet-files.ts';

/** A pull request as an engineer would open it on the demo fabric. */
export interface DemoStory {
  readonly title: string;
  readonly body: string;
  readonly branch: string;
  /** What it does to the fleet repo. */
  readonly files: FleetEdit;
}

export interface DemoStories {
  /** All four leaves get VLAN 120, its VNI and gateway, and carry it on the bonds of tenant RED's servers. */
  readonly addVlan: DemoStory;
  /** leaf01 asks one more NTP server; nothing else changes anywhere. */
  readonly ntpOnOneLeaf: DemoStory;
  /** leaf04 loses eth0's address: nobody reaches it any more once this is live. */
  readonly cutManagement: DemoStory;
  /** leaf02's MLAG backup is no IP address: NVUE answers 400 when it is staged. */
  readonly wrongValue: DemoStory;
  /** leaf03 has no global BGP ASN: every leaf is well formed, and NVUE says `invalid` when it is applied. */
  readonly semanticError: DemoStory;
  /** leaf03's BGP ASN changes: FRR restarts. */
  readonly bgpAsnChange: DemoStory;
  /** The site file is not YAML. */
  readonly brokenYaml: DemoStory;
  /** Mistakes of many kinds in many files, {@link PLANTED_MISTAKES} of them. */
  readonly manyProblems: DemoStory;
}

/** How many problems `manyProblems` has. */
export const PLANTED_MISTAKES = 10;

const SITE = 'desired-state/sites/ams1.yaml';
const LEAF_ROLE = 'desired-state/roles/leaf.yaml';
/** Wherever it stands: a test may have moved it to another site. */
const pathOf = (files: FleetFiles, name: string): string =>
  [...files.keys()].find((path) => path.startsWith('desired-state/devices/') && path.endsWith(`/${name}.yaml`)) ??
  `desired-state/devices/ams1/${name}.yaml`;

/**
 * The pull requests of the demo and of the tests, made from the files given, so that addresses and pins of a running sandbox
 * stay in them.
 *
 * @throws {FleetTextNotFoundError} The files are not those of examples/demo-fabric.
 */
export function makeDemoStories(files: FleetFiles): DemoStories {
  const change = (path: string, what: string | RegExp, by: string): readonly [string, string] => [
    path,
    replaceOnce(path, textOf(files, path), what, by),
  ];

  const device = (name: string): string => pathOf(files, name);

  return {
    addVlan: {
      title: 'Add VLAN 120 (analytics) for tenant RED',
      body: 'The analytics cluster moves in next week. VLAN 120, VNI 10120, gateway 10.1.120.1 on all leaves.',
      branch: 'vlan-120-analytics',
      files: new Map([
        change(
          LEAF_ROLE,
          '        - { id: 30, name: database }\n',
          '        - { id: 30, name: database }\n        - { id: 120, name: analytics }\n',
        ),
      ]),
    },

    ntpOnOneLeaf: {
      title: 'leaf01: also ask the rubidium clock in rack 1',
      body: 'Trial on one switch first.',
      branch: 'leaf01-ntp',
      files: new Map([
        change(
          device('leaf01'),
          'data:\n',
          'data:\n  # The third one is the rubidium clock in this rack, on trial here.\n' +
            '  ntp_servers: [192.168.200.123, 192.168.200.124, 192.168.200.140]\n',
        ),
      ]),
    },

    cutManagement: {
      title: 'leaf04: clean up the management address',
      body: 'It will come from DHCP later.',
      branch: 'leaf04-management',
      files: new Map([change(device('leaf04'), /^ {2}management: \[.*\]$/m, '  management: []')]),
    },

    wrongValue: {
      title: 'leaf02: correct the MLAG backup address',
      body: 'Should be the loopback of leaf01.',
      branch: 'leaf02-mlag-backup',
      files: new Map([change(device('leaf02'), 'peer_loopback: 10.10.10.1\n', 'peer_loopback: 10.10.10.260\n')]),
    },

    semanticError: {
      title: 'leaf03: one ASN for each VRF',
      body: 'Tenants get their own ASN, so the global one is not needed any more.',
      branch: 'leaf03-asn-per-vrf',
      files: new Map([
        change(device('leaf03'), /^data:\n/m, 'templates:\n  - asn-per-vrf.yaml.j2\n\ndata:\n'),
        [
          'desired-state/templates/asn-per-vrf.yaml.j2',
          '{# The VRFs carry their own ASN (tenants.yaml.j2). #}\nrouter:\n  bgp:\n    autonomous-system: null\n',
        ],
      ]),
    },

    bgpAsnChange: {
      title: 'leaf03: new ASN 65113',
      body: 'Rack 2 gets its own block of ASNs.',
      branch: 'leaf03-asn',
      files: new Map([change(device('leaf03'), '  asn: 65103\n', '  asn: 65113\n')]),
    },

    brokenYaml: {
      title: 'ams1: third DNS server',
      body: 'As announced.',
      branch: 'ams1-dns',
      files: new Map([
        change(
          SITE,
          '  dns_servers: [192.168.200.53, 192.168.200.54]\n',
          '  dns_servers: [192.168.200.53, 192.168.200.54, 192.168.200.55\n',
        ),
      ]),
    },

    manyProblems: {
      title: 'Prepare rack 3',
      body: 'Draft, do not merge.',
      branch: 'rack-3',
      files: new Map([
        // No rule may ask for nobody.
        change('approvals.yaml', /(?<=reviews every change\n {4}approvals: )1$/m, '0'),
        // A role that is not there.
        change(device('leaf01'), 'role: leaf\n', 'role: leef\n'),
        // Somebody else's address.
        change(device('leaf02'), /^address: .*$/m, `address: ${addressOf(files, 'leaf01')}`),
        // A key twice.
        change(device('leaf03'), '  asn: 65103\n', '  asn: 65103\n  asn: 65113\n'),
        // A field nobody knows.
        change(device('leaf04'), 'serial:', 'serail:'),
        // An image that is not there.
        change(device('spine01'), 'role: spine\n', 'role: spine\nimage: cumulus-5.12.0\n'),
        // A device at a site that is not there.
        [
          'desired-state/devices/ams2/leaf05.yaml',
          `platform: cumulus\nrole: leaf\naddress: 192.168.201.15\nserial: MT2312X09901\ntls:\n  pins:\n    - sha256:${'0'.repeat(64)}\n`,
        ],
        // A template that is not there.
        change('desired-state/roles/spine.yaml', /^ {2}- bgp\.yaml\.j2$/m, '  - bgp.yaml.j2\n  - telemetry.yaml.j2'),
        // A secret in plain text. It must not be quoted back.
        change(
          SITE,
          /^ {10}hashed-password: \{ secret: ams1\/noc-password-hash \}$/m,
          '          hashed-password: $6$ticket4711$never.quote.this',
        ),
        // A tag that is never closed.
        change(
          'desired-state/templates/mlag.yaml.j2',
          '{% for server in data.servers %}',
          '{% for server in data.servers',
        ),
      ]),
    },
  };
}

function addressOf(files: FleetFiles, name: string): string {
  return String(parse(textOf(files, pathOf(files, name))).address);
}
