import type { PermissionRule, Permissions, PermittedVerb } from '../schemas/fleet.ts';
import type { Known } from './approval.ts';
import { sameLogin } from './latest-verdicts.ts';
import { has } from './may-approve.ts';

/** What is known of the one who asks. */
export interface Asker {
  readonly login: string;
  /** `admin`, `maintain`, `write`, `triage`, `read` or `none`. */
  readonly permission: Known<string>;
  /** Members by `org/team`. A team that is not here counts as unreadable. */
  readonly teams: ReadonlyMap<string, Known<ReadonlySet<string>>>;
}

/** What a command is about, as far as a rule may be limited to it. */
export interface CommandScope {
  readonly workflow: string;
  /** Of every switch it is about. */
  readonly sites: Known<ReadonlySet<string>>;
}

export type CommandPermission =
  | { readonly kind: 'permitted'; readonly by: string }
  | { readonly kind: 'refused'; readonly why: string };

/** Least permission a command needs where no rule of `permissions.yaml` names it. */
const DEFAULTS: Readonly<Record<PermittedVerb, 'write' | 'maintain'>> = {
  plan: 'write',
  explain: 'write',
  help: 'write',
  approve: 'write',
  reject: 'write',
  adopt: 'write',
  revert: 'write',
  plan_fork: 'maintain',
  pause: 'maintain',
  resume: 'maintain',
  terminate: 'maintain',
  retry: 'maintain',
};

/** From little to much. */
const PERMISSIONS: readonly string[] = ['none', 'read', 'triage', 'write', 'maintain', 'admin'];

/**
 * Whether somebody may give a command: by a rule that names it, or by the default where no rule does. What cannot be
 * established is *no*, and the reason says what could not.
 *
 * @param permissions Of the base branch, never of a pull request; `undefined` when there is no such file.
 */
export function mayCommand(
  verb: PermittedVerb,
  asker: Asker,
  scope: CommandScope,
  permissions: Permissions | undefined,
): CommandPermission {
  const naming = permissions?.rules.filter(({ commands }) => commands.includes(verb)) ?? [];
  if (naming.length === 0) {
    const why = whyLacksPermission(asker, DEFAULTS[verb]);
    return why === undefined ? { kind: 'permitted', by: `${DEFAULTS[verb]} permission` } : { kind: 'refused', why };
  }
  const judged = naming.map((rule) => ({ rule, why: whyNotBy(rule, asker, scope) }));
  const permitting = judged.find(({ why }) => why === undefined);
  if (permitting) return { kind: 'permitted', by: permitting.rule.name };
  return { kind: 'refused', why: judged.map(({ rule, why }) => `by "${rule.name}", ${why}`).join('; ') };
}

/** Teams whose members decide anything about these commands. */
export function teamsAsked(permissions: Permissions | undefined, verbs: readonly PermittedVerb[]): readonly string[] {
  const naming = permissions?.rules.filter(({ commands }) => commands.some((verb) => verbs.includes(verb))) ?? [];
  return [...new Set(naming.flatMap(({ by }) => by?.teams ?? []))];
}

function whyNotBy(rule: PermissionRule, asker: Asker, { workflow, sites }: CommandScope): string | undefined {
  const { when = {}, permission = 'write' } = rule;
  if (when.workflows && !when.workflows.includes(workflow)) return `it is not for ${workflow}`;
  if (when.sites) {
    const only = new Set<string>(when.sites);
    if (!sites.known) return `it is for some sites only, and which ones this is about is not known: ${sites.why}`;
    const outside = [...sites.value].filter((site) => !only.has(site));
    if (outside.length > 0) return `it is not for ${outside.join(', ')}`;
  }
  return whyNotNamed(rule, asker) ?? whyLacksPermission(asker, permission);
}

function whyNotNamed({ by }: PermissionRule, { login, teams }: Asker): string | undefined {
  if (!by || by.users?.some((user) => sameLogin(user) === sameLogin(login))) return undefined;
  let unclear: string | undefined;
  for (const team of by.teams ?? []) {
    const members = teams.get(team) ?? { known: false, why: 'they were not read' };
    if (!members.known) unclear = `the members of ${team} could not be read: ${members.why}`;
    else if (has(members.value, login)) return undefined;
  }
  return unclear ?? 'it does not name this person';
}

function whyLacksPermission({ permission }: Asker, least: string): string | undefined {
  if (!permission.known) return `their permission on the repository could not be read: ${permission.why}`;
  const rank = PERMISSIONS.indexOf(permission.value);
  if (rank >= PERMISSIONS.indexOf(least)) return undefined;
  return `it needs ${least} permission on the repository, this person has ${rank < 0 ? 'one that is not known' : permission.value}`;
}
