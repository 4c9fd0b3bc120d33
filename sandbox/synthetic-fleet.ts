import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import type { Tree } from '../schemas/json.ts';
import { demoPasswordHashes, demoPasswords, demoPasswordsByHash } from './fleets/demo-secrets.ts';
import type { FleetEdit, FleetFiles } from './fleets/fleet-files.ts';
import {
  makeRandom,
  makeRoleTree,
  makeSwitchTree,
  type SwitchNumbers,
  switchTemplate,
} from './fleets/synthetic-trees.ts';
import type { SwitchSpec, SwitchUser } from './switches/switch-spec.ts';
import { mergePatch } from './switches/tree.ts';

export interface SyntheticFleetOptions {
  /** 1 to 60,000. */
  readonly devices: number;
  /** One for every 250 devices unless given. */
  readonly sites?: number;
  /** Size of one switch's configuration as JSON, in units of 1,024 characters; 25 unless given, at least 6. */
  readonly configurationKilobytes?: number;
  /** In how many ways the change `grouped` changes devices; 40 unless given. */
  readonly changeGroups?: number;
  /** The same seed, the same fleet; 1 unless given. */
  readonly seed?: number;
}

/** An emulated switch's specification. `configuration` is what it runs before any change; it is made when first asked for. */
type SyntheticSwitch = SwitchSpec & { readonly site: string };

/** A fleet of any size for benchmarks: what its repo holds, what its switches run (the same), and changes to it. */
export interface SyntheticFleet {
  /** Its addresses and pins lead nowhere until `withEndpoints` sets them. */
  readonly files: FleetFiles;
  readonly switches: readonly SyntheticSwitch[];
  /** Values by secret name. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly change: {
    /** Every role gets VLAN 3900: the same change on every switch. */
    readonly shared: FleetEdit;
    /** Every device file changes, each in its own way. */
    readonly distinct: FleetEdit;
    /** Every device file changes, in `changeGroups` ways: device after device gets the VLANs of the next group. */
    readonly grouped: FleetEdit;
    /** One device file changes. */
    readonly one: FleetEdit;
  };
  /** What every switch runs more once `change.shared` is deployed. */
  readonly sharedTree: Tree;
}

const ROLES = ['leaf-compute', 'leaf-storage', 'leaf-edge', 'leaf-service'] as const;
const GATEWAY = '10.0.0.1';
/** Of the change `grouped` unless asked otherwise: as many different diffs, each one long enough that all of them are too long for one comment. */
const CHANGE_GROUPS = 40;
const VLANS_OF_GROUP = 20;
/** Above those of the roles, below the one of the change `shared`. */
const FIRST_GROUPED_VLAN = 3_050;

/**
 * Makes a fleet. Roles carry the bulk, device files are small, as in a fleet that people keep; the trees of one role's
 * switches share all but what is their own.
 */
export function makeSyntheticFleet(options: SyntheticFleetOptions): SyntheticFleet {
  const { devices, configurationKilobytes = 25, changeGroups = CHANGE_GROUPS, seed = 1 } = options;
  const siteCount = options.sites ?? Math.ceil(devices / 250);
  const random = makeRandom(seed);
  const numbered = Array.from({ length: devices }, (_, index) => makeNumbers(index, siteCount, seed));

  const own = JSON.stringify(makeSwitchTree(numbered[0] ?? makeNumbers(0, 1, seed), GATEWAY)).length;
  const written = new Map(
    ROLES.map((role) => [role, makeRoleTree(role, random, configurationKilobytes * 1024 - own, accounts(reference))]),
  );
  // The same with the accounts' hashes in it, which is how a switch holds them.
  const running = new Map([...written].map(([role, tree]) => [role, mergePatch(tree, accounts(hash))]));

  const rows = numbered.map((numbers) => ({ numbers, role: ROLES[numbers.index % ROLES.length] ?? ROLES[0] }));
  const devicePath = ({ site, name }: SwitchNumbers) => `desired-state/devices/${site}/${name}.yaml`;
  const files = new Map<string, string>([
    ['approvals.yaml', approvalsFile],
    ['desired-state/images.yaml', imagesFile],
    ['desired-state/templates/switch.yaml.j2', switchTemplate],
    ['pointsman.yaml', settingsFile],
    ...ROLES.map((role): [string, string] => [rolePath(role), roleFile(written.get(role) ?? {})]),
    ...[...new Set(numbered.map(({ site }) => site))].map((site): [string, string] => [
      `desired-state/sites/${site}.yaml`,
      `time_zone: Europe/Amsterdam\ndata:\n  gateway: ${GATEWAY}\n`,
    ]),
    ...rows.map(({ numbers, role }): [string, string] => [devicePath(numbers), deviceFile(numbers, role)]),
  ]);

  const moved = ({ numbers, role }: (typeof rows)[number]): [string, string] => [
    devicePath(numbers),
    deviceFile({ ...numbers, place: `${numbers.place}, moved with ticket ${4000 + numbers.index}` }, role),
  ];
  const grouped = ({ numbers, role }: (typeof rows)[number]): [string, string] => [
    devicePath(numbers),
    `${deviceFile(numbers, role)}${stringify({ configuration: vlansOfGroup(numbers.index % changeGroups) })}`,
  ];
  return {
    files,
    switches: rows.map(({ numbers, role }) => makeSwitch(numbers, running.get(role) ?? {})),
    secrets,
    change: {
      shared: new Map(ROLES.map((role) => [rolePath(role), roleFile(mergePatch(written.get(role) ?? {}, newVlan))])),
      distinct: new Map(rows.map(moved)),
      grouped: new Map(rows.map(grouped)),
      one: new Map(rows.slice(0, 1).map(moved)),
    },
    sharedTree: newVlan,
  };
}

