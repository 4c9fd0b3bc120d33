/**
 * The other way round from `expandRanges` (schemas/ranges.ts): numbered siblings that say the same stand under one range
 * key, so that a switch of 54 alike ports is three lines and not a hundred. `expandRanges(foldRanges(tree))` is `tree`.
 */
import { canonicalJson } from '../schemas/canonical.ts';
import { isBranch, type Leaf, type Tree, type TreePath } from '../schemas/json.ts';
import { expandKey } from '../schemas/ranges.ts';
import { leavesOf, type TreeLeaf, treeOf } from './tree-leaves.ts';

/** A range key nobody can take in at a glance saves nothing. */
const LONGEST_KEY = 120;
/** Well below what a key may stand for, however many spans it lists. */
const LONGEST_SPAN = 200;
/** Ports that share only a part are taken apart for this many lines, and not for fewer: whole blocks read better. */
const WORTH_SPLITTING_LINES = 2;

/** @param tree Without range keys. */
export function foldRanges(tree: Tree): Tree {
  return foldMap(tree, []);
}

function foldMap(tree: Tree, path: TreePath): Tree {
  const families = new Map<string, Member[]>();
  const entries: [string, Leaf | Tree][] = [];
  for (const [key, value] of Object.entries(tree)) {
    const { prefix, number } = numbered(path, key) ?? {};
    if (prefix === undefined || number === undefined) entries.push([key, value as Leaf | Tree]);
    else families.set(prefix, [...(families.get(prefix) ?? []), { number, node: value as Leaf | Tree }]);
  }
  for (const [prefix, members] of families) entries.push(...foldFamily(prefix, members));
  return Object.fromEntries(
    entries.map(([key, value]): [string, Leaf | Tree] => [
      key,
      isBranch(value) ? foldMap(value, [...path, key]) : value,
    ]),
  );
}

interface Member {
  readonly number: number;
  readonly node: Leaf | Tree;
}

/** Siblings under which the same stands. */
interface Block {
  /** Ascending. */
  readonly numbers: readonly number[];
  readonly node: Leaf | Tree;
}

const NUMBERED = /^(?<prefix>(?:(?:sw\d+p|[a-z]+)(?:\d+[sp.])*)?)(?<number>0|[1-9]\d{0,8})$/;

/** Prefix and number of a key that could be one of a range where it stands. */
function numbered(path: TreePath, key: string): { readonly prefix: string; readonly number: number } | undefined {
  const groups = NUMBERED.exec(key)?.groups;
  if (!groups) return undefined;
  const prefix = groups['prefix'] ?? '';
  // Only the reader of ranges knows where a name is free. Where this is a range, so is every list of that prefix.
  if (expandKey(path, `${prefix}1-2`).kind !== 'range') return undefined;
  return { prefix, number: Number(groups['number']) };
}

function foldFamily(prefix: string, members: readonly Member[]): readonly [string, Leaf | Tree][] {
  return splitShared(blocksOf(members)).flatMap(({ numbers, node }) =>
    rangeKeys(prefix, numbers).map((key): [string, Leaf | Tree] => [key, node]),
  );
}

/** Members with equal content put together, in the order of their first number. */
function blocksOf(members: readonly Member[]): readonly Block[] {
  const alike = new Map<string, Member[]>();
  for (const member of members.toSorted((a, b) => a.number - b.number)) {
    const content = canonicalJson(member.node);
    alike.set(content, [...(alike.get(content) ?? []), member]);
  }
  return [...alike.values()].map((group) => ({
    numbers: group.map(({ number }) => number),
    node: (group[0] as Member).node,
  }));
}

/**
 * Takes out what several blocks share, as a block of its own over all their numbers, while that saves lines. Parts and rest
 * have no leaf in common, so laying them over each other in any order gives what there was.
 */
function splitShared(blocks: readonly Block[]): readonly Block[] {
  const plain = blocks.filter(({ node }) => !isBranch(node));
  const shared: Block[] = [];
  let rest = blocks.filter((block): block is Block & { readonly node: Tree } => isBranch(block.node)).map(toParts);
  for (let best = bestShare(rest); best; best = bestShare(rest)) {
    const { with: sharers, leaves } = best;
    const numbers = sharers.flatMap((part) => part.numbers).toSorted((a, b) => a - b);
    shared.push({ numbers, node: treeOf([...leaves.values()]) });
    const left = rest.map((part) => (sharers.includes(part) ? without(part, leaves) : part));
    rest = left.filter((part) => part.leaves.size > 0);
  }
  return [...shared, ...together(rest), ...plain];
}

