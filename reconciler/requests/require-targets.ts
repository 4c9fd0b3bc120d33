import { checkTargets } from '../../desired-state/check-targets.ts';
import type { Fleet, FleetDevice } from '../../desired-state/fleet.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import type { ObjectId, Repository } from '../../git/repository.ts';
import type { Problem } from '../../schemas/problem.ts';
import { parseFleetFile } from '../../schemas/validate-file.ts';
import { workflowNamed } from '../../workflows/all-workflows.ts';
import type { RequestOfWork } from '../deploy/deploy-work.ts';
import { FleetInvalidError } from '../errors.ts';
import { platforms } from '../platforms.ts';
import { isMeant } from './is-meant.ts';

/**
 * Refuses requests whose targets nobody can have meant, before any switch is asked.
 *
 * @throws {FleetInvalidError} With every problem of all of them, or of the fleet around them.
 */
export async function requireAllTargets(
  repository: Repository,
  revision: ObjectId,
  requests: readonly RequestOfWork[],
): Promise<void> {
  if (requests.length === 0) return;
  const loaded = await loadFleet({ repository, revision }, { platforms });
  if (loaded.kind === 'invalid') throw new FleetInvalidError({ revision, problems: loaded.problems });
  const problems = await Promise.all(requests.map(({ path }) => targetProblems(repository, loaded.fleet, path)));
  if (problems.flat().length > 0) throw new FleetInvalidError({ revision, problems: problems.flat() });
}

/**
 * The same for one, of a fleet that was loaded.
 *
 * @param fleet At the revision that holds the request.
 * @param path `requests/<name>.yaml`
 */
export async function requireTargets(repository: Repository, fleet: Fleet, path: string): Promise<void> {
  const problems = await targetProblems(repository, fleet, path);
  if (problems.length > 0) throw new FleetInvalidError({ revision: fleet.revision, problems });
}

/** What is wrong with whom a request is about. */
export async function targetProblems(repository: Repository, fleet: Fleet, path: string): Promise<readonly Problem[]> {
  const parsed = parseFleetFile('request', (await repository.readFile(fleet.revision, path)) ?? '', path);
  if (parsed.kind === 'invalid') return parsed.problems;
  const { workflow, targets } = parsed.file.value;
  const onlyReads = workflowNamed(workflow)?.kind === 'read';
  const meant: ((device: FleetDevice) => boolean) | undefined = onlyReads ? isMeant(targets) : undefined;
  return checkTargets(fleet, parsed.file, meant);
}
