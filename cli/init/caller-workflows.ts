import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Beside the sources, for people to copy as well. */
const FOLDER = join(import.meta.dirname, '..', '..', 'examples', 'github-workflows');

/** The workflows a fleet repo gets: name to text. */
export function readCallerWorkflows(): ReadonlyMap<string, string> {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.yml'));
  return new Map(names.sort().map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')]));
}
