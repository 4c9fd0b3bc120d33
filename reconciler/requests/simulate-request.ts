import { requirementInWords } from '../../approvals/render-decision.ts';
import { requirementsFor } from '../../approvals/requirements-for.ts';
import { localTime } from '../../calendar/moment.ts';
import { nextOccurrence } from '../../calendar/occurrences.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import type { ObjectId, Repository } from '../../git/repository.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { Plan } from '../../plans/plan.ts';
import { makeSimulation, type Simulation, type SimulationInput } from '../../plans/simulation.ts';
import type { Clock } from '../../schemas/clock.ts';
import type { Request } from '../../schemas/fleet.ts';
import type { Problem } from '../../schemas/problem.ts';
import { parseFleetFile } from '../../schemas/validate-file.ts';
import { workflowNamed } from '../../workflows/all-workflows.ts';
import type { SwitchDeps } from '../../workflows/open-switch.ts';
import { type PlanSubject, planConfiguration } from '../../workflows/plan-configuration.ts';
import type { Workflow } from '../../workflows/workflow.ts';
import { closedSites } from '../closed-sites.ts';
import type { RequestOfWork } from '../deploy/deploy-work.ts';
import { DIFF } from '../deploy/run-events.ts';
import { FleetInvalidError } from '../errors.ts';
import { decidePaused } from '../kill-switch.ts';
import { platforms } from '../platforms.ts';
import { isInReach, type Reach, waitsForRunner } from '../shards.ts';
import { readTipRules, type TipRules } from '../tip-rules.ts';
import { loadRequest } from './load-request.ts';
import { notBeforeOf } from './not-before.ts';
import { readExpected } from './past-runs.ts';
import { judgeTargets } from './require-targets.ts';
import type { RollBackDeps } from './taken-back.ts';

/** Whether switches are read, and which can be from here: all unless given. */
export type AskedSwitches =
  | { readonly kind: 'switches'; readonly switches: SwitchDeps; readonly reach?: Reach }
  | { readonly kind: 'nobody'; readonly switches: RollBackDeps['switches'] };

export interface SimulateDeps {
  readonly repository: Repository;
  readonly clock: Clock;
  readonly asked: AskedSwitches;
  readonly onRead?: (done: number, of: number) => void;
}

export interface Simulating {
  /** Commit whose rules, addresses and credentials count. */
  readonly before: ObjectId;
  /** Commit or tree that holds the request. */
  readonly after: ObjectId;
  readonly request: RequestOfWork;
}

/**
 * What a request would do if it were merged now. Switches are only read, and asked to try nothing; nothing is written anywhere.
 * What is wrong with the request, or with the fleet around it, is told as what would be refused.
 *
 * @param view Absent where there is no ledger to look at.
 */
export async function simulateRequest(
  deps: SimulateDeps,
  view: LedgerView | undefined,
  simulating: Simulating,
  signal: AbortSignal,
): Promise<Simulation> {
  const { after, request: asked } = simulating;
  const read = await readRequest(deps.repository, after, asked.path);
  if ('problems' in read) return refusedOf(asked, read.problems);
  const { request, workflow } = read;
  const about = { workflow, request: { name: asked.name, reason: request.reason } };
  try {
    const rules = await readTipRules(deps.repository, simulating.before);
    const expected = await readExpected(view, workflow);
    const subject =
      workflow.kind === 'read'
        ? await readingOf(deps, simulating)
        : await deployOf(deps, view, simulating, rules, signal);
    return makeSimulation({
      ...about,
      ...subject,
      waits: waitsOf(rules, { asked, request, workflow, targets: subject.targets }, deps.clock.now()),
      ...(expected ? { expected } : {}),
      problems: [],
    });
  } catch (error) {
    if (!(error instanceof FleetInvalidError)) throw error;
    return makeSimulation({ ...about, ...NOBODY, problems: error.details.problems });
  }
}

const NOBODY = { targets: [], asks: [], closed: [], waits: [] } as const;

type Subject = Pick<SimulationInput, 'targets' | 'asks' | 'closed'> & { readonly plan?: Plan };

