import { compareNaturally } from '../plans/natural-order.ts';
import type { TreePath } from '../schemas/json.ts';

/** A secret where a switch has it. */
export interface FoundSecret {
  /** Of this secret at this place. */
  readonly id: string;
  readonly device: string;
  readonly site: string;
  readonly at: 'value' | 'key';
  readonly value: string;
  /** A star stands where a key is secret. */
  readonly path: TreePath;
  readonly encrypted: boolean;
  readonly hidden: boolean;
}

/** Secrets the fleet names already. */
export interface KnownSecrets {
  /** Name by value, as far as values could be read. */
  readonly byValue: ReadonlyMap<string, string>;
  /** Every name there is, readable or not. */
  readonly names: ReadonlySet<string>;
}

/**
 * A name for every secret: `ams1/cumulus-hashed-password`, from the site and the place it stands at. Equal values at leaves
 * of one name share it, over all switches; `fleet/` where they are of several sites. Where two values would get one name,
 * each gets that of its switch, or a number.
 *
 * @returns Names by {@link FoundSecret.id}; each names one value, also among what `known` has.
 */
export function nameSecrets(found: readonly FoundSecret[], known: KnownSecrets): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const fresh = new Map<string, FoundSecret[]>();
  for (const secret of found) {
    const name = secret.hidden ? undefined : known.byValue.get(secret.value);
    if (name !== undefined) names.set(secret.id, name);
    else fresh.set(shareOf(secret), [...(fresh.get(shareOf(secret)) ?? []), secret]);
  }
  const groups = [...fresh.values()].map((group) => ({ group, wanted: wantedName(group) }));
  const wantedBy = new Map<string, number>();
  for (const { wanted } of groups) wantedBy.set(wanted, (wantedBy.get(wanted) ?? 0) + 1);

  const taken = new Set([...known.names].map(variableOf));
  for (const { group, wanted } of groups.toSorted((a, b) => compareNaturally(nameKey(a), nameKey(b)))) {
    const contested = (wantedBy.get(wanted) ?? 0) > 1;
    const name = freeName(contested ? ownName(group, wanted) : wanted, taken);
    taken.add(variableOf(name));
    for (const { id } of group) names.set(id, name);
  }
  return names;
}

/**
 * Secrets that share one name. The same text for two purposes is two secrets, so that one can be changed without the other;
 * what a switch hides cannot be known to be the same as anything.
 */
function shareOf({ value, path, at, hidden, device }: FoundSecret): string {
  return JSON.stringify(hidden ? [device, path, at] : [value, at, at === 'key' ? path.at(-2) : path.at(-1)]);
}

function nameKey({ group, wanted }: { readonly group: readonly FoundSecret[]; readonly wanted: string }): string {
  return `${wanted} ${group[0]?.device} ${group[0]?.path.join(' ')}`;
}

function wantedName(group: readonly FoundSecret[]): string {
  return `${scopeOf(group)}/${placeOf(group)}`;
}

/** For one that only one switch has. */
function ownName(group: readonly FoundSecret[], wanted: string): string {
  const devices = new Set(group.map(({ device }) => device));
  const [device] = devices;
  return devices.size === 1 && device !== undefined
    ? `${scopeOf(group)}/${tidy(`${device}-${placeOf(group)}`)}`
    : wanted;
}

function scopeOf(group: readonly FoundSecret[]): string {
  const sites = new Set(group.map(({ site }) => site));
  const [site] = sites;
  return sites.size === 1 && site !== undefined ? tidy(site) : 'fleet';
}

/** `cumulus-hashed-password`, or what the places have in common: `neighbor-password`. */
function placeOf(group: readonly FoundSecret[]): string {
  const [first, ...others] = group.map(({ path, at }) => (at === 'key' ? path.slice(0, -1) : path)) as [
    TreePath,
    ...TreePath[],
  ];
  const last = first.at(-1) ?? 'secret';
  const above = first
    .slice(0, -1)
    .filter((key, index) => others.every((path) => path[index] === key))
    .filter((key) => /[a-z]/i.test(key));
  const isKey = group[0]?.at === 'key';
  return tidy(isKey || above.length === 0 ? last : `${above.at(-1)}-${last}`);
}

/** As the fleet's schema wants the parts of a name. */
function tidy(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  return plain === '' ? 'secret' : plain;
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(variableOf(name)); number += 1) name = `${wanted}-${number}`;
  return name;
}

/** Names that would be one environment variable are one name, see `secrets.sources` of pointsman.yaml. */
function variableOf(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}
