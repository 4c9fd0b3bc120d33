import { GithubRefusal, notFound } from './errors.ts';
import { type Account, type GithubState, type Pull, ROLES, type Role } from './state.ts';

/** @throws {GithubRefusal} 403: the account may less than this on the repository; 404: it may nothing. */
export function requireRole(account: Account, least: Role): void {
  if (ROLES.indexOf(account.role) <= ROLES.indexOf(least)) return;
  if (account.role === 'none') throw notFound();
  const bot = account.type === 'Bot';
  const message = bot ? 'Resource not accessible by integration' : 'Must have push access to repository';
  throw new GithubRefusal({ status: 403, message });
}

/** Authors may change what they wrote; of others only those who may write to the repository. */
export function requireAuthor(account: Account, author: string): void {
  if (account.login !== author) requireRole(account, 'write');
}

/** @throws {GithubRefusal} 404 */
export function pullAt(state: GithubState, number: number): Pull {
  const found = state.pulls.find((candidate) => candidate.number === number);
  if (!found) throw notFound();
  return found;
}