async function readRequest(
  repository: Repository,
  revision: ObjectId,
  path: string,
): Promise<{ readonly request: Request; readonly workflow: Workflow } | { readonly problems: readonly Problem[] }> {
  const text = await repository.readFile(revision, path);
  if (text === undefined) {
    const message = 'expected this request, found none';
    return { problems: [{ file: path, code: 'RECONCILER_REQUEST_GONE', message }] };
  }
  const parsed = parseFleetFile('request', text, path);
  if (parsed.kind === 'invalid') return { problems: parsed.problems };
  const request = parsed.file.value;
  const workflow = workflowNamed(request.workflow);
  if (!workflow) throw new RangeError(`${request.workflow} is in the schema and in no list of workflows`);
  return { request, workflow };
}

/** Of a file that does not say what it asks for. */
function refusedOf({ name }: RequestOfWork, problems: readonly Problem[]): Simulation {
  const workflow = { name: 'Unknown workflow', kind: 'read', stages: [] } as const;
  return makeSimulation({ workflow, request: { name, reason: '' }, ...NOBODY, problems });
}

/** Whom a request that only reads is about. Windows and approvals are about changes. */
async function readingOf(
  { repository }: Pick<SimulateDeps, 'repository'>,
  { after, request: asked }: Pick<Simulating, 'after' | 'request'>,
): Promise<Subject> {
  const loaded = await loadFleet({ repository, revision: after }, { platforms });
  if (loaded.kind === 'invalid') throw new FleetInvalidError({ revision: after, problems: loaded.problems });
  const judged = await judgeTargets(repository, loaded.fleet, asked.path);
  if (judged.kind === 'wrong') throw new FleetInvalidError({ revision: after, problems: judged.problems });
  return { targets: judged.devices.map(({ name, site }) => ({ device: name, site })), asks: [], closed: [] };
}

async function deployOf(
  deps: SimulateDeps,
  view: LedgerView | undefined,
  { before, after, request }: Simulating,
  rules: TipRules,
  signal: AbortSignal,
): Promise<Subject> {
  const { asked, repository } = deps;
  const between = { before, after, accessFrom: 'before' } as const;
  const loaded = await loadRequest({ repository, switches: asked.switches }, view, { ...between, request });
  const targets = loaded.subjects.map(({ device, site }) => ({ device, site }));
  const closed = closedSites(rules, { ...loaded, sites: targets.map(({ site }) => site) }, deps.clock.now());
  if (asked.kind === 'nobody') return { targets, asks: [], closed };

  const { reach = { kind: 'all' } } = asked;
  const isNear = ({ site }: PlanSubject): boolean => isInReach(reach, loaded.shardOf(site));
  const { plan } = await planConfiguration(
    asked.switches,
    {
      workflow: loaded.workflow,
      rollout: loaded.rollout,
      ...(loaded.request ? { request: loaded.request } : {}),
      source: { head: after, base: before, tree: after },
      subjects: loaded.subjects.filter(isNear),
      others: loaded.subjects.filter((subject) => !isNear(subject)).map(waitsForRunner),
      removed: loaded.removed,
      elsewhere: loaded.elsewhere,
      allowedHazards: loaded.allowedHazards,
      trial: false,
      ...(deps.onRead ? { onRead: deps.onRead } : {}),
    },
    signal,
  );
  return { targets, plan, asks: requirementsFor(plan, DIFF, loaded.rulesBefore).map(requirementInWords), closed };
}

interface Waiting {
  readonly asked: RequestOfWork;
  readonly request: Request;
  readonly workflow: Workflow;
  readonly targets: Subject['targets'];
}

/** What holds all of it, though nobody has to do anything: a pause, a date, its schedule. */
function waitsOf(
  { automation }: TipRules,
  { asked, request, workflow, targets }: Waiting,
  now: number,
): Simulation['waits'] {
  const notBefore = notBeforeOf(request);
  const next = request.schedule && nextOccurrence(request.schedule, now, `requests/${asked.name}`);
  const sites = [...new Set(targets.map(({ site }) => site))];
  const held = request.even_when_paused ? undefined : decidePaused(automation, { workflow: workflow.name, sites });
  return [
    ...(held ? [{ why: `${held.where} says that nothing automatic begins: ${held.reason}` }] : []),
    ...(notBefore !== undefined && notBefore > now
      ? [{ why: `it is not to begin before ${localTime(notBefore, request.time_zone ?? 'UTC')}`, until: notBefore }]
      : []),
    ...(next === undefined
      ? []
      : [
          {
            why: `it comes by its schedule, next at ${localTime(next, request.schedule?.time_zone ?? 'UTC')}`,
            until: next,
          },
        ]),
  ];
}
