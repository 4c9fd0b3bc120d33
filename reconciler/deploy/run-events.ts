import type { ApprovalDecision } from '../../approvals/approval.ts';
import type { DeviceOutcome, RunEvent, StageState } from '../../ledger/events.ts';
import { foldEvent } from '../../ledger/fold-run.ts';
import { outcomesOf } from '../../ledger/outcome-words.ts';
import type { Run } from '../../ledger/run.ts';
import type { Plan } from '../../plans/plan.ts';
import { recoveryOf, workflowNamed } from '../../workflows/all-workflows.ts';
import type { DeployWork } from './deploy-work.ts';

/** The events of a deploy, as values: what a pass decided, before it is written. */

export const LOAD = 'load_intended_configuration';
export const DIFF = 'perform_configuration_diff';
export const APPLY = 'apply_configuration';
export const BACKUP = 'perform_backup';
export const BATCHES = 'execute_batches';
export const REVIEW = 'review_batch';

export function moved(
  at: number,
  stage: string,
  to: StageState,
  why?: string,
): RunEvent & { readonly kind: 'stage-moved' } {
  return { kind: 'stage-moved', at, stage, to, ...(why === undefined ? {} : { why }) };
}

export function ended(
  at: number,
  { site, device, outcome }: { readonly site: string; readonly device: string; readonly outcome: DeviceOutcome },
  stage = APPLY,
): RunEvent {
  return { kind: 'device-ended', at, site, device, stage, outcome };
}

export function started(at: number, work: DeployWork): RunEvent {
  const { workflow, commit, parent, pullRequest, shard, request, enforces, about = {} } = work;
  const { reason, timeoutSeconds = workflowNamed(workflow)?.timeoutSeconds, evenWhenPaused } = about;
  return {
    kind: 'run-started',
    at,
    workflow,
    stages: stagesOf(workflow),
    commit,
    base: parent,
    ...(pullRequest ? { pullRequest: pullRequest.number } : {}),
    ...(shard === undefined ? {} : { shard }),
    ...(request === undefined ? {} : { request: request.name }),
    ...(reason === undefined ? {} : { reason }),
    ...(timeoutSeconds === undefined ? {} : { timeoutAt: at + timeoutSeconds * 1000 }),
    ...(evenWhenPaused ? { evenWhenPaused } : {}),
    ...(enforces ? { enforces } : {}),
  };
}

/**
 * @param run With the status it ends in: what people are told to do follows from that and from its stages.
 * @param by The person who ended it.
 */
export function runEnded(
  at: number,
  run: Pick<Run, 'workflow' | 'status' | 'stages'>,
  why: string,
  by?: string,
): RunEvent {
  const recovery = recoveryOf(run);
  const how = { ...(by === undefined ? {} : { by }), ...(recovery ? { recovery } : {}) };
  return { kind: 'run-ended', at, status: run.status, why, ...how };
}

/** How a batch ended, for the run it is of. @param events That end it. */
export function childEnded(at: number, child: Run, events: readonly RunEvent[]): RunEvent {
  const ended = events.reduce<Run>((run, event) => foldEvent(child.name, run, event), child);
  const { status, why } = ended;
  const outcomes = outcomesOf(ended);
  const stage = BATCHES;
  return { kind: 'child-ended', at, stage, run: child.name, status, outcomes, ...(why === undefined ? {} : { why }) };
}

/** Names of the stages of a workflow, in order. */
export function stagesOf(workflow: string): readonly string[] {
  const declared = workflowNamed(workflow);
  if (!declared) throw new RangeError(`there is no workflow ${workflow}`);
  return declared.stages.map(({ name }) => name);
}

/** Everything up to "the switches were asked, and this is what would happen". Only what the run does not hold yet. */
export function askedEvents(at: number, work: DeployWork, run: Run | undefined, plan: Plan): readonly RunEvent[] {
  const planned: RunEvent = {
    kind: 'planned',
    at,
    digest: plan.digest,
    devices: plan.devices.map((device) => ({
      site: device.site,
      device: device.device,
      ...(device.kind === 'changing' ? { digest: device.digest } : {}),
    })),
  };
  return [
    ...(run ? [] : [started(at, work)]),
    ...(stageState(run, LOAD) === 'COMPLETE' ? [] : [moved(at, LOAD, 'IN_PROGRESS'), moved(at, LOAD, 'COMPLETE')]),
    ...(stageState(run, DIFF) === 'NOT_STARTED' ? [moved(at, DIFF, 'IN_PROGRESS')] : []),
    ...(run?.digest === plan.digest ? [] : [planned]),
  ];
}

/** The approval that releases the apply. */
export function grantedEvents(
  at: number,
  run: Run | undefined,
  decision: ApprovalDecision & { readonly kind: 'granted' },
): readonly RunEvent[] {
  const { digest, by } = decision.approval;
  return [
    ...(stageState(run, DIFF) === 'PENDING_APPROVAL' ? [] : [moved(at, DIFF, 'PENDING_APPROVAL')]),
    { kind: 'decided', at, stage: DIFF, digest, decision: 'granted', by },
    moved(at, DIFF, 'APPROVED', `approved by ${by.join(', ')}`),
    moved(at, DIFF, 'COMPLETE'),
  ];
}

/** The switches were asked and nothing has to be approved; also when an approval was asked for while something still had. */
export function nothingAskedEvents(at: number, run: Run | undefined, why: string): readonly RunEvent[] {
  const asked = stageState(run, DIFF) === 'PENDING_APPROVAL';
  return [
    ...(asked
      ? [moved(at, DIFF, 'FAILED', 'what was asked is void'), moved(at, DIFF, 'IN_PROGRESS', 'asked again')]
      : []),
    moved(at, DIFF, 'COMPLETE', why),
  ];
}

export function stageState(run: Run | undefined, stage: string): StageState {
  return run?.stages.find(({ name }) => name === stage)?.state ?? 'NOT_STARTED';
}
