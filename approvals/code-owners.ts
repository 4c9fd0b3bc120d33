import ignore from 'ignore';
import type { ApprovalRule, ApprovalRules } from '../schemas/fleet.ts';

/** Where a forge looks for the file, in its order; the first one that is there counts. */
export const CODE_OWNERS_PATHS = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const;

/** Who owns a file. Nobody at all: the file says so, or does not mention it. */
export interface Owners {
  /** `org/slug` */
  readonly teams: readonly string[];
  /** Logins. */
  readonly users: readonly string[];
  /** E-mail addresses and words that are neither: no account can be established for them. */
  readonly unknown: readonly string[];
}

const NOBODY: Owners = { teams: [], users: [], unknown: [] };

/**
 * Owners of each path, as GitHub reads a CODEOWNERS file: the last pattern that matches wins, letter case counts, and a
 * pattern with `!`, `[ ]` or an escaped `#` is none.
 *
 * Source: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
 *
 * @param text Of the file on the base branch; `undefined` when there is none.
 */
export function ownersOf(text: string | undefined, paths: readonly string[]): ReadonlyMap<string, Owners> {
  const lines = (text ?? '').split(/\r?\n/).flatMap(readLine).reverse();
  return new Map(paths.map((path) => [path, lines.find(({ matches }) => matches(path))?.owners ?? NOBODY]));
}

/**
 * Writes rules that ask for code owners out into rules that name them: one for every set of people who own some of the
 * changed files, so that each file has the yes of somebody who owns it.
 *
 * A file nobody owns becomes a rule that names no one and that nobody can satisfy.
 *
 * @param rules Of the base branch.
 * @param owners Of every fleet file that changes, read on the base branch.
 */
export function withCodeOwners(rules: ApprovalRules, owners: ReadonlyMap<string, Owners>): ApprovalRules {
  return { ...rules, rules: rules.rules.flatMap((rule) => (rule.by.code_owners ? writtenOut(rule, owners) : [rule])) };
}

function writtenOut(rule: ApprovalRule, owners: ReadonlyMap<string, Owners>): readonly ApprovalRule[] {
  const { code_owners: _asked, teams = [], users = [] } = rule.by;
  if (owners.size === 0)
    return [named(rule, 'for the owners of the changed files, which are not known', { teams, users })];
  const groups = Map.groupBy(owners, ([, owned]) => JSON.stringify([owned.teams, owned.users]));
  return [...groups.values()].map((group) => {
    const files = listed(group.map(([path]) => path));
    const owned = group[0]?.[1] ?? NOBODY;
    const by = { teams: unique([...owned.teams, ...teams]), users: unique([...owned.users, ...users]) };
    const hasOwner = owned.teams.length + owned.users.length > 0;
    const about = hasOwner
      ? `for the owners of ${files}`
      : `for ${files}, where CODEOWNERS of the base branch names no account as the owner`;
    return named(rule, about, by);
  });
}

function named(
  { name, when, approvals }: ApprovalRule,
  about: string,
  by: { readonly teams: readonly string[]; readonly users: readonly string[] },
): ApprovalRule {
  return {
    name: `${name}, ${about}`,
    approvals,
    by: { teams: [...by.teams], users: [...by.users] },
    ...(when ? { when } : {}),
  };
}

interface Line {
  readonly matches: (path: string) => boolean;
  readonly owners: Owners;
}

function readLine(line: string): readonly Line[] {
  // A blank in a pattern is written `\ `.
  const [pattern, ...words] = line.match(/(?:\\.|[^\s\\])+/g) ?? [];
  if (pattern === undefined || /^(?:#|!|\\#)|[[\]]/.test(pattern)) return [];
  const comment = words.findIndex((word) => word.startsWith('#'));
  return [{ matches: matcherOf(pattern), owners: readOwners(comment < 0 ? words : words.slice(0, comment)) }];
}

function readOwners(words: readonly string[]): Owners {
  const teams = words.flatMap((word) => /^@([^/\s@]+\/[^/\s@]+)$/.exec(word)?.[1] ?? []);
  const users = words.flatMap((word) => /^@([^/\s@]+)$/.exec(word)?.[1] ?? []);
  const unknown = words.filter((word) => !/^@[^/\s@]+(?:\/[^/\s@]+)?$/.test(word));
  return { teams: unique(teams), users: unique(users), unknown };
}

function matcherOf(pattern: string): (path: string) => boolean {
  const found = ignore({ ignorecase: false }).add(pattern);
  // `docs/*` means the files in it and not what lies deeper, unlike in .gitignore.
  if (!pattern.endsWith('/*')) return (path) => found.ignores(path);
  return (path) => found.ignores(path) && !foldersOf(path).some((folder) => found.ignores(folder));
}

/** `a/b/c.yaml` lies in `a/` and `a/b/`. */
function foldersOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/`);
}

const MOST_LISTED = 3;

function listed(paths: readonly string[]): string {
  const more = paths.length - MOST_LISTED;
  return more > 0 ? `${paths.slice(0, MOST_LISTED).join(', ')} and ${more} more` : paths.join(', ');
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
