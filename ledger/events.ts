/**
 * What happened, one event a line in `runs/<yyyy>/<mm>/<run>/events.jsonl`. The truth: everything else about a run is
 * folded from these. Events are only ever appended. No event holds a secret.
 */
import type { ErrorDocument } from '../schemas/errors.ts';
import type { TreePath } from '../schemas/json.ts';

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
  | { readonly kind: 'unknown'; readonly error: ErrorDocument }
  /** It was read only, and runs something else than intended. `digest` is of the changes that would mend it. */
  | { readonly kind: 'differs'; readonly digest: string; readonly changes: number }
  /** It was read only, and what it runs is kept. `changed`: it is not what the last backup holds. */
  | { readonly kind: 'backed-up'; readonly changed: boolean };

/** How many switches came out how. */
export type OutcomeCounts = Readonly<Partial<Record<DeviceOutcome['kind'], number>>>;

/** Which batch of its parent a run is. */
export interface BatchOf {
  /** From 1. */
  readonly number: number;
  readonly of: number;
  readonly canary?: boolean;
}

/** What people are told of a stop, word for word: a page that is read in a year must not depend on what the code says then. */
export interface Recovery {
  readonly deviceState: string;
  readonly advice: string;
}

/** Drift that is taken back by a rule of `automation.yaml`, and by no person. */
export interface Enforces {
  /** Its name. */
  readonly rule: string;
  /** The finding, 12 hex digits. */
  readonly finding: string;
  /** Switches, by name; sorted. */
  readonly devices: readonly string[];
  /** Digest of the changes that take it back, equal on all of them. */
  readonly digest: string;
  /** What differs. */
  readonly paths: readonly TreePath[];
}

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
      /** Name of the file in `requests/` that asks for it. */
      readonly request?: string;
      /** Name of the schedule in `automation.yaml`, or of the request that recurs, and the time it is for. */
      readonly schedule?: string;
      readonly scheduledFor?: number;
      /** Why it was asked for, in the words of whoever did. */
      readonly reason?: string;
      /** The run that started this one, and which of its batches this is. */
      readonly parent?: string;
      readonly batch?: BatchOf;
      /** Ends as TIMED_OUT when it has not ended by then. */
      readonly timeoutAt?: number;
      /** Asked for by a person who said that it is to be done while automation is paused. */
      readonly evenWhenPaused?: boolean;
      readonly enforces?: Enforces;
    }
  | {
      readonly kind: 'stage-moved';
      readonly stage: string;
      readonly to: StageState;
      readonly why?: string;
      readonly error?: ErrorDocument;
      /** The person who had it tried again. */
      readonly by?: string;
      /** Of a stage that FAILED: how that leaves the switches and what to do then, as its workflow words it. */
      readonly recovery?: Recovery;
    }
  /** Something failed that may pass by itself: the stage goes on after `until`, without anybody having to say so. */
  | {
      readonly kind: 'retry-delayed';
      readonly stage: string;
      readonly until: number;
      /** 1 for the first repetition. */
      readonly attempt: number;
      readonly of: number;
      readonly why: string;
    }
  /** Nothing is begun now, and nobody has to do anything: a window, a date. Over as soon as anything is begun. */
  | { readonly kind: 'held'; readonly why: string; readonly until?: number }
  /** A run of its own that this stage waits for. Recorded in the step that starts it, at the time it starts. */
  | {
      readonly kind: 'child-started';
      readonly stage: string;
      readonly run: string;
      readonly batch?: BatchOf;
      /** How many switches it is about. */
      readonly devices?: number;
    }
  /** How that run ended. Recorded also after its parent has: what became of its switches is part of the parent's record. */
  | {
      readonly kind: 'child-ended';
      readonly stage: string;
      readonly run: string;
      readonly status: RunStatus;
      /** How many of its switches came out how; see `outcomesOf`. */
      readonly outcomes: OutcomeCounts;
      readonly why?: string;
    }
  /**
   * Every switch of a batch is live and proven, or one is not: what is done with all of them. Final until each has an
   * outcome; an intent after that begins anew.
   */
  | {
      readonly kind: 'barrier-decided';
      readonly stage: string;
      readonly decision: 'confirm' | 'take-back';
      readonly why: string;
    }
  /** A file of results beside the run’s page, in the same step: `diff.md`. */
  | { readonly kind: 'artifact-written'; readonly stage: string; readonly file: string }
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
  /**
   * Somebody said to hold the run where it stands: nothing is begun in it until it is resumed. While switches are being
   * changed for it, it holds as soon as each of them has an outcome.
   */
  | {
      readonly kind: 'run-paused';
      readonly by: string;
      readonly why?: string;
      /** By the kill switch: it goes on by itself when that is off. */
      readonly automatic?: boolean;
    }
  | { readonly kind: 'run-resumed'; readonly by: string; readonly why?: string }
  /** Somebody said to end it at once: nothing is begun any more, whoever changes switches for it stops, and then it ends. */
  | { readonly kind: 'end-wanted'; readonly by: string; readonly why?: string }
  | {
      readonly kind: 'run-ended';
      readonly status: RunStatus;
      readonly why?: string;
      readonly by?: string;
      /** Where it did not end well: how the stage it stood in leaves the switches, and what to do then. */
      readonly recovery?: Recovery & { readonly stage: string };
    }
);
