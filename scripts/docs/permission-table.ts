import { NEEDED_PERMISSIONS } from '../../doctor/checks/sign-in.ts';
import { renderTable } from './table.ts';

/** GitHub writes the names of permissions with capitals and blanks where people choose them. */
function inWords(name: string): string {
  const words = name.replaceAll('_', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** What the App of Pointsman has to be given. */
export function renderPermissionTable(): string {
  const rows = Object.entries(NEEDED_PERMISSIONS).map(([name, { level, why }]) => [
    inWords(name),
    level === 'write' ? 'Read and write' : 'Read-only',
    `${why.charAt(0).toUpperCase()}${why.slice(1)}.`,
  ]);
  return renderTable(['Permission', 'Access', 'Why'], rows);
}
