import type { Approval } from '../approvals/approval.ts';
import type { ChangingDevice } from '../plans/plan.ts';
import type { Barrier } from './barrier.ts';
import type { BarrierDecision } from './decide-barrier.ts';
import type { SwitchTarget } from './open-switch.ts';

/** One approved change of one switch. */
export interface ApplyInput {
  readonly target: SwitchTarget;
  /** What the plan says of this switch. */
  readonly approved: ChangingDevice;
  /** Proof that the plan may be applied. */
  readonly approval: Approval;
  /** Candidates that were on the switch before the intent was written. */
  readonly candidatesBefore: readonly string[];
  /** An earlier process wrote the intent and its outcome is not known: its traces are looked for first. */
  readonly takenOver: boolean;
  readonly confirmWithinSeconds: number;
  /** Globs of the names of probes that may get worse by this change; none unless given. */
  readonly expectedChanges?: readonly string[];
  /** Of the batch this switch is confirmed with; all of it has to be in flight at the same time. Alone unless given. */
  readonly barrier?: Barrier;
  /**
   * An earlier process recorded it for the batch, so `barrier` is not asked any more: on `confirm` the switch ends with the
   * change, on `take-back` without it, whatever became of the others.
   */
  readonly barrierDecided?: BarrierDecision;
}

/** Whom to ask before confirming: nobody, where that is decided already. */
export function barrierOf({ barrier, barrierDecided }: ApplyInput): Barrier | undefined {
  return barrierDecided === undefined ? barrier : undefined;
}
