import type { DeviceOutcome, RunEvent } from '../../ledger/events.ts';
import type { DeviceRecord, Run } from '../../ledger/run.ts';
import type { Rollout } from '../../plans/plan.ts';
import { stageNamed } from '../../workflows/all-workflows.ts';
import type { WindowClosedError } from '../errors.ts';
import { APPLY, moved } from './run-events.ts';

/** What follows when every switch of a stage has its outcome: decided from the run alone, so that any process decides the same. */
export type AfterApply =
  | { readonly kind: 'complete' }
  /** Some failed for a reason that may pass: they are tried again by itself. */
  | {
      readonly kind: 'again';
      readonly until: number;
      readonly attempt: number;
      readonly of: number;
      readonly why: string;
    }
  /** Some were not begun because their window closed: no failure, and no try. */
  | { readonly kind: 'deferred'; readonly why: string; readonly until?: number }
  /** A person may have it tried again; until then nothing is done. */
  | { readonly kind: 'parked'; readonly why: string }
  /** Nothing here is to be tried again. */
  | { readonly kind: 'failed' };

export interface RetryPolicy {
  readonly count: number;
  readonly delaySeconds: number;
}

/** What the rollout says, or else the workflow. */
export function retryPolicyOf(
  workflow: string,
  stage: string,
  { retryCount, retryDelaySeconds }: Rollout,
): RetryPolicy {
  const declared = stageNamed(workflow, stage);
  return {
    count: retryCount ?? declared?.retryCount ?? 0,
    delaySeconds: retryDelaySeconds ?? declared?.retryDelaySeconds ?? 0,
  };
}

export interface ApplyJudgement {
  readonly policy: RetryPolicy;
  /**
   * A part of a bigger run: what failed for good does not keep others from being tried again. A run of its own ends with the
   * first failure that is for good.
   */
  readonly keepsOpen: boolean;
  /** Its switches are confirmed together or not at all, and so they are tried again. */
  readonly barrier: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function decideAfterApply(run: Run, { policy, keepsOpen, barrier, now }: ApplyJudgement): AfterApply {
  const bad = run.devices.filter(({ outcome }) => !outcome || !WELL.has(outcome.kind));
  if (bad.length === 0) return { kind: 'complete' };
  const deferred = bad.filter(isDeferred);
  if (deferred.length === bad.length) return { kind: 'deferred', ...untilOf(deferred), why: whyOf(deferred) };
  if (!keepsOpen && bad.some((device) => !isRetryable(device))) return { kind: 'failed' };
  if (barrier && !run.devices.every((device) => mayPass(device) || device.outcome?.kind === 'in-sync')) {
    return { kind: 'failed' };
  }
  const passing = bad.filter(mayPass);
  const { count, delaySeconds } = policy;
  const repetitions = run.stages.find(({ name }) => name === APPLY)?.repetitions ?? 0;
  const why = whyOf(passing.length > 0 ? passing : bad);
  if (passing.length > 0 && repetitions < count) {
    return { kind: 'again', until: now + delaySeconds * 1000, attempt: repetitions + 1, of: count, why };
  }
  return bad.some(isRetryable) ? { kind: 'parked', why: whyOf(bad.filter(isRetryable)) } : { kind: 'failed' };
}

/** The same as events. */
export function eventsAfterApply(at: number, after: AfterApply): readonly RunEvent[] {
  switch (after.kind) {
    case 'complete':
      return [moved(at, APPLY, 'COMPLETE')];
    case 'again': {
      const { until, attempt, of, why } = after;
      return [{ kind: 'retry-delayed', at, stage: APPLY, until, attempt, of, why }];
    }
    case 'deferred': {
      const { why, until } = after;
      return [{ kind: 'held', at, why, ...(until === undefined ? {} : { until }) }];
    }
    case 'parked':
      return [moved(at, APPLY, 'FAILED', after.why)];
    case 'failed':
      return [moved(at, APPLY, 'FAILED')];
  }
}

const WELL: ReadonlySet<DeviceOutcome['kind']> = new Set(['applied', 'in-sync']);

/** It was approved, nothing was written to it, and the reason may be gone the next time. */
function mayPass({ digest, outcome }: DeviceRecord): boolean {
  return digest !== undefined && outcome?.kind === 'untouched' && outcome.error.disposition === 'retry-later';
}

/** A person may have it tried again: also where nobody could tell what it runs, because the next try looks first. */
export function isRetryable(device: DeviceRecord): boolean {
  return mayPass(device) || (device.digest !== undefined && device.outcome?.kind === 'unknown');
}

/** The apply has failed, and some of it can be tried again: a person has to say so. */
export function isParked(run: Run): boolean {
  const apply = run.stages.find(({ name }) => name === APPLY);
  return apply?.state === 'FAILED' && run.devices.some(isRetryable) && run.endedAt === undefined;
}

/** Switches of a run that are still to be done, or to be done again, now that its apply goes on. */
export function stillToDo(run: Run): readonly DeviceRecord[] {
  return run.devices.filter((device) => device.digest !== undefined && (!device.outcome || isRetryable(device)));
}

const WINDOW_CLOSED: WindowClosedError['code'] = 'RECONCILER_WINDOW_CLOSED';

function isDeferred({ outcome }: DeviceRecord): boolean {
  return outcome?.kind === 'untouched' && outcome.error.code === WINDOW_CLOSED;
}

/** When the last of their windows opens; absent where one of them is not known to. */
function untilOf(devices: readonly DeviceRecord[]): { readonly until?: number } {
  const opens = devices.map(({ outcome }) => (outcome?.kind === 'untouched' ? outcome.error.details['opensAt'] : 0));
  return opens.every((at) => typeof at === 'number') ? { until: Math.max(...opens) } : {};
}

function whyOf(devices: readonly DeviceRecord[]): string {
  const [first] = devices;
  const message = first?.outcome && 'error' in first.outcome ? first.outcome.error.message : 'it has no outcome';
  const others = devices.length - 1;
  return `${message}${others > 0 ? `, and ${others} more` : ''}`;
}
