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
  /** A person's approval releases what comes after it. */
  readonly waitsForApproval: boolean;
  /** Whether running it may change a switch. */
  readonly touchesDevice: boolean;
  /** Of the whole stage; of each switch where it touches devices. */
  readonly deadlineSeconds: number;
  /** How the next pass finds out what happened when we died in it. */
  readonly ifWeDied: string;
  readonly whenFailed: Recovery;
  readonly whenTerminated: Recovery;
}

export interface Workflow {
  readonly name: string;
  readonly does: string;
  readonly stages: readonly Stage[];
}
