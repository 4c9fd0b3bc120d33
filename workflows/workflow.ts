/**
 * What a workflow declares of itself. The engine in `reconciler/` runs it, the ledger names its stages, and people read its
 * texts when something stopped.
 */

/** How one way of stopping leaves the switches, and what to do then. Shown as it stands. */
export interface Recovery {
  readonly deviceState: string;
  readonly advice: string;
}

export interface Stage {
  readonly name: string;
  /** One sentence: what it does. Part of the plan's "what will happen". */
  readonly does: string;
  /** A person's approval releases what comes after it. `asked`: only where the rollout says so. */
  readonly waitsForApproval: boolean | 'asked';
  /** Whether running it may change a switch. */
  readonly touchesDevice: boolean;
  /** Of the whole stage; of each switch where it touches devices. A stage that waits for people or other runs is none while it does. */
  readonly deadlineSeconds: number;
  /** Whether a person may have it tried again once it failed. */
  readonly retryable: boolean;
  /** How often what passes by itself is tried again before a person has to say so, and how long is waited before. */
  readonly retryCount: number;
  readonly retryDelaySeconds: number;
  /** How the next pass finds out what happened when we died in it. */
  readonly ifWeDied: string;
  readonly whenFailed: Recovery;
  readonly whenTerminated: Recovery;
}

export interface Workflow {
  readonly name: string;
  readonly does: string;
  /**
   * How the engine carries it out. `deploy`: all switches at once under one intent; `batches`: one run of its own for each
   * batch; `batch`: such a run; `read`: switches are only read, and nobody is asked.
   */
  readonly kind: 'deploy' | 'batches' | 'batch' | 'read';
  /** A run that has not ended after this long ends as TIMED_OUT, unless the rollout says otherwise. */
  readonly timeoutSeconds: number;
  readonly stages: readonly Stage[];
}
