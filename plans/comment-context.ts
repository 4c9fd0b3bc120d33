import type { ErrorDocument } from '../schemas/errors.ts';

/** What a comment shows beside the plan itself. */
export interface CommentContext {
  readonly pullRequest: number;
  /** Absent while nobody has to approve anything, because nothing would change. */
  readonly approval?: ApprovalView;
  /** Absent until the merge. */
  readonly run?: RunView;
  /** How the stage that failed leaves the switches, and what to do then. Our own words. */
  readonly recovery?: { readonly stage: string; readonly deviceState: string; readonly advice: string };
  /** The plan that stood here before, when this one is another. */
  readonly replaces?: {
    readonly digest: string;
    /** `leaf-03 changed at 11:02 UTC`. May quote foreign text. */
    readonly why: string;
  };
  /** This page asks for the approval of something that is merged already: approving it is enough, closing it rejects. */
  readonly isGate?: boolean;
  /** The plan here does not hold any more; another pull request asks for what would change now. */
  readonly movedTo?: {
    readonly pullRequest: number;
    readonly url: string;
    /** May quote foreign text. */
    readonly why: string;
  };
  /** Sites where nothing would begin now. */
  readonly closed?: readonly SiteOutlook[];
  /** What will happen, one sentence a stage, in order. Our own words. */
  readonly steps?: readonly string[];
  /** The whole plan, for where the comment has to leave something out. */
  readonly fullPlanUrl?: string;
  readonly links?: readonly { readonly label: string; readonly url: string }[];
  /** Commands people can give now, as they are typed. */
  readonly commands?: readonly string[];
}

/** Where the approval of the plan stands, from `approvals/`. */
export interface ApprovalView {
  readonly kind: 'granted' | 'waiting' | 'rejected' | 'void';
  /** A few words for the verdict: `waiting for 1 approval`. Plain text. */
  readonly summary: string;
  /** What is asked and what was said, as Markdown list items that are safe to show. */
  readonly lines: readonly string[];
  readonly expiresAfterHours: number;
}

/** A site where nothing is begun now. */
export interface SiteOutlook {
  readonly site: string;
  /** May quote foreign text. */
  readonly why: string;
  /** When something may begin there by itself, milliseconds since the epoch; absent where that is not known. */
  readonly at?: number;
}

/** How one switch came out, in the words of the ledger. */
export type OutcomeView =
  | { readonly kind: 'applied' | 'in-sync' }
  | { readonly kind: 'differs'; readonly changes: number }
  | { readonly kind: 'backed-up'; readonly changed: boolean }
  | { readonly kind: 'faulty' | 'reverted' | 'untouched' | 'unknown'; readonly error: ErrorDocument };

/** How a batch of a run stands. */
export interface BatchView {
  readonly number: number;
  readonly canary?: boolean;
  /** How many switches are in it. */
  readonly devices: number;
  /** `waiting`: for those before it. `held`: for a window or a date. */
  readonly state: 'waiting' | 'asks' | 'held' | 'running' | 'done' | 'failed';
  /** How many switches of it came out how, so far. */
  readonly outcomes: Readonly<Partial<Record<OutcomeView['kind'], number>>>;
  /** What asks for its approval. */
  readonly gate?: { readonly pullRequest: number; readonly url: string };
}

/** What a comment tells of a run: a part of the ledger's own view of it, so that one can be passed as it is. */
export interface RunView {
  readonly name: string;
  readonly status: 'RUNNING' | 'PAUSED' | 'COMPLETED' | 'REJECTED' | 'FAILED' | 'TERMINATED' | 'TIMED_OUT';
  /** May quote foreign text. */
  readonly why?: string;
  /** Who holds it, while it is PAUSED. */
  readonly paused?: {
    readonly by: string;
    /** May quote foreign text. */
    readonly why?: string;
    /** It goes on by itself. */
    readonly automatic?: boolean;
  };
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly stages: readonly {
    readonly name: string;
    readonly state: string;
    readonly error?: ErrorDocument;
    /** Every state it was in, oldest first; `by`: the person who moved it. */
    readonly history?: readonly { readonly state: string; readonly at: number; readonly by?: string }[];
  }[];
  readonly devices: readonly {
    readonly site: string;
    readonly device: string;
    readonly outcome?: OutcomeView;
    readonly backup?: string;
  }[];
  readonly lease?: {
    readonly stage: string /** `site/device` of those at work. */;
    readonly devices: readonly string[];
  };
  /** Why nothing is begun now, though nobody has to do anything. May quote foreign text. */
  readonly hold?: { readonly why: string; readonly until?: number };
  /** In their order. Only where the plan has some. */
  readonly batches?: readonly BatchView[];
}
