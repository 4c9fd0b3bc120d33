/** Who may log in, and what for. Pure. Source: device-protocols reference A.2. */
import { isTree, type Tree } from '../../schemas/json.ts';
import type { SwitchRole, SwitchSpec } from './switch-spec.ts';
import { at, branch } from './tree.ts';

export interface Account {
  readonly username: string;
  readonly role: SwitchRole;
}

const BUILT_IN: readonly string[] = ['system-admin', 'nvue-admin', 'nvue-monitor'];

/** What a class of `system.aaa.role` lets its role do, the most first. */
const CLASSES: readonly (readonly [string, SwitchRole])[] = [
  ['sudo', 'system-admin'],
  ['nvapply', 'nvue-admin'],
  ['nvset', 'nvset'],
  ['nvshow', 'nvue-monitor'],
];

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
  if (expected !== password) return undefined;

  const role = entry['role'];
  const known = typeof role === 'string' ? roleOf(applied, role) : undefined;
  return { username, role: known ?? specified?.role ?? 'nvue-monitor' };
}

function roleOf(applied: Tree, name: string): SwitchRole | undefined {
  if (isBuiltIn(name)) return name;
  const classes = branch(applied, ['system', 'aaa', 'role', name, 'class']);
  return CLASSES.find(([granted]) => granted in classes)?.[1];
}

function isBuiltIn(name: string): name is SwitchRole {
  return BUILT_IN.includes(name);
}

/** Basic credentials of an Authorization header; absent when there are none. */
export function basicCredentials(header: string | undefined): readonly [string, string] | undefined {
  const encoded = /^Basic\s+(\S+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
}
