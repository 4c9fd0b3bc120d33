import { chmodSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from '../errors.ts';
import { FileInTheWayError } from './errors.ts';
import { workTreeAround } from './work-tree.ts';

/** A file that will hold secrets, and what goes into it. */
export interface SecretFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Secret values as files: a folder as the source `directory` reads it; where the name ends in `.env`, one file of variables
 * as the source `environment` has them; where it ends in `.txt`, one of lines as the action takes them (`secrets`).
 *
 * @param to Absolute.
 * @param prefix Of the variables.
 * @throws {UsageError} It lies in a Git work tree, where one `git add` would publish it.
 * @throws {UsageError} A value of several lines, for a file of lines.
 * @throws {FileInTheWayError} A file is there and says something else.
 */
export function planSecretFiles(
  to: string,
  values: ReadonlyMap<string, string>,
  { prefix, overwrite }: { readonly prefix: string; readonly overwrite: boolean },
): readonly SecretFile[] {
  const tree = workTreeAround(to);
  if (tree !== undefined) {
    throw new UsageError({
      problem: `--secrets-out ${to} lies in the Git work tree ${tree}`,
      next: 'Give a place outside of every repository: secrets must not be committed.',
    });
  }
  const sorted = [...values].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const files = filesAt(to, sorted, prefix);
  const inTheWay = files.filter(({ path, text }) => isThere(path) && !holds(path, text));
  if (inTheWay.length > 0 && !overwrite) throw new FileInTheWayError({ files: inTheWay.map(({ path }) => path) });
  return files;
}

function filesAt(to: string, values: readonly (readonly [string, string])[], prefix: string): readonly SecretFile[] {
  if (to.endsWith('.env')) {
    return [
      { path: to, text: values.map(([name, value]) => `${variableFor(prefix, name)}=${quote(value)}\n`).join('') },
    ];
  }
  if (to.endsWith('.txt')) return [{ path: to, text: values.map(([name, value]) => lineFor(name, value)).join('') }];
  // The reader takes one line end away.
  return values.map(([name, value]) => ({ path: join(to, name), text: value.endsWith('\r') ? value : `${value}\n` }));
}

function lineFor(name: string, value: string): string {
  if (/[\r\n]/.test(value)) {
    throw new UsageError({
      problem: `the value of ${name} has several lines, and --secrets-out names a file of one line each`,
      next: 'Give a folder, or a file whose name ends in .env.',
    });
  }
  return `${name}=${value}\n`;
}

/** For the eyes of their owner only. */
export function writeSecretFiles(files: readonly SecretFile[]): void {
  for (const { path, text } of files) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (!holds(path, text)) writeFileSync(path, text, { mode: 0o600 });
    // The mode above counts for a file that is made, and not for one that was there.
    chmodSync(path, 0o600);
  }
}

/** Also as a link that leads nowhere: writing would follow it. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function holds(path: string, text: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true && readFileSync(path, 'utf8') === text;
}

function variableFor(prefix: string, name: string): string {
  return `${prefix}${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

/** As shells and dotenv readers both take it: hashes are full of dollars, so no variable may be looked for in them. */
function quote(value: string): string {
  return value.includes("'") ? `"${value.replaceAll(/[\\"$`]/g, '\\$&')}"` : `'${value}'`;
}
