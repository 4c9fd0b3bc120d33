import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Pin, pinUses } from './pin-uses.ts';

/** Beside the sources, for people to copy as well. Since the last release they name its commit. */
const FOLDER = join(import.meta.dirname, '..', '..', 'examples', 'github-workflows');

/**
 * The workflows a fleet repo gets: name to text.
 *
 * @param pin The release they call; the one this copy of Pointsman names unless given, which may be none.
 */
export function readCallerWorkflows(pin?: Pin): ReadonlyMap<string, string> {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.yml'));
  return new Map(
    names.sort().map((name) => {
      const text = readFileSync(join(FOLDER, name), 'utf8');
      return [name, pin === undefined ? text : pinUses(text, 'workflow', pin)];
    }),
  );
}
