/** A run as folded from its events. */
import type { ErrorDocument } from '../schemas/errors.ts';
import type {
  BatchOf,
  DeviceOutcome,
  Enforces,
  OutcomeCounts,
  Owner,
  Recovery,
  RunStatus,
  StageState,
} from './events.ts';

export interface StageRecord {
  readonly name: string;
  readonly state: StageState;
  /** Every state it was in, oldest first. */
  readonly history: readonly {
    readonly state: StageState;
    readonly at: number;
    readonly why?: string;
    /** The person who moved it. */
    readonly by?: string;
  }[];
  /** An approval was decided for it in its current try: it completes only through APPROVED or REJECTED. */
  readonly gated?: true;
  /** How often it was begun again after it had failed. */
  readonly retries: number;
  /** Automatic repetitions since it was begun, or since a person had it tried again. */
  readonly repetitions: number;
  /** An automatic repetition that is to come. */
  readonly retryDelay?: { readonly until: number; readonly attempt: number; readonly of: number };
  /** Who released it and who refused it, when. */
  readonly approvers: readonly { readonly by: string; readonly at: number }[];
  readonly rejecters: readonly { readonly by: string; readonly at: number }[];
  readonly error?: ErrorDocument;
  /** How its failure leaves the switches and what to do then. */
  readonly recovery?: Recovery;
}

/** A run another one started. */
export interface ChildRecord {
  readonly run: string;
  /** The stage of the parent that waits for it. */
  readonly stage: string;
  readonly batch?: BatchOf;
  /** How many switches it is about. */
  readonly devices?: number;
  readonly startedAt: number;
  /** These once it has ended, and its parent was told. */
  readonly status?: RunStatus;
  readonly endedAt?: number;
  readonly outcomes?: OutcomeCounts;
  readonly why?: string;
}

export interface DeviceRecord {
  readonly site: string;
  readonly device: string;
  /** Of its changes, as planned in this run. Absent when nothing would change. */
  readonly digest?: string;
  /** Intents written for it in this run. */
  readonly attempts: number;
  /** Those since it last had an outcome: more than one means that a process died. */
  readonly unsettled: number;
  readonly candidatesBefore: readonly string[];
  readonly baseToken?: string;
  readonly outcome?: DeviceOutcome;
  readonly backup?: string;
}

/** Somebody works on these devices until the deadline, or until each has an outcome. */
export interface Lease {
  readonly owner: Owner;
  readonly stage: string;
  readonly deadline: number;
  readonly fence: string;
  /** `site/device` of those without an outcome yet. */
  readonly devices: readonly string[];
}

/** Who holds a run, since when. */
export interface Pause {
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly why?: string;
  /** By the kill switch: it goes on by itself when that is off. */
  readonly automatic?: boolean;
}

export interface Run {
  /** `<workflow>-<pr-N or direct>-<first 12 digits of the commit>`, lower case. */
  readonly name: string;
  readonly workflow: string;
  readonly commit: string;
  /** Where the branch was before; the commit's first parent unless given. */
  readonly base?: string;
  readonly pullRequest?: number;
  /** The site whose own runner does this part of the commit; other parts are other runs. */
  readonly shard?: string;
  readonly request?: string;
  readonly schedule?: string;
  readonly scheduledFor?: number;
  readonly reason?: string;
  readonly parent?: string;
  readonly batch?: BatchOf;
  readonly timeoutAt?: number;
  readonly evenWhenPaused?: boolean;
  /** No person approves it: a rule of `automation.yaml` does. */
  readonly enforces?: Enforces;
  /** Runs it started, in order. */
  readonly children: readonly ChildRecord[];
  /** Files of results beside its page. */
  readonly artifacts: readonly string[];
  /** Why nothing is begun in it now, though nobody has to do anything. */
  readonly hold?: { readonly why: string; readonly until?: number; readonly since: number };
  /** What was decided for all switches at the barrier, since the last one was begun with. */
  readonly barrier?: { readonly stage: string; readonly decision: 'confirm' | 'take-back'; readonly why: string };
  /** The pull request that asks for its approval, where the one that was merged cannot. */
  readonly gate?: number;
  readonly status: RunStatus;
  /** Who holds it, since when; while it is PAUSED. */
  readonly paused?: Pause;
  /** It is to be held as soon as every switch that is being changed has its outcome. */
  readonly pauseWanted?: Pause;
  /** It is to end as soon as nobody changes switches for it any more. */
  readonly endWanted?: { readonly by: string; readonly at: number; readonly why?: string };
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly why?: string;
  /** Who ended it, where a person did. */
  readonly endedBy?: string;
  /** Where it did not end well: how the stage it stood in leaves the switches, and what to do then. */
  readonly recovery?: Recovery & { readonly stage: string };
  readonly stages: readonly StageRecord[];
  /** Sorted by site, then name. */
  readonly devices: readonly DeviceRecord[];
  readonly digest?: string;
  readonly decision?: {
    readonly digest: string;
    readonly decision: 'granted' | 'waiting' | 'rejected' | 'void';
    readonly by: readonly string[];
    readonly why?: string;
    readonly at: number;
  };
  readonly lease?: Lease;
}
