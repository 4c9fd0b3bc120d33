import { isTree, type Leaf, type Tree } from '../../schemas/json.ts';
import {
  FILES,
  FRR_SECTIONS,
  INTERFACES_SECTIONS,
  NOT_A_SECTION,
  SECRET_KEY,
  SECRET_LINES,
  type Sections,
} from './facts.ts';

/** A line as it stands in a tree: its key, and its secret apart. */
export interface PlacedLine {
  readonly key: string;
  readonly secret?: string;
}

/** @param line Trimmed, with single spaces. */
export function placeLine(line: string): PlacedLine {
  for (const { line: form } of SECRET_LINES) {
    const [, before, secret, rest] = form.exec(line) ?? [];
    if (before === undefined || secret === undefined) continue;
    // A line that already went through here says where its secret was.
    return { key: rest === undefined ? before : `${before} ${SECRET_KEY}${rest}`, secret };
  }
  return { key: line };
}

/** The opposite of {@link placeLine}. */
export function spellLine({ key, secret }: PlacedLine): string {
  if (secret === undefined) return key;
  return key.includes(SECRET_KEY) ? key.replace(SECRET_KEY, () => secret) : `${key} ${secret}`;
}

/** The secret of a node that is a line with one. */
export function secretOf(node: Leaf | Tree | undefined): string | undefined {
  const secret = isTree(node) ? (node as Tree)[SECRET_KEY] : undefined;
  return typeof secret === 'string' ? secret : undefined;
}

/** What a line holds when it stands alone. */
export function nodeOf({ secret }: PlacedLine): Tree {
  return secret === undefined ? {} : { [SECRET_KEY]: secret };
}

export function sectionsOf(file: string): Sections {
  return file === FILES.interfaces ? INTERFACES_SECTIONS : FRR_SECTIONS;
}

/** The sections that may stand in the one `line` opens, or `undefined` when it opens none. */
export function openedBy(line: string, within: Sections): Sections | undefined {
  if (NOT_A_SECTION.test(line)) return undefined;
  for (const [keyword, inner] of Object.entries(within)) if (beginsWith(line, keyword)) return inner;
  return undefined;
}

/** A keyword that ends in a space wants a word after it; one that does not is a whole word. */
function beginsWith(line: string, keyword: string): boolean {
  if (keyword.endsWith(' ')) return line.startsWith(keyword) && line.length > keyword.length;
  return line === keyword || line.startsWith(`${keyword} `);
}
