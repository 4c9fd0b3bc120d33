import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AdoptedFile } from '../../desired-state/adopted-files.ts';
import { FileInTheWayError } from './errors.ts';

/**
 * Looks whether files can be written, before any is.
 *
 * @param folder Root of the fleet repo, or where copies go.
 * @param before What a file may hold: the text the adoption was worked out from, by path.
 * @throws {FileInTheWayError} One is there and says something else.
 */
export function refuseFilesInTheWay(
  folder: string,
  files: readonly AdoptedFile[],
  before: ReadonlyMap<string, string>,
  overwrite: boolean,
): void {
  const inTheWay = files.filter((wanted) => {
    const file = join(folder, wanted.path);
    if (wanted.kind === 'removed' || !existsSync(file)) return false;
    const found = readFileSync(file, 'utf8');
    return found !== wanted.text && found !== before.get(wanted.path);
  });
  if (inTheWay.length > 0 && !overwrite) throw new FileInTheWayError({ files: inTheWay.map(({ path }) => path) });
}

export function writeFiles(folder: string, files: readonly AdoptedFile[]): void {
  for (const wanted of files) {
    const file = join(folder, wanted.path);
    if (wanted.kind === 'removed') {
      rmSync(file, { force: true });
      continue;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, wanted.text);
  }
}