const newVlan: Tree = vlans([3_900]);

function vlansOfGroup(group: number): Tree {
  const first = FIRST_GROUPED_VLAN + group * VLANS_OF_GROUP;
  return vlans(Array.from({ length: VLANS_OF_GROUP }, (_, index) => first + index));
}

/** Each with a VNI of its own. */
function vlans(ids: readonly number[]): Tree {
  const vlan = Object.fromEntries(ids.map((id) => [String(id), { vni: { [String(10_000 + id)]: {} } }]));
  return { bridge: { domain: { br_default: { vlan } } } };
}

function makeNumbers(index: number, sites: number, seed: number): SwitchNumbers {
  const name = `leaf${String(index + 1).padStart(5, '0')}`;
  // Two octets hold 65,536; .0 and .255 are left out at both ends of each.
  const octets = `${1 + Math.floor(index / 250)}.${1 + (index % 250)}`;
  return {
    index,
    name,
    site: `site${String(1 + (index % sites)).padStart(3, '0')}`,
    serial: `SYN${seed}X${String(index).padStart(6, '0')}`,
    management: `10.0.${octets}`,
    loopback: `10.255.${octets}`,
    asn: 4_200_000_000 + index,
    place: `rack ${1 + Math.floor(index / 2)} unit ${40 + (index % 2)}`,
  };
}

function makeSwitch(numbers: SwitchNumbers, roleTree: Tree): SyntheticSwitch {
  let tree: Tree | undefined;
  return {
    name: numbers.name,
    site: numbers.site,
    serial: numbers.serial,
    model: 'MSN2410',
    platform: 'cumulus',
    release: '5.11',
    version: '5.11.1',
    users,
    hashes: demoPasswordsByHash,
    get configuration() {
      tree ??= mergePatch(roleTree, makeSwitchTree(numbers, GATEWAY));
      return tree;
    },
  };
}

type Account = keyof typeof accountRoles;

const accountRoles = {
  cumulus: 'system-admin',
  pointsman: 'nvue-admin',
  'pointsman-plan': 'nvset',
} as const satisfies Readonly<Record<string, SwitchUser['role']>>;

const accountNames = Object.keys(accountRoles) as Account[];

const users: readonly SwitchUser[] = accountNames.map((username) => ({
  username,
  password: demoPasswords[username],
  role: accountRoles[username],
}));

const secrets: ReadonlyMap<string, string> = new Map([
  ['fleet/fingerprint-key', 'synthetic-fingerprint-key-60c2'],
  ['fleet/plan-password', demoPasswords['pointsman-plan']],
  ['fleet/apply-password', demoPasswords.pointsman],
  ...accountNames.map((name): [string, string] => [`fleet/${name}-password-hash`, demoPasswordHashes[name]]),
]);

const reference = (name: Account): Tree => ({ secret: `fleet/${name}-password-hash` });
const hash = (name: Account): string => demoPasswordHashes[name];

function accounts(password: (name: Account) => Tree | string): Tree {
  const user = Object.fromEntries(
    accountNames.map((name) => [name, { role: accountRoles[name], 'hashed-password': password(name) }]),
  );
  return { system: { aaa: { user } } };
}

const rolePath = (role: string): string => `desired-state/roles/${role}.yaml`;

function roleFile(configuration: Tree): string {
  return stringify(
    { image: 'cumulus-5.11.1', templates: ['switch.yaml.j2'], configuration },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

function deviceFile(numbers: SwitchNumbers, role: string): string {
  return `platform: cumulus
role: ${role}
address: ${numbers.management}
serial: ${numbers.serial}
tls:
  pins: [sha256:${createHash('sha256').update(numbers.serial).digest('hex')}]
data:
  management: ${numbers.management}
  loopback: ${numbers.loopback}
  asn: ${numbers.asn}
  place: ${numbers.place}
`;
}

const settingsFile = `forge:
  kind: github
  repository: acme/fleet
secrets:
  sources:
    - kind: environment
  fingerprint_key: { secret: fleet/fingerprint-key }
credentials:
  plan: { username: pointsman-plan, password: { secret: fleet/plan-password } }
  apply: { username: pointsman, password: { secret: fleet/apply-password } }
rollout:
  devices_at_once: 50
`;

const approvalsFile = `rules:
  - name: network operations reviews every change
    approvals: 1
    by:
      teams: [acme/netops]
`;

const imagesFile = `cumulus-5.11.1:
  platform: cumulus
  version: 5.11.1
  file: cumulus-linux-5.11.1-mlx-amd64.bin
  sha256: ${'5c'.repeat(32)}
`;
