/** Who may log in, and what for. Pure. Source: device-protocols reference A.2. */
import { isTree, type Tree } from '../../schemas/json.ts';
import type { SwitchRole, SwitchSpec } from './switch-spec.ts';
import { at, branch } from './tree.ts';

export interface Account {
  readonly username: string;
  readonly role: SwitchRole;
}

const ROLES: readonly string[] = ['system-admin', 'nvue-admin', 'nvue-monitor'];

/**
 * The applied configuration decides when it lists users: one it does not list has no account, and one whose hash it
 * changed has the password of that hash.
 *
 * @param born The configuration the switch was started with: its hashes belong to the passwords of the spec.
 * @returns `undefined` when the login is refused.
 */
export function logIn(
  spec: SwitchSpec,
  born: Tree,
  applied: Tree,
  username: string,
  password: string,
): Account | undefined {
  const specified = spec.users.find((user) => user.username === username);
  const listed = at(applied, ['system', 'aaa', 'user']);
  if (!isTree(listed)) {
    return specified?.password === password ? { username, role: specified.role } : undefined;
  }
  const entry = listed[username];
  if (!isTree(entry) || entry['enable'] === 'off' || entry['state'] === 'disabled') return undefined;

  const hash = entry['hashed-password'];
  const bornHash = branch(born, ['system', 'aaa', 'user', username])['hashed-password'];
  const expected =
    typeof hash === 'string' && hash !== bornHash
      ? spec.hashes?.[hash]
      : (specified?.password ?? (typeof hash === 'string' ? spec.hashes?.[hash] : undefined));
  if (expected === undefined || expected !== password) return undefined;

  const role = entry['role'];
  return { username, role: isRole(role) ? role : (specified?.role ?? 'nvue-monitor') };
}

function isRole(value: unknown): value is SwitchRole {
  return typeof value === 'string' && ROLES.includes(value);
}

/** Basic credentials of an Authorization header; absent when there are none. */
export function basicCredentials(header: string | undefined): readonly [string, string] | undefined {
  const encoded = /^Basic\s+(\S+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
}
