import { checkTargets } from '../../desired-state/check-targets.ts';
import type { Fleet, FleetDevice } from '../../desired-state/fleet.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import { selectDevices, selectorOf } from '../../desired-state/select-devices.ts';
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
  const judged = await Promise.all(requests.map(({ path }) => judgeTargets(repository, loaded.fleet, path)));
  const problems = judged.flatMap((one) => (one.kind === 'wrong' ? one.problems : []));
  if (problems.length > 0) throw new FleetInvalidError({ revision, problems });
}

/**
 * The same for one, of a fleet that was loaded.
 *
 * @param fleet At the revision that holds the request.
 * @param path `requests/<name>.yaml`
 */
export async function requireTargets(repository: Repository, fleet: Fleet, path: string): Promise<void> {
  const judged = await judgeTargets(repository, fleet, path);
  if (judged.kind === 'wrong') throw new FleetInvalidError({ revision: fleet.revision, problems: judged.problems });
}

export type JudgedTargets =
  | { readonly kind: 'meant'; readonly devices: readonly FleetDevice[] }
  | { readonly kind: 'wrong'; readonly problems: readonly Problem[] };

/** Whom a request is about, or what is wrong with that. */
export async function judgeTargets(repository: Repository, fleet: Fleet, path: string): Promise<JudgedTargets> {
  const parsed = parseFleetFile('request', (await repository.readFile(fleet.revision, path)) ?? '', path);
  if (parsed.kind === 'invalid') return { kind: 'wrong', problems: parsed.problems };
  const { workflow, targets } = parsed.file.value;
  const meant = workflowNamed(workflow)?.kind === 'read' ? isMeant(targets) : () => true;
  const problems = checkTargets(fleet, parsed.file, meant);
  if (problems.length > 0) return { kind: 'wrong', problems };
  return { kind: 'meant', devices: selectDevices(fleet, selectorOf(targets)).filter(meant) };
}
