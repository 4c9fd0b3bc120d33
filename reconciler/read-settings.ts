import type { Repository } from '../git/repository.ts';
import type { Settings } from '../schemas/fleet.ts';
import { parseFleetFile } from '../schemas/validate-file.ts';
import { FleetInvalidError } from './errors.ts';

const FILE = 'pointsman.yaml';

/**
 * The settings of a fleet at a commit, without reading the rest of it.
 *
 * @throws {FleetInvalidError} There is no such file, or it does not keep to its schema.
 */
export async function readSettings(repository: Repository, commit: string): Promise<Settings> {
  const text = await repository.readFile(commit, FILE);
  if (text === undefined) {
    const problem = {
      file: FILE,
      code: 'RECONCILER_SETTINGS_MISSING',
      message: 'expected the settings of the fleet, found no such file',
    };
    throw new FleetInvalidError({ revision: commit, problems: [problem] });
  }
  const parsed = parseFleetFile('settings', text, FILE);
  if (parsed.kind === 'invalid') throw new FleetInvalidError({ revision: commit, problems: parsed.problems });
  return parsed.file.value;
}
