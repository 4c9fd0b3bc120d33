import type { Fleet } from '../../desired-state/fleet.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import type { ObjectId, Repository } from '../../git/repository.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { PlannedRequest } from '../../plans/plan.ts';
import type { Request } from '../../schemas/fleet.ts';
import type { Problem } from '../../schemas/problem.ts';
import { workflowNamed } from '../../workflows/all-workflows.ts';
import { rollback } from '../../workflows/rollback.ts';
import type { RequestOfWork } from '../deploy/deploy-work.ts';
import { FleetInvalidError } from '../errors.ts';
import { type LoadedCommit, namingOwners, rolloutOf, subjectFor } from '../load-commit.ts';
import { platforms } from '../platforms.ts';
import { EVERYWHERE } from '../shards.ts';
import { notBeforeOf } from './not-before.ts';
import { requireTargets } from './require-targets.ts';
import { rolledBack } from './roll-back.ts';
import { mostDevices, selectTargets } from './select-targets.ts';
import type { RollBackDeps } from './taken-back.ts';

export interface RequestLoad {
  /** Commit whose rules count. */
  readonly before: ObjectId;
  /** Commit or tree that holds the request. */
  readonly after: ObjectId;
  readonly accessFrom: 'before' | 'after';
  readonly request: RequestOfWork;
}

/**
 * What a request that changes switches is about, in the form of a change that was merged: from here on both go the same way.
 *
 * @throws {FleetInvalidError} With every problem at once, also where its targets are none or too many.
 */
export async function loadRequest(
  deps: RollBackDeps,
  view: LedgerView | undefined,
  { before, after, accessFrom, request: asked }: RequestLoad,
): Promise<LoadedCommit> {
  const fleet = await fleetAt(deps.repository, after);
  // Where the base is not valid, what it would allow is not known: the strictest of everything holds.
  const base = await fleetAt(deps.repository, before).catch(undefinedWhereInvalid);
  const request = fleet.requests.get(asked.name)?.value;
  if (!request) throw invalid(after, asked.path, 'RECONCILER_REQUEST_GONE', 'expected this request, found none');
  const workflow = workflowNamed(request.workflow);
  if (!workflow) throw new RangeError(`${request.workflow} is in the schema and in no list of workflows`);

  await requireTargets(deps.repository, fleet, asked.path);
  const { targets } = request;
  const devices = selectTargets(fleet, { revision: after, file: asked.path, targets, most: mostDevices(fleet) });
  const access = accessFrom === 'after' ? fleet : base;
  const subjects = await Promise.all(
    devices.map((device) => subjectFor({ before: base, after: fleet, access }, device, view)),
  );
  const back =
    workflow.name === rollback.name
      ? await rolledBack(deps, view, { request, asked, subjects, fleet, before, after })
      : undefined;
  return {
    subjects: back?.subjects ?? subjects,
    removed: [],
    elsewhere: fleet.deviceCount - devices.length,
    rollout: rolloutOf(base?.settings.value ?? {}, request.rollout),
    workflow,
    request: plannedRequest(asked.name, request, back?.backTo),
    allowedHazards: base?.settings.value.rollout?.allow_hazards ?? [],
    rulesBefore: await namingOwners(deps.repository, base?.approvals ?? { rules: [] }, { before, after }),
    shardOf: (site) => (access?.sites.get(site)?.value.runner ? site : EVERYWHERE),
  };
}

async function fleetAt(repository: Repository, revision: ObjectId): Promise<Fleet> {
  const loaded = await loadFleet({ repository, revision }, { platforms });
  if (loaded.kind === 'invalid') throw new FleetInvalidError({ revision, problems: loaded.problems });
  return loaded.fleet;
}

function undefinedWhereInvalid(error: unknown): undefined {
  if (!(error instanceof FleetInvalidError)) throw error;
  return undefined;
}

function invalid(revision: ObjectId, file: string, code: string, message: string): FleetInvalidError {
  const problem: Problem = { file, code, message };
  return new FleetInvalidError({ revision, problems: [problem] });
}

function plannedRequest(name: string, request: Request, backTo: string | undefined): PlannedRequest {
  const { workflow, reason, outside_windows: outsideWindows, even_when_paused: evenWhenPaused } = request;
  const notBefore = notBeforeOf(request);
  return {
    name,
    workflow,
    reason,
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(backTo === undefined ? {} : { backTo }),
    ...(outsideWindows ? { outsideWindows } : {}),
    ...(evenWhenPaused ? { evenWhenPaused } : {}),
  };
}
