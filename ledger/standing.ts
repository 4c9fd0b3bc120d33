import type { ChildRecord, Lease, Run } from './run.ts';

/** What has to happen for a run to go on. */
export type Standing =
  | { readonly kind: 'ended' }
  /** Somebody holds it; `automatic`: until the kill switch is off. */
  | {
      readonly kind: 'paused';
      readonly by: string;
      readonly at: number;
      readonly why?: string;
      readonly automatic?: boolean;
    }
  /** Somebody wants it ended: who changes switches for it stops, and then it ends. */
  | { readonly kind: 'ending'; readonly by: string; readonly at: number; readonly why?: string }
  /** Switches are being worked on. */
  | { readonly kind: 'at-work'; readonly lease: Lease }
  /** A person has to say yes or no. */
  | {
      readonly kind: 'asks';
      readonly stage: string;
      readonly why?: string;
      /** Where: the pull request that asks, or the one that was merged. */
      readonly pullRequest?: number;
      /** It is a pull request of our own: closing it says no. */
      readonly isGate: boolean;
    }
  /** A person has to say whether it is tried again. */
  | { readonly kind: 'failed'; readonly stage: string }
  | {
      readonly kind: 'repeats';
      readonly stage: string;
      readonly until: number;
      readonly attempt: number;
      readonly of: number;
    }
  /** A window, a date. */
  | { readonly kind: 'held'; readonly why: string; readonly until?: number; readonly since: number }
  /** Runs it started are under way. */
  | { readonly kind: 'children'; readonly open: readonly ChildRecord[] }
  /** Nothing: the next pass goes on. */
  | { readonly kind: 'due' };

/** The one thing that matters most: what nobody but a person can do stands before what passes by itself. */
export function standingOf(run: Run): Standing {
  if (run.endedAt !== undefined) return { kind: 'ended' };
  if (run.endWanted) return { kind: 'ending', ...run.endWanted };
  if (run.paused) return { kind: 'paused', ...run.paused };
  if (run.lease) return { kind: 'at-work', lease: run.lease };
  const asking = run.stages.find(({ state }) => state === 'PENDING_APPROVAL');
  if (asking) {
    const pullRequest = run.gate ?? run.pullRequest;
    return {
      kind: 'asks',
      stage: asking.name,
      isGate: run.gate !== undefined,
      ...(run.decision?.why === undefined ? {} : { why: run.decision.why }),
      ...(pullRequest === undefined ? {} : { pullRequest }),
    };
  }
  const repeating = run.stages.find(({ retryDelay }) => retryDelay);
  // What failed before it is not gone on with; of two that failed, the run stands at the later one.
  const failed = repeating ? undefined : run.stages.findLast(({ state }) => state === 'FAILED');
  if (failed) return { kind: 'failed', stage: failed.name };
  if (run.hold) return { kind: 'held', ...run.hold };
  if (repeating?.retryDelay) return { kind: 'repeats', stage: repeating.name, ...repeating.retryDelay };
  const open = run.children.filter(({ status }) => status === undefined);
  return open.length > 0 ? { kind: 'children', open } : { kind: 'due' };
}

/** Nothing goes on until a person has done something. */
export function waitsForPerson(standing: Standing): boolean {
  if (standing.kind === 'paused') return standing.automatic !== true;
  return standing.kind === 'asks' || standing.kind === 'failed';
}
