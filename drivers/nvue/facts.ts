/**
 * Everything about NVUE that is knowledge rather than logic. A new release should change this file and the traces in
 * `test/drivers/`, nothing else.
 *
 * Source: the Cumulus Linux 4.4 to 5.3 OpenAPI documents and the 5.x user guide ("NVUE API", "NVUE Configuration"), and
 * what NVIDIA's public clients (`nvidia.nvue`, `nvue-client`) send.
 */
import type { SecretPattern } from '../../schemas/secret.ts';

/** What differs between the systems that speak NVUE. */
export interface NvuePlatform {
  readonly platform: string;
  /** As the header of `nv config show` writes it, before the version. */
  readonly systemName: string;
  /** The account the system is born with. A replace that leaves it out deletes it. */
  readonly factoryUser: string;
}

export const cumulus: NvuePlatform = { platform: 'cumulus', systemName: 'Cumulus Linux', factoryUser: 'cumulus' };
export const nvos: NvuePlatform = { platform: 'nvos', systemName: 'NVOS', factoryUser: 'admin' };

/** How systems call themselves in `/system`. */
export const PRODUCTS: readonly { readonly name: RegExp; readonly platform: string }[] = [
  { name: /^cumulus linux\b/i, platform: cumulus.platform },
  { name: /^nvos\b/i, platform: nvos.platform },
];

const BASE = '/nvue_v1';

/** Ids may hold slashes (`changeset/cumulus/…`, `rev_6_apply_1/start`), which have to be written `%2F`. */
const revision = (id: string) => `${BASE}/revision/${encodeURIComponent(id)}`;
const operational = (path: string) => `${BASE}${path}${path.includes('?') ? '&' : '?'}rev=operational`;

/** Every address we ask. `rev` is always written out: some collections answer from another revision without it. */
export const paths = {
  revisions: `${BASE}/revision`,
  revision,
  /** The explicitly set values of a revision; defaults are left out. */
  tree: (id: string) => `${BASE}/?rev=${encodeURIComponent(id)}&filled=false`,
  /** A merge-patch that turns `base` into `target`. */
  diff: (target: string, base: string) =>
    `${BASE}/?rev=${encodeURIComponent(target)}&diff=${encodeURIComponent(base)}&filled=false`,
  edit: (id: string) => `${BASE}/?rev=${encodeURIComponent(id)}`,
  system: operational('/system'),
  platform: operational('/platform'),
  health: operational('/system/health'),
  link: (name: string) => operational(`/interface/${encodeURIComponent(name)}/link`),
  /** The whole body can hang the service on switches with many ports: only what we read is asked for. */
  interfaces: operational(
    '/interface?include=/*/type&include=/*/link/state&include=/*/link/oper-status&include=/*/link/admin-status' +
      '&include=/*/lldp/neighbor',
  ),
  /** Of every VRF: sessions of tenants matter as much as those of the fabric. */
  bgpNeighbors: operational('/vrf?include=/*/router/bgp/neighbor'),
  mlag: operational('/mlag'),
} as const;

/** Names that stand for a revision without being a candidate. */
export const SYMBOLIC_REVISIONS: readonly string[] = ['applied', 'startup', 'empty', 'operational', 'pending'];

/**
 * - `staged`: a draft. `in-progress`: on its way. `needs-answer`: stopped at a question.
 * - `live`: for good; `settling`: for good, being saved. `past`: was live, something else is now.
 * - `failed`: never became live, or was taken back.
 */
export type StateClass = 'staged' | 'in-progress' | 'needs-answer' | 'live' | 'settling' | 'past' | 'failed';

/** The complete set. Compared by equality, never by substring: `ays_fail` contains `ays`. */
export const STATES: ReadonlyMap<string, StateClass> = new Map<string, StateClass>([
  ['pending', 'staged'],
  ['detached', 'staged'],
  ['empty', 'staged'],
  ['apply', 'in-progress'],
  ['checking', 'in-progress'],
  ['checked', 'in-progress'],
  ['verifying', 'in-progress'],
  ['verified', 'in-progress'],
  ['readying', 'in-progress'],
  ['ready', 'in-progress'],
  ['reloading', 'in-progress'],
  ['reloaded', 'in-progress'],
  ['check_health', 'in-progress'],
  ['ays_yes', 'in-progress'],
  ['ignore_fail_yes', 'in-progress'],
  ['confirm_yes', 'in-progress'],
  ['ays', 'needs-answer'],
  ['confirm', 'needs-answer'],
  ['ignore_fail', 'needs-answer'],
  ['applied', 'live'],
  ['applied_and_saved', 'live'],
  ['saved', 'live'],
  ['auto_save', 'settling'],
  ['auto_saving', 'settling'],
  ['save', 'settling'],
  ['saving', 'settling'],
  ['inactive', 'past'],
  ['previous', 'past'],
  ['invalid', 'failed'],
  ['verify_error', 'failed'],
  ['ready_error', 'failed'],
  ['apply_error', 'failed'],
  ['apply_fail', 'failed'],
  ['ays_fail', 'failed'],
  ['ays_no', 'failed'],
  ['confirm_fail', 'failed'],
  ['confirm_no', 'failed'],
  ['ignore_fail_no', 'failed'],
  ['failed', 'failed'],
  ['error', 'failed'],
]);

