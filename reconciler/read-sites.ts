import type { Repository } from '../git/repository.ts';
import type { Site } from '../schemas/fleet.ts';
import { parseFleetFile } from '../schemas/validate-file.ts';
import { FleetInvalidError } from './errors.ts';

const FOLDER = 'desired-state/sites';

/**
 * The sites of a fleet at a commit by name, without reading its devices.
 *
 * @throws {FleetInvalidError} One of them does not keep to its schema.
 */
export async function readSites(repository: Repository, commit: string): Promise<ReadonlyMap<string, Site>> {
  const paths = (await repository.listFiles(commit, FOLDER))
    .map(({ path }) => path)
    .filter((path) => path.endsWith('.yaml'));
  const sites = new Map<string, Site>();
  for (const [path, text] of await repository.readFiles(commit, paths)) {
    const parsed = parseFleetFile('site', text, path);
    if (parsed.kind === 'invalid') throw new FleetInvalidError({ revision: commit, problems: parsed.problems });
    sites.set(path.slice(FOLDER.length + 1, -'.yaml'.length), parsed.file.value);
  }
  return sites;
}
