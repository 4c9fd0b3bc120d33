/**
 * What happened, one event a line in `runs/<yyyy>/<mm>/<run>/events.jsonl`. The truth: everything else about a run is
 * folded from these. Events are only ever appended. No event holds a secret.
 */
import type { ErrorDocument } from '../schemas/errors.ts';

export type StageState =
  | 'NOT_STARTED'
  | 'IN_PROGRESS'
  | 'PENDING_APPROVAL'
  | 'APPROVED'
  | 'REJECTED'
  | 'COMPLETE'
  | 'FAILED'
  | 'UNREACHABLE';

export type RunStatus = 'RUNNING' | 'PAUSED' | 'COMPLETED' | 'REJECTED' | 'FAILED' | 'TERMINATED' | 'TIMED_OUT';

/** How one switch came out of a run, and the state it is in. */
export type DeviceOutcome =
  /** The change is live, confirmed, saved. */
  | { readonly kind: 'applied'; readonly candidate: string; readonly probes: readonly string[] }
  /** The change is live and confirmed, and yet the switch reports an error about it: it needs eyes, not another apply. */
  | { readonly kind: 'faulty'; readonly candidate: string; readonly error: ErrorDocument }
  /** It already ran what is intended. */
  | { readonly kind: 'in-sync' }
  /** The switch took the change back; it runs what it ran before, read back and compared. */
  | { readonly kind: 'reverted'; readonly error: ErrorDocument }
  /** Nothing was written to it. */
  | { readonly kind: 'untouched'; readonly error: ErrorDocument }
  /** What it runs could not be established; the error says what to do. */
  | { readonly kind: 'unknown'; readonly error: ErrorDocument };

/** One process of ours, so that a dead owner can be told from a busy one. */
export interface Owner {
  readonly id: string;
  /** Machine boot and process namespace; equal only where `pid` can be looked up. Absent where that cannot be known. */
  readonly scope?: string;
  readonly pid?: number;
  /** Start time of the process in the kernel's ticks, so that a reused pid is noticed. */
  readonly startedTicks?: string;
}

export type RunEvent = { /** Milliseconds since the epoch. */ readonly at: number } & (
  | {
      readonly kind: 'run-started';
      readonly workflow: string;
      readonly stages: readonly string[];
      /** The commit on the fleet's branch that asks for it. */
      readonly commit: string;
      /** Where the branch was before; its first parent unless given. A pull request that was rebased puts several commits on it. */
      readonly base?: string;
      readonly pullRequest?: number;
      /** The site whose own runner does this part of the commit. */
      readonly shard?: string;
    }
  | {
      readonly kind: 'stage-moved';
      readonly stage: string;
      readonly to: StageState;
      readonly why?: string;
      readonly error?: ErrorDocument;
    }
  /** What `perform_configuration_diff` found: the plan that would be applied now. */
  | {
      readonly kind: 'planned';
      readonly digest: string;
      readonly devices: readonly { readonly site: string; readonly device: string; readonly digest?: string }[];
    }
  /** A pull request of our own asks for the approval of this stage; its reviews count, and no other's. */
  | { readonly kind: 'gate-opened'; readonly stage: string; readonly pullRequest: number }
  /** A decision on an approval, granted or not, as it stood. */
  | {
      readonly kind: 'decided';
      readonly stage: string;
      readonly digest: string;
      readonly decision: 'granted' | 'waiting' | 'rejected' | 'void';
      readonly by: readonly string[];
      readonly why?: string;
    }
  /** Written before a device is touched: the write-ahead line and the lease in one. */
  | {
      readonly kind: 'intent';
      readonly stage: string;
      readonly digest: string;
      readonly owner: Owner;
      /** After this moment another process may take over. */
      readonly deadline: number;
      /** The ledger commit this line was built on: the fencing token. */
      readonly fence: string;
      readonly devices: readonly {
        readonly site: string;
        readonly device: string;
        /** 1 for the first try in this run. */
        readonly attempt: number;
        /** Candidates on the switch before we staged. */
        readonly candidatesBefore: readonly string[];
        readonly baseToken: string;
      }[];
    }
  /** The same owner, still alive: the lease runs longer. */
  | { readonly kind: 'lease-extended'; readonly owner: Owner; readonly deadline: number }
  | {
      readonly kind: 'device-ended';
      readonly site: string;
      readonly device: string;
      readonly stage: string;
      readonly outcome: DeviceOutcome;
    }
  | { readonly kind: 'backed-up'; readonly site: string; readonly device: string; readonly file: string }
  /** Somebody said to hold the run where it stands: nothing is begun in it until it is resumed. */
  | { readonly kind: 'run-paused'; readonly by: string }
  | { readonly kind: 'run-resumed'; readonly by: string }
  | { readonly kind: 'run-ended'; readonly status: RunStatus; readonly why?: string }
);
