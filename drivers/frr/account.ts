import type { Tree } from '../../schemas/json.ts';
import { isBranch } from '../../schemas/json.ts';
import {
  FRR_SECTIONS,
  NEIGHBOR_MAKERS,
  REPLACED_IN_PLACE,
  SECRET_KEY,
  type Sections,
  SHOWN_ONLY_WITH_LINES,
} from './facts.ts';
import { nodeOf, openedBy, placeLine } from './lines.ts';
import { childOf, nodeAt, treeAt, withNode } from './tree.ts';

/** One line of FRR's own account, with the sections it stands in. */
export interface AccountLine {
  readonly sections: readonly string[];
  /** Of a deletion: the command that deletes. */
  readonly line: string;
}

/** What `frr-reload.py --test` says would have to be done. */
export interface Account {
  readonly deleted: readonly AccountLine[];
  readonly added: readonly AccountLine[];
}

/**
 * Reads "Lines To Delete" and "Lines To Add". Every command stands there with all of its sections, each one space deeper than
 * the one before.
 *
 * @returns `undefined` when it is something else.
 */
export function parseAccount(stdout: string): Account | undefined {
  const account = { deleted: [] as AccountLine[], added: [] as AccountLine[] };
  let into: AccountLine[] | undefined;
  let command: string[] = [];
  const finish = (): void => {
    const line = command.at(-1);
    if (line !== undefined) into?.push({ sections: command.slice(0, -1), line });
    command = [];
  };
  for (const text of stdout.split('\n')) {
    if (text.trim() === '' || /^=+$/.test(text)) continue;
    const heading = /^Lines To (Delete|Add)$/.exec(text)?.[1];
    if (heading !== undefined) {
      finish();
      into = heading === 'Delete' ? account.deleted : account.added;
      continue;
    }
    if (into === undefined) return undefined;
    const depth = text.length - text.trimStart().length;
    if (depth > command.length) return undefined;
    if (depth === 0) finish();
    else if (depth < command.length) return undefined;
    command.push(text.trim());
  }
  finish();
  return account;
}

/** What runs once everything an account names is done. @param running The lines of frr.conf. */
export function applyAccount(running: Tree, { deleted, added }: Account): Tree {
  let lines = running;
  for (const { sections, line } of deleted) lines = without(lines, sections, negated(line));
  for (const { sections, line } of added) {
    const positive = line.startsWith('no ') ? line.slice(3) : undefined;
    // Deletions of which there may be many are commands among the additions.
    if (positive !== undefined && isThere(lines, sections, positive)) lines = without(lines, sections, positive);
    else lines = withLine(lines, sections, line);
  }
  return withoutHollow(withoutOrphans(lines), running);
}

function negated(line: string): string {
  return line.startsWith('no ') ? line.slice(3) : `no ${line}`;
}

function isThere(lines: Tree, sections: readonly string[], line: string): boolean {
  return nodeAt(lines, [...sections, placeLine(line).key]) !== undefined;
}

function without(lines: Tree, sections: readonly string[], line: string): Tree {
  const path = [...sections, placeLine(line).key];
  return nodeAt(lines, path) === undefined ? lines : withNode(lines, path, undefined);
}

function withLine(lines: Tree, sections: readonly string[], line: string): Tree {
  if (/^exit(?:-\S+)?$/.test(line)) return lines;
  const placed = placeLine(line);
  const path = [...sections, placed.key];
  const found = nodeAt(lines, path);
  const replaced = withoutReplaced(lines, sections, line);
  if (placed.secret === undefined && found !== undefined) return replaced;
  return withNode(replaced, path, nodeOf(placed));
}

/** Of a line that takes the place of another one by itself, the other one goes. */
function withoutReplaced(lines: Tree, sections: readonly string[], line: string): Tree {
  for (const form of REPLACED_IN_PLACE) {
    const sameAs = form.exec(line)?.slice(1).join(' ');
    if (sameAs === undefined) continue;
    const others = Object.keys(treeAt(lines, sections)).filter(
      (other) => other !== line && form.exec(other)?.slice(1).join(' ') === sameAs,
    );
    return others.reduce((left, other) => withNode(left, [...sections, other], undefined), lines);
  }
  return lines;
}

