import { checkTargets } from '../../desired-state/check-targets.ts';
import type { Fleet, FleetDevice } from '../../desired-state/fleet.ts';
import type { Repository } from '../../git/repository.ts';
import { parseFleetFile } from '../../schemas/validate-file.ts';
import { FleetInvalidError } from '../errors.ts';

/**
 * Refuses a request whose targets nobody can have meant, before any switch is asked.
 *
 * @param fleet At the revision that holds the request.
 * @param path `requests/<name>.yaml`
 * @throws {FleetInvalidError} With every problem at once.
 */
export async function requireTargets(
  repository: Repository,
  fleet: Fleet,
  path: string,
  isMeant?: (device: FleetDevice) => boolean,
): Promise<void> {
  const { revision } = fleet;
  const text = await repository.readFile(revision, path);
  const parsed = parseFleetFile('request', text ?? '', path);
  const problems = parsed.kind === 'invalid' ? parsed.problems : checkTargets(fleet, parsed.file, isMeant);
  if (problems.length > 0) throw new FleetInvalidError({ revision, problems });
}
