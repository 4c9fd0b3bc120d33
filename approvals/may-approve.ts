import type { Known, People, Requirement } from './approval.ts';
import { sameLogin } from './latest-verdicts.ts';

/** Whether somebody is among those a requirement names; where that cannot be established, why not. */
export function mayApprove(login: string, requirement: Requirement, people: People): Known<boolean> {
  const who = sameLogin(login);
  if (requirement.users.some((user) => sameLogin(user) === who)) return { known: true, value: true };

  const answers = requirement.teams.map((team) => isMember(who, team, people));
  if (requirement.permission !== undefined) answers.push(hasPermission(who, people));
  const yes = answers.find((answer) => answer.known && answer.value);
  const unclear = answers.find((answer) => !answer.known);
  return yes ?? unclear ?? { known: true, value: false };
}

function isMember(who: string, team: string, { teams }: People): Known<boolean> {
  const members = teams.get(team);
  if (!members) return { known: false, why: `the members of ${team} were not read` };
  if (!members.known) return { known: false, why: `the members of ${team} could not be read: ${members.why}` };
  return { known: true, value: has(members.value, who) };
}

function hasPermission(who: string, { permissions }: People): Known<boolean> {
  const permission = [...permissions].find(([login]) => sameLogin(login) === who)?.[1];
  if (!permission) return { known: false, why: 'their permission was not read' };
  if (!permission.known) return { known: false, why: `their permission could not be read: ${permission.why}` };
  return { known: true, value: permission.value === 'maintain' || permission.value === 'admin' };
}

/** Whether a set of logins, as the forge wrote them, holds this one. */
export function has(logins: ReadonlySet<string>, who: string): boolean {
  return logins.has(who) || [...logins].some((login) => sameLogin(login) === sameLogin(who));
}