/** A block by its leaves, each under a text that names path and value. */
interface Part {
  readonly numbers: readonly number[];
  readonly leaves: ReadonlyMap<string, TreeLeaf>;
}

function toParts({ numbers, node }: Block & { readonly node: Tree }): Part {
  return { numbers, leaves: new Map(leavesOf(node).map((leaf) => [canonicalJson([leaf.path, leaf.value]), leaf])) };
}

interface Share {
  readonly with: readonly Part[];
  readonly leaves: ReadonlyMap<string, TreeLeaf>;
  readonly savedLines: number;
}

/** The one taking out that saves most; tried for the set of parts behind each leaf. */
function bestShare(parts: readonly Part[]): Share | undefined {
  const holders = new Map<string, Part[]>();
  for (const part of parts) for (const key of part.leaves.keys()) holders.set(key, [...(holders.get(key) ?? []), part]);
  const tried = new Set<string>();
  let best: Share | undefined;
  for (const sharers of holders.values()) {
    if (sharers.length < 2) continue;
    const name = sharers.map(({ numbers }) => numbers[0]).join();
    if (tried.has(name)) continue;
    tried.add(name);
    const share = shareOf(sharers);
    if (share.savedLines >= WORTH_SPLITTING_LINES && share.savedLines > (best?.savedLines ?? 0)) best = share;
  }
  return best;
}

function shareOf(sharers: readonly Part[]): Share {
  const [first, ...others] = sharers as [Part, ...Part[]];
  const leaves = new Map([...first.leaves].filter(([key]) => others.every((other) => other.leaves.has(key))));
  const before = sharers.reduce((lines, part) => lines + linesOf(part.leaves), 0);
  const after = sharers.map((part) => without(part, leaves)).filter((part) => part.leaves.size > 0);
  const remaining = together(after).reduce((lines, { node }) => lines + 1 + linesOfTree(node), 0);
  return { with: sharers, leaves, savedLines: before - (linesOf(leaves) + remaining) };
}

/** Lines of a block: its key and all below. */
function linesOf(leaves: ReadonlyMap<string, TreeLeaf>): number {
  return 1 + linesOfTree(treeOf([...leaves.values()]));
}

function linesOfTree(node: Leaf | Tree): number {
  return isBranch(node) ? Object.values(node).reduce<number>((sum, child) => sum + 1 + linesOfTree(child), 0) : 0;
}

function without(part: Part, leaves: ReadonlyMap<string, TreeLeaf>): Part {
  return { ...part, leaves: new Map([...part.leaves].filter(([key]) => !leaves.has(key))) };
}

/** Parts that have become equal are one block again. */
function together(parts: readonly Part[]): readonly Block[] {
  return blocksOf(
    parts.flatMap(({ numbers, leaves }) => {
      const node = treeOf([...leaves.values()]);
      return numbers.map((number) => ({ number, node }));
    }),
  );
}

/** `swp1-4,swp7`; as many keys as it takes to keep each short. Every number is in one of them. */
function rangeKeys(prefix: string, numbers: readonly number[]): readonly string[] {
  const keys: string[] = [];
  for (const span of spansOf(numbers)) {
    const part = `${prefix}${span.from}${span.to > span.from ? `-${span.to}` : ''}`;
    const longer = `${keys.at(-1)},${part}`;
    if (keys.length > 0 && longer.length <= LONGEST_KEY) keys[keys.length - 1] = longer;
    else keys.push(part);
  }
  return keys;
}

function spansOf(numbers: readonly number[]): readonly { readonly from: number; readonly to: number }[] {
  const spans: { from: number; to: number }[] = [];
  for (const number of numbers) {
    const last = spans.at(-1);
    if (last && last.to === number - 1 && number - last.from < LONGEST_SPAN) last.to = number;
    else spans.push({ from: number, to: number });
  }
  return spans;
}
