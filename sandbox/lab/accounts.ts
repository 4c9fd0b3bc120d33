import { join } from 'node:path';
import type { ImageFile } from './image-file.ts';

/** Who is on every node besides the accounts of services. */
export const POINTSMAN = { name: 'pointsman', uid: 1000, gid: 1000 } as const;
/** The second operator's, with all rights. */
export const ENGINEER = { name: 'engineer', uid: 1001, gid: 1001 } as const;

const PEOPLE = [POINTSMAN, ENGINEER];

/**
 * The account files of a node: the machine's services, without its people and without any password.
 *
 * @param passwd The machine's `/etc/passwd`.
 * @param group The machine's `/etc/group`.
 */
export function renderAccounts(passwd: string, group: string): Readonly<Record<string, ImageFile>> {
  const services = rows(passwd).filter(([, , uid]) => isService(uid));
  const groups = rows(group).filter(([, , gid]) => isService(gid));
  const people = PEOPLE.map(({ name, uid, gid }) => [name, 'x', uid, gid, '', homeOf(name), '/bin/bash']);
  const memberless = groups.map(([name, password, gid, members]) => [
    name,
    password,
    gid,
    // FRR's own accounts keep their groups; the machine's people are not here.
    (members ?? '')
      .split(',')
      .filter((member) => services.some(([service]) => service === member))
      .join(','),
  ]);
  const shadow = [...services, ...people].map(([name]) => `${name}:*:20000:0:99999:7:::`);
  return {
    '/etc/passwd': { content: joined([...services, ...people]), mode: 0o644 },
    '/etc/group': {
      content: joined([...memberless, ...PEOPLE.map(({ name, gid }) => [name, 'x', gid, ''])]),
      mode: 0o644,
    },
    '/etc/shadow': { content: `${shadow.join('\n')}\n`, mode: 0o640 },
    '/etc/gshadow': { content: '', mode: 0o640 },
  };
}

/** Where someone of a node is at home. */
export function homeOf(name: string): string {
  return join('/home', name);
}

/** An account that is not there is root's. */
export function ownerIn(passwd: string, name: string): { readonly uid: number; readonly gid: number } {
  const row = rows(passwd).find(([account]) => account === name);
  return { uid: Number(row?.[2] ?? 0), gid: Number(row?.[3] ?? 0) };
}

function rows(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':'));
}

function isService(id: string | undefined): boolean {
  const number = Number(id);
  return number < 1000 || number === 65534;
}

function joined(lines: readonly (readonly (string | number | undefined)[])[]): string {
  return `${lines.map((fields) => fields.join(':')).join('\n')}\n`;
}
