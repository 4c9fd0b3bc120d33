/**
 * Range keys, as `nv config show` collapses them and PATCH accepts them. The emulator has its own reading of them: a mistake
 * in the product's must not be hidden by the same mistake here.
 */
import { isTree, type Leaf, type Tree } from '../../schemas/json.ts';

/** The maps in which keys name interfaces or numbers; elsewhere a dash or a comma is part of a name. */
const RANGED = new Set(['interface', 'vlan', 'vni', 'member', 'domain-vlan']);

/**
 * Expands `swp1-4`, `swp2,6`, `swp1s0-3`, `10,20,30` and combinations, wherever keys are interfaces, VLANs or VNIs.
 *
 * @returns Maps without ranges are the very same objects: a thousand switches may share the tree of their role.
 */
export function expandRangeKeys(tree: Tree): Tree {
  return holdsRange(tree, false) ? expand(tree, false) : tree;
}

function holdsRange(tree: Tree, ranged: boolean): boolean {
  return Object.entries(tree).some(
    ([key, value]) => (ranged && namesOf(key)[0] !== key) || (isTree(value) && holdsRange(value, RANGED.has(key))),
  );
}

function expand(tree: Tree, ranged: boolean): Tree {
  const result: Record<string, Leaf | Tree> = {};
  for (const [key, value] of Object.entries(tree)) {
    const below = isTree(value) && holdsRange(value, RANGED.has(key)) ? expand(value, RANGED.has(key)) : value;
    for (const name of ranged ? namesOf(key) : [key]) {
      const known = result[name];
      // `swp1-2` and `swp2` beside each other: both hold for swp2, the later key wins leaf by leaf.
      result[name] = isTree(known) && isTree(below) ? overlay(known, below) : below;
    }
  }
  return result;
}

function overlay(under: Tree, over: Tree): Tree {
  const result: Record<string, Leaf | Tree> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const known = result[key];
    result[key] = isTree(known) && isTree(value) ? overlay(known, value) : value;
  }
  return result;
}

/** More VLANs than there are; a longer range is not one. */
const LONGEST = 4096;

const PART = /^(.*?)(\d+)(?:-(\d+))?$/;

/** @returns The key itself when it is not a range. */
export function namesOf(key: string): readonly string[] {
  if (!/[,-]/.test(key)) return [key];
  const names: string[] = [];
  let prefix: string | undefined;
  for (const part of key.split(',')) {
    const match = PART.exec(part);
    if (!match) return [key];
    const [, written = '', from = '', to] = match;
    // After a comma the prefix may be left out: `swp2,6`.
    const stem: string = written === '' && prefix !== undefined ? prefix : written;
    const last = Number(to ?? from);
    if (/[^a-z0-9_.]/i.test(stem) || last < Number(from) || last - Number(from) > LONGEST) return [key];
    prefix = stem;
    for (let number = Number(from); number <= last; number++) names.push(`${stem}${number}`);
  }
  return names;
}
