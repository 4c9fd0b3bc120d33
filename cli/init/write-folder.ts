import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InitClashError } from '../errors.ts';
import { decideWriting, type Writing } from './decide-writing.ts';
import type { Skeleton } from './skeleton.ts';

/**
 * Writes what is missing.
 *
 * @throws {InitClashError} Some files are there with other content. Nothing was written.
 */
export function writeFolder(folder: string, skeleton: Skeleton): Writing {
  const there = new Map([...skeleton.keys()].flatMap((path) => readIn(folder, path)));
  const writing = decideWriting(skeleton, there);
  if (writing.clashes.length > 0) throw new InitClashError({ where: folder, files: writing.clashes });
  for (const [path, text] of writing.missing) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    // Exclusive: what came to be there meanwhile is not ours to overwrite.
    writeFileSync(file, text, { flag: 'wx' });
  }
  return writing;
}

/** What is there and no file clashes as well. */
function readIn(folder: string, path: string): readonly (readonly [string, string])[] {
  const found = statSync(join(folder, path), { throwIfNoEntry: false });
  if (!found) return [];
  return [[path, found.isFile() ? readFileSync(join(folder, path), 'utf8') : '']];
}
