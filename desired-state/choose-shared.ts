import { canonicalJson } from '../schemas/canonical.ts';
import type { Leaf, Tree, TreePath } from '../schemas/json.ts';
import { mergeTrees } from './merge-trees.ts';
import { leavesOf, type TreeLeaf, treeOf } from './tree-leaves.ts';

/** One switch and the layers it stands under. */
export interface DeviceToLift {
  readonly name: string;
  readonly site: string;
  readonly role: string;
  /** Ranges expanded, without `null`. */
  readonly tree: Tree;
}

/** What roles and sites say already and have to go on saying, because others stand under them too: layers by name, lowest first. */
export interface FixedLayers {
  readonly roles: ReadonlyMap<string, readonly Tree[]>;
  readonly sites: ReadonlyMap<string, readonly Tree[]>;
}

/** What devices have in common, by role and by site. */
export interface SharedLayers {
  readonly roles: ReadonlyMap<string, Tree>;
  readonly sites: ReadonlyMap<string, Tree>;
}

/** `equal`: what all have. `mostly`: also what most have, where the exceptions are fewer lines than saying it often. */
export type Sharing = 'equal' | 'mostly';

/**
 * Which leaves to write once for a role or a site. Each is decided by itself, by the lines it costs: one where it is
 * shared, and one in every device that has to say otherwise. What costs the same stays with the role, which is what
 * a switch is, rather than the site.
 *
 * Only a choice: whatever it is, the devices' own layers make up for it (`diffLayer`).
 */
export function chooseShared(devices: readonly DeviceToLift[], fixed: FixedLayers, sharing: Sharing): SharedLayers {
  const roles = new Map<string, TreeLeaf[]>();
  const sites = new Map<string, TreeLeaf[]>();
  for (const place of placesOf(devices, fixed)) {
    const choice = cheapest(place, sharing);
    for (const [scopes, chosen] of [
      [roles, choice.roles],
      [sites, choice.sites],
    ] as const) {
      for (const [name, text] of chosen) {
        const value = place.values.get(text) as Leaf;
        scopes.set(name, [...(scopes.get(name) ?? []), { path: place.path, value }]);
      }
    }
  }
  const trees = (scopes: ReadonlyMap<string, readonly TreeLeaf[]>) =>
    new Map([...scopes].map(([name, leaves]) => [name, treeOf(leaves)]));
  return { roles: trees(roles), sites: trees(sites) };
}

/** One path and what every device, fixed role and fixed site has there, by canonical text; absent where it has nothing. */
interface Place {
  readonly path: TreePath;
  readonly values: ReadonlyMap<string, Leaf>;
  readonly devices: readonly { readonly site: string; readonly role: string; readonly text: string | undefined }[];
  readonly fixedRoles: ReadonlyMap<string, string | undefined>;
  readonly fixedSites: ReadonlyMap<string, string | undefined>;
}

type LeafTexts = ReadonlyMap<string, { readonly leaf: TreeLeaf; readonly text: string }>;

function textsOf(tree: Tree): LeafTexts {
  return new Map(leavesOf(tree).map((leaf) => [canonicalJson(leaf.path), { leaf, text: canonicalJson(leaf.value) }]));
}

function placesOf(devices: readonly DeviceToLift[], fixed: FixedLayers): readonly Place[] {
  const read = devices.map((device) => ({ device, texts: textsOf(device.tree) }));
  const fixedTexts = (scopes: ReadonlyMap<string, readonly Tree[]>) =>
    [...scopes].map(([name, layers]) => [name, textsOf(layers.reduce(mergeTrees, {}))] as const);
  const [roles, sites] = [fixedTexts(fixed.roles), fixedTexts(fixed.sites)];
  const paths = new Map(read.flatMap(({ texts }) => [...texts].map(([key, { leaf }]) => [key, leaf.path] as const)));
  return [...paths].map(([key, path]) => ({
    path,
    values: new Map(
      read.flatMap(({ texts }) => {
        const found = texts.get(key);
        return found ? [[found.text, found.leaf.value] as const] : [];
      }),
    ),
    devices: read.map(({ device, texts }) => ({ site: device.site, role: device.role, text: texts.get(key)?.text })),
    fixedRoles: new Map(roles.map(([name, texts]) => [name, texts.get(key)?.text])),
    fixedSites: new Map(sites.map(([name, texts]) => [name, texts.get(key)?.text])),
  }));
}

/** What a role or a site says at one place, by name; absent where it says nothing. */
interface Choice {
  readonly roles: ReadonlyMap<string, string>;
  readonly sites: ReadonlyMap<string, string>;
}

/** A removal is a line like any other, and harder to read: between equals the one with fewer wins. */
const REMOVAL_LINES = 1.2;
const SITE_LINES = 1.1;
const ROUNDS = 4;
/** Of a role or a site, for `mostly`. What half of them have is two kinds of switch, not a rule with exceptions. */
const MOST = 0.75;
/** What a port does is a matter of what the switch is, however many roles of a site happen to agree. */
const PORT = /^(?:swp|sw\d+p|bond)\d/;

function cheapest(place: Place, sharing: Sharing): Choice {
  const nothing: Choice = { roles: new Map(), sites: new Map() };
  const rolesFirst = settle(place, sharing, ['roles', 'sites'], nothing);
  const sitesFirst = settle(place, sharing, ['sites', 'roles'], nothing);
  return costOf(place, sitesFirst) < costOf(place, rolesFirst) ? sitesFirst : rolesFirst;
}

/** Betters one role or site after the other until none can be: not always the very best, and always a good one. */
function settle(place: Place, sharing: Sharing, order: readonly ('roles' | 'sites')[], from: Choice): Choice {
  let choice = from;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = choice;
    for (const kind of order)
      for (const name of freeScopes(place, kind)) choice = better(place, sharing, choice, kind, name);
    if (choice === before) break;
  }
  return choice;
}

function freeScopes(place: Place, kind: 'roles' | 'sites'): readonly string[] {
  if (kind === 'sites' && place.path.some((key) => PORT.test(key))) return [];
  const isFixed = kind === 'roles' ? place.fixedRoles : place.fixedSites;
  const names = place.devices.map((device) => (kind === 'roles' ? device.role : device.site));
  return [...new Set(names)].filter((name) => !isFixed.has(name));
}

function better(place: Place, sharing: Sharing, choice: Choice, kind: 'roles' | 'sites', name: string): Choice {
  const members = place.devices.filter((device) => (kind === 'roles' ? device.role : device.site) === name);
  const texts = new Set(members.flatMap(({ text }) => (text === undefined ? [] : [text])));
  const mostOften = sharing === 'mostly' ? MOST : 1;
  const shareable = [...texts].filter(
    (text) => members.filter((member) => member.text === text).length >= mostOften * members.length,
  );
  let best = choice;
  for (const text of [undefined, ...shareable]) {
    const scopes = new Map(choice[kind]);
    if (text === undefined) scopes.delete(name);
    else scopes.set(name, text);
    const tried = { ...choice, [kind]: scopes };
    if (costOf(place, tried) < costOf(place, best)) best = tried;
  }
  return best;
}

function costOf({ devices, fixedRoles, fixedSites }: Place, { roles, sites }: Choice): number {
  const shared = roles.size + sites.size * SITE_LINES;
  return devices.reduce((lines, { site, role, text }) => {
    const below = sites.get(site) ?? fixedSites.get(site) ?? roles.get(role) ?? fixedRoles.get(role);
    if (below === text) return lines;
    return lines + (text === undefined ? REMOVAL_LINES : 1);
  }, shared);
}