/** States of somebody else's revision that keep ours from being applied. Verdicts (`confirm_fail`, `ready_error`…) stay for ever and block nobody. */
export const BLOCKING_CLASSES: readonly StateClass[] = ['in-progress', 'needs-answer'];

/** Failures during which the switch is still on its way back. */
export const ROLLING_BACK: readonly string[] = ['confirm_no', 'ignore_fail_no'];

/** Was live and was not confirmed: the timer ran out, or the answer was no. Source: device-protocols reference A.7. */
export const UNCONFIRMED: readonly string[] = ['confirm_no', 'confirm_fail'];

/** States that survive a reboot. */
export const SAVED: readonly string[] = ['applied_and_saved', 'saved'];

/** The bodies we send to a revision. `auto-prompt.confirm` would answer the confirm question in advance: never sent. */
export const bodies = {
  apply: (confirmWithinSeconds: number) => ({
    state: 'apply',
    'auto-prompt': { ays: 'ays_yes' },
    'state-controls': { confirm: confirmWithinSeconds },
  }),
  confirm: { state: 'confirm_yes' },
  reject: { state: 'confirm_no' },
  refuseWarnings: { state: 'ays_no' },
  /** `ignore_fail_yes` would keep a half-applied configuration: never sent. */
  refuseFailure: { state: 'ignore_fail_no' },
  save: { state: 'save', 'auto-prompt': { ays: 'ays_yes' } },
} as const;

/** Milliseconds until the first byte, and between two: a root tree may take two minutes on a big switch. */
export const TIMEOUTS_MS = { connect: 10_000, read: 30_000, write: 60_000, tree: 120_000 } as const;

/** `filled=true` of a big switch exceeds 10 MB; what we ask for is below 1 MB. */
export const MAX_REPLY_BYTES = 32 * 1024 * 1024;

/** What a name says of an interface; the switch adds `type` by itself when nobody wrote it. */
export const IMPLIED_TYPES: readonly { readonly name: RegExp; readonly type: string }[] = [
  { name: /^swp\d+(s\d+)?$/, type: 'swp' },
  { name: /^eth\d+$/, type: 'eth' },
  { name: /^lo$/, type: 'loopback' },
  { name: /^bond\d+$/, type: 'bond' },
  { name: /^vlan\d+$/, type: 'svi' },
];

/** Releases up to 5.10 write `enable: on|off`, newer ones `state: enabled|disabled`; each takes the other's word for its own. */
export const LEAF_ALIASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  enable: { enabled: 'on', disabled: 'off' },
  state: { on: 'enabled', off: 'disabled' },
};

/** Leaves of these names hold a secret wherever they stand. */
export const SECRET_LEAVES: readonly string[] = [
  'hashed-password',
  'password',
  'secret',
  'auth-password',
  'priv-password',
  'key',
  'md5',
  'shared-secret',
  'passphrase',
  'bind-password',
  // SNMPv3 users.
  'auth-md5',
  'auth-sha',
  'encrypt-aes',
  'encrypt-des',
  'private-key',
];

/** The keys of these maps are secrets. */
export const SECRET_KEY_MAPS: readonly string[] = ['readonly-community', 'readonly-community-v6'];

export const secretPatterns: readonly SecretPattern[] = [
  ...SECRET_LEAVES.map((leaf): SecretPattern => ({ path: ['**', leaf], at: 'value' })),
  ...SECRET_KEY_MAPS.map((map): SecretPattern => ({ path: ['**', map, '*'], at: 'key' })),
];

/** The switch encrypts secrets with a key of its own (5.10 and later), or shows a star instead. */
export function isOpaqueSecret(text: string): boolean {
  return text === '*' || text.startsWith('$nvsec$');
}

/** The interface and VRF the switch is managed through. */
export const MANAGEMENT = { interface: 'eth0', vrf: 'mgmt', defaultRoutes: ['0.0.0.0/0', '::/0'] } as const;
