import { PERMISSIONS } from '../../desired-state/fleet-layout.ts';
import type { Repository } from '../../git/repository.ts';
import type { Permissions } from '../../schemas/fleet.ts';
import { parseFleetFile } from '../../schemas/validate-file.ts';
import { FleetInvalidError } from '../errors.ts';

/**
 * Who may give commands, by the file at a commit of the base branch. Read by itself, so that a fleet with a mistake
 * elsewhere can still be told to stop.
 *
 * @returns `undefined` when there is no such file.
 * @throws {FleetInvalidError} It does not keep to its schema: then nobody may do anything.
 */
export async function readPermissions(repository: Repository, commit: string): Promise<Permissions | undefined> {
  const text = await repository.readFile(commit, PERMISSIONS);
  if (text === undefined) return undefined;
  const parsed = parseFleetFile('permissions', text, PERMISSIONS);
  if (parsed.kind === 'invalid') throw new FleetInvalidError({ revision: commit, problems: parsed.problems });
  return parsed.file.value;
}
