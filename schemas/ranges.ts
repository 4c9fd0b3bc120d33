/**
 * Range keys: NVUE writes siblings with equal content under one key (`swp1-4`, `bond1-3`, `swp2,6`, `swp1s0-3`,
 * `10,20,30`, `100-105`). What is a range is decided by position and by shape, because names people choose may look
 * like one:
 *
 * - Below a map whose keys are names someone made up ({@link FREE_NAMES}: ACLs, prefix lists, peer groups, VRFs, users…)
 *   a key is never a range.
 * - Elsewhere a key is a range when it is whole numbers (`10`, `100-105`) joined by commas and dashes, or interface names:
 *   a known prefix ({@link PORT_PREFIX}), or directly below `interface`, `neighbor` or `member` any letters, then a
 *   number, optionally `s`, `p` or a dot and a number (breakouts, subinterfaces), and a dash or a comma. An element
 *   without a prefix takes that of the one before it (`swp2,6`); directly below those three a comma always lists.
 * - So `leaf-1`, `br_default`, `1.1.1.1` and `2001:db8::1-2` are names: no number stands directly before their dash.
 *
 * Source: NVUE's startup.yaml and `nv config show`, device-protocols §A.10.
 */
import { isTree, type Leaf, type Tree, type TreePath } from './json.ts';

/** Maps whose keys are free names, by the key they stand under. */
const FREE_NAMES: ReadonlySet<string> = new Set([
  ...[
    'acl',
    'prefix-list',
    'route-map',
    'as-path-list',
    'community-list',
    'ext-community-list',
    'large-community-list',
  ],
  ...[
    'peer-group',
    'vrf',
    'domain',
    'profile',
    'group',
    'user',
    'role',
    'class',
    'username',
    'snippet',
    'file',
    'view',
  ],
  ...[
    'readonly-community',
    'readonly-community-v6',
    'trap-destination',
    'server',
    'certificate',
    'ca-certificate',
    'crl',
  ],
]);

/** Interfaces of Cumulus Linux and NVOS that are numbered. */
const PORT_PREFIX = /^(?:swp|bond|eth|vlan|vxlan|vni|lo|ib|fnm|sw\d+p)$/;
/** Below these a key names an interface, so a bond may be called anything. */
const INTERFACE_MAPS: ReadonlySet<string> = new Set(['interface', 'neighbor', 'member']);

/** A range holds at most what a VLAN id can be. */
const LARGEST_RANGE = 4094;

export type KeyExpansion =
  | { readonly kind: 'name' }
  | { readonly kind: 'range'; readonly keys: readonly string[] }
  /** Looks like a range and cannot be one: `swp4-1`, `swp1-`. */
  | { readonly kind: 'malformed'; readonly message: string };

/**
 * What a key stands for.
 *
 * @param parent Path of the map the key stands in; ranges in it need not be expanded.
 */
export function expandKey(parent: TreePath, key: string): KeyExpansion {
  return expandBelow(parent.at(-1), key);
}

/**
 * The tree with every range key written out; the same object when there is none. Where a single key stands beside a
 * range that covers it, both count and the single one wins, wherever it stands: it is the more specific, and maps do
 * not keep numeric keys in file order. Keys that look like ranges but are malformed stay as they are;
 * {@link malformedRanges} finds them.
 */
export function expandRanges(tree: Tree): Tree {
  return expandMap(tree, undefined);
}

/** Keys the expanded tree would hold, told without expanding: ranges inside ranges multiply. */
export function expandedSize(tree: Tree): number {
  const sizeOf = (node: Tree, path: TreePath): number =>
    Object.entries(node).reduce((size, [key, child]) => {
      const expansion = expandKey(path, key);
      const copies = expansion.kind === 'range' ? expansion.keys.length : 1;
      return size + copies * (1 + (isTree(child) ? sizeOf(child, [...path, key]) : 0));
    }, 0);
  return sizeOf(tree, []);
}

export interface MalformedRange {
  readonly path: TreePath;
  readonly message: string;
}

export function malformedRanges(tree: Tree): readonly MalformedRange[] {
  const found: MalformedRange[] = [];
  const visit = (node: Tree, path: TreePath): void => {
    for (const [key, child] of Object.entries(node)) {
      const expansion = expandKey(path, key);
      if (expansion.kind === 'malformed') found.push({ path: [...path, key], message: expansion.message });
      if (isTree(child)) visit(child, [...path, key]);
    }
  };
  visit(tree, []);
  return found;
}

