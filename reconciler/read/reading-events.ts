import type { RunEvent } from '../../ledger/events.ts';
import type { Run, StageRecord } from '../../ledger/run.ts';
import type { ErrorDocument } from '../../schemas/errors.ts';
import { workflowNamed } from '../../workflows/all-workflows.ts';
import type { RetryPolicy } from '../deploy/after-apply.ts';
import { moved, stageState, stagesOf } from '../deploy/run-events.ts';
import type { ReadWork } from '../work.ts';
import type { Answers, Reader } from './reader.ts';

/** The events of a run that only reads, as values. Each gives only what the run does not hold yet. */

export function startedReading(at: number, work: ReadWork): RunEvent {
  const { workflow, commit, shard, request, schedule, scheduledFor, reason, pullRequest, notBefore } = work;
  return {
    kind: 'run-started',
    at,
    workflow,
    stages: stagesOf(workflow),
    commit,
    ...(pullRequest ? { pullRequest: pullRequest.number } : {}),
    ...(shard === undefined ? {} : { shard }),
    ...(request ? { request: request.name } : {}),
    ...(schedule === undefined ? {} : { schedule }),
    ...(scheduledFor === undefined ? {} : { scheduledFor }),
    ...(reason === undefined ? {} : { reason }),
    ...(work.evenWhenPaused ? { evenWhenPaused: true } : {}),
    timeoutAt: Math.max(at, notBefore ?? at) + timeoutMs(workflow),
  };
}

/** Up to "the switches are being asked". */
export function begunEvents(
  at: number,
  work: ReadWork,
  run: Run | undefined,
  { asks }: Reader,
  selected: string,
): readonly RunEvent[] {
  const names = stagesOf(work.workflow);
  const before = names.slice(0, names.indexOf(asks));
  return [
    ...(run ? [] : [startedReading(at, work)]),
    ...before.flatMap((name) => {
      const state = stageState(run, name);
      return [
        ...(state === 'NOT_STARTED' ? [moved(at, name, 'IN_PROGRESS')] : []),
        ...(state === 'COMPLETE' ? [] : [moved(at, name, 'COMPLETE', selected)]),
      ];
    }),
    ...(stageState(run, asks) === 'NOT_STARTED'
      ? [moved(at, asks, 'IN_PROGRESS', before.length === 0 ? selected : undefined)]
      : []),
  ];
}

/** What the switches said. Of those that could not be asked, only of `lost`, which are not asked again. */
export function answeredEvents(
  at: number,
  { asks }: Reader,
  { outcomes, backups = [] }: Answers,
  lost: Answers['failures'],
): readonly RunEvent[] {
  return [
    ...outcomes.map(
      ({ site, device, outcome }): RunEvent => ({ kind: 'device-ended', at, site, device, stage: asks, outcome }),
    ),
    ...lost.map(
      ({ site, device, error }): RunEvent => ({
        ...{ kind: 'device-ended', at, site, device, stage: asks },
        outcome: { kind: 'untouched', error },
      }),
    ),
    ...backups.map(({ site, device, file }): RunEvent => ({ kind: 'backed-up', at, site, device, file })),
  ];
}

/** Also of files that are written anew. */
export function artifactEvents(at: number, stage: string, artifacts: ReadonlyMap<string, string>): readonly RunEvent[] {
  return [...artifacts.keys()].map((file) => ({ kind: 'artifact-written', at, stage, file }));
}

/** A stage that stops the run, and those that are not come to. */
export function failedEvents(
  at: number,
  run: Run | undefined,
  work: ReadWork,
  stage: string,
  error: ErrorDocument,
): readonly RunEvent[] {
  const names = stagesOf(work.workflow);
  return [
    ...(run ? [] : [startedReading(at, work)]),
    ...(stageState(run, stage) === 'NOT_STARTED' ? [moved(at, stage, 'IN_PROGRESS')] : []),
    { ...moved(at, stage, 'FAILED', error.message), error },
    ...names.slice(names.indexOf(stage) + 1).map((name) => moved(at, name, 'UNREACHABLE', `${stage} failed`)),
  ];
}

/** When a run has had its time. What was put off until a moment has its time from there on. */
export function timeIsOverAt({ workflow, startedAt, timeoutAt = startedAt, stages }: Run): number {
  const begun = stages[0]?.history.find(({ state }) => state === 'IN_PROGRESS')?.at;
  return begun === undefined ? timeoutAt : Math.max(timeoutAt, begun + timeoutMs(workflow));
}

/** The repetition that may still be made of a stage, if any. */
export function nextTry(
  { repetitions }: Pick<StageRecord, 'repetitions'>,
  { count, delaySeconds }: RetryPolicy,
): { readonly attempt: number; readonly of: number; readonly delayMs: number } | undefined {
  const attempt = repetitions + 1;
  return attempt > count ? undefined : { attempt, of: count, delayMs: delaySeconds * 1000 };
}

function timeoutMs(workflow: string): number {
  return (workflowNamed(workflow)?.timeoutSeconds ?? 0) * 1000;
}