/** With a BGP neighbour all of its lines go, and with a group its members; the account names only what makes them. */
function withoutOrphans(lines: Tree): Tree {
  const routers = Object.entries(lines).map(([section, node]): [string, Tree[string]] => {
    if (!section.startsWith('router bgp ') || !isBranch(node)) return [section, node];
    const groups = new Set(Object.keys(node).flatMap((line) => /^neighbor (\S+) peer-group$/.exec(line)?.[1] ?? []));
    const isMemberOfNone = (line: string): boolean => {
      const group = /^neighbor \S+ (?:interface (?:v6only )?)?peer-group (\S+)$/.exec(line)?.[1];
      return group !== undefined && !groups.has(group);
    };
    const makers = Object.keys(node).filter((line) => !isMemberOfNone(line));
    const made = new Set(makers.flatMap((line) => NEIGHBOR_MAKERS.exec(line)?.groups?.['name'] ?? []));
    const isOrphan = (line: string): boolean => {
      const name = /^(?:no )?neighbor (\S+) /.exec(line)?.[1];
      return name !== undefined && (!made.has(name) || isMemberOfNone(line));
    };
    const prune = (below: Tree): Tree =>
      Object.fromEntries(
        Object.entries(below)
          .filter(([line]) => !isOrphan(line))
          .map(([line, child]) => [line, isBranch(child) && !(SECRET_KEY in child) ? prune(child) : child]),
      );
    return [section, prune(node)];
  });
  return Object.fromEntries(routers);
}

/** A section that lost its last line and is nothing without any is not shown again. */
function withoutHollow(lines: Tree, before: Tree): Tree {
  const kept = Object.entries(lines).flatMap(([line, node]): [string, Tree[string]][] => {
    const was = childOf(before, line);
    const below = isBranch(node) && !(SECRET_KEY in node) ? withoutHollow(node, isBranch(was) ? was : {}) : node;
    const hollow = !isBranch(below) && isHollow(line);
    return hollow ? [] : [[line, below]];
  });
  return Object.fromEntries(kept);
}

/**
 * An account without the parts of it that FRR also named right after the last reload. A part is left out only where it is
 * word for word the same: as soon as anything else changes there, all of it is shown, because all of it will be sent. One
 * that deletes is left out only when nothing else is left at all: with every reload it is deleted and made anew.
 */
export function withoutResidue(account: Account, residue: Account): Account {
  const now = byPart(account);
  const untaken = new Set(linesNotTaken(residue).map(partOf));
  const settled = new Set<string>();
  for (const [part, words] of byPart(residue)) {
    if (now.get(part) === words && !untaken.has(part)) settled.add(part);
  }
  const without = (hidden: ReadonlySet<string>): Account => {
    const left = (lines: readonly AccountLine[]) => lines.filter((line) => !hidden.has(partOf(line)));
    return { deleted: left(account.deleted), added: left(account.added) };
  };
  const left = without(settled);
  if (left.deleted.length === 0 && left.added.length === 0) return left;
  const deleting = new Set(account.deleted.map(partOf));
  return without(new Set([...settled].filter((part) => !deleting.has(part))));
}

/**
 * Of an account right after a reload, the sections that FRR would show if it had taken them: no daemon that knows them runs,
 * and with several that might, nobody says so.
 */
export function linesNotTaken({ added }: Account): readonly AccountLine[] {
  return added.filter(({ sections, line }) => {
    let within: Sections | undefined = FRR_SECTIONS;
    for (const section of sections) within = within && openedBy(section, within);
    return within !== undefined && openedBy(line, within) !== undefined && !isHollow(line);
  });
}

function isHollow(section: string): boolean {
  return SHOWN_ONLY_WITH_LINES.some((keyword) => section.startsWith(keyword));
}

/** All that an account says of one part of the configuration, as one text. */
function byPart({ deleted, added }: Account): ReadonlyMap<string, string> {
  const parts = new Map<string, string[]>();
  const note = (sign: string) => (line: AccountLine) => {
    const part = partOf(line);
    parts.set(part, [...(parts.get(part) ?? []), `${sign}${[...line.sections, line.line].join('\n')}`]);
  };
  deleted.forEach(note('-'));
  added.forEach(note('+'));
  return new Map([...parts].map(([part, lines]) => [part, lines.sort().join('\n\n')]));
}

/** The outermost section; of lines that stand alone, those that begin alike. */
function partOf({ sections, line }: AccountLine): string {
  const [outermost] = sections;
  if (outermost !== undefined) return outermost;
  const words = line.replace(/^no /, '');
  return openedBy(words, FRR_SECTIONS) ? words : words.split(' ').slice(0, 2).join(' ');
}