const NAME: KeyExpansion = { kind: 'name' };

/** @param above The key the map stands under. */
function expandBelow(above: string | undefined, key: string): KeyExpansion {
  if (!/[,-]/.test(key) || !/\d/.test(key)) return NAME;
  if (above !== undefined && FREE_NAMES.has(above)) return NAME;
  const elements = key.split(',').map((element) => element.trim());
  // No interface has a comma in its name.
  const lists = elements.length > 1 && above !== undefined && INTERFACE_MAPS.has(above);
  const first = ELEMENT.exec(elements[0] ?? '');
  const counts = first !== null && isCountable(first.groups?.['prefix'] ?? '', above);
  return lists || counts ? expandElements(key, elements, above) : NAME;
}

/** `swp1-4`, `swp1s0-3`, `100-105`, `6`: prefix, first number, and the last one of a span. */
const ELEMENT = /^(?<prefix>(?:(?:sw\d+p|[a-z]+)(?:\d+[sp.])*)?)(?<from>\d+)(?:-(?<to>\d*))?$/;

function isCountable(prefix: string, above: string | undefined): boolean {
  if (prefix === '') return true;
  const letters = /^(?:sw\d+p|[a-z]+)/.exec(prefix)?.[0] ?? '';
  return PORT_PREFIX.test(letters) || (above !== undefined && INTERFACE_MAPS.has(above));
}

function expandElements(key: string, elements: readonly string[], above: string | undefined): KeyExpansion {
  const keys: string[] = [];
  let prefix = '';
  for (const element of elements) {
    const groups = ELEMENT.exec(element)?.groups;
    const from = groups?.['from'];
    // A name without a number may stand among others: `lo,swp1-2`.
    if (from === undefined) {
      if (!/^[a-z][a-z0-9_]*$/.test(element))
        return malformed(key, `"${element}" is neither a number nor an interface`);
      keys.push(element);
      continue;
    }
    if (groups?.['prefix']) prefix = groups['prefix'];
    if (!isCountable(prefix, above)) return malformed(key, `"${element}" is not a numbered interface`);
    const to = groups?.['to'] ?? from;
    if (/^0\d/.test(from)) return malformed(key, `"${element}" has a number with a leading zero`);
    const count = Number(to) - Number(from) + 1;
    if (to === '' || count < 1) return malformed(key, `"${element}" does not count upwards`);
    if (keys.length + count > LARGEST_RANGE) return malformed(key, `it stands for more than ${LARGEST_RANGE} keys`);
    for (let number = Number(from); number <= Number(to); number += 1) keys.push(`${prefix}${number}`);
  }
  return { kind: 'range', keys };
}

function malformed(key: string, why: string): KeyExpansion {
  return { kind: 'malformed', message: `the range key "${key}" cannot be read: ${why}` };
}

function expandMap(tree: Tree, above: string | undefined): Tree {
  // Nearly every map is expanded already, and nothing is made for those.
  let hasRange = false;
  let changed: Map<string, Tree> | undefined;
  for (const key of Object.keys(tree)) {
    hasRange ||= expandBelow(above, key).kind === 'range';
    const child = tree[key];
    if (!isTree(child)) continue;
    // Under the range's own name, as it would be under each of its keys: neither is a free name.
    const value = expandMap(child, key);
    if (value === child) continue;
    changed ??= new Map();
    changed.set(key, value);
  }
  if (!hasRange && !changed) return tree;

  const read = Object.entries(tree).map(([key, child]) => ({
    key,
    expansion: expandBelow(above, key),
    value: changed?.get(key) ?? child,
  }));
  const expanded: Record<string, Leaf | Tree> = {};
  for (const { expansion, value } of read) {
    if (expansion.kind === 'range') for (const name of expansion.keys) lay(expanded, name, value);
  }
  for (const { key, expansion, value } of read) if (expansion.kind !== 'range') lay(expanded, key, value);
  return expanded;
}

function lay(onto: Record<string, Leaf | Tree>, key: string, value: Leaf | Tree): void {
  const below = Object.hasOwn(onto, key) ? onto[key] : undefined;
  onto[key] = isTree(below) && isTree(value) ? mergeInto(below, value) : value;
}

function mergeInto(below: Tree, above: Tree): Tree {
  const merged: Record<string, Leaf | Tree> = { ...below };
  for (const [key, value] of Object.entries(above)) lay(merged, key, value);
  return merged;
}
