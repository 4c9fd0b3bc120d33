/**
 * The one table of legal moves of stages and runs. Everything else is a bug and throws {@link IllegalMoveError}.
 *
 * It differs from NVIDIA Config Manager's in one place: a stage that waits for approval may fail, because here nobody is
 * blocked inside it; what it asked can become impossible, void or too late while it waits.
 */
import type { RunStatus, StageState } from './events.ts';

export const STAGE_MOVES: Readonly<Record<StageState, readonly StageState[]>> = {
  NOT_STARTED: ['IN_PROGRESS', 'UNREACHABLE'],
  IN_PROGRESS: ['PENDING_APPROVAL', 'COMPLETE', 'FAILED'],
  PENDING_APPROVAL: ['APPROVED', 'REJECTED', 'FAILED'],
  APPROVED: ['COMPLETE', 'FAILED'],
  REJECTED: ['COMPLETE', 'FAILED'],
  FAILED: ['IN_PROGRESS'],
  COMPLETE: [],
  UNREACHABLE: [],
};

export const RUN_MOVES: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  RUNNING: ['PAUSED', 'COMPLETED', 'REJECTED', 'FAILED', 'TERMINATED', 'TIMED_OUT'],
  PAUSED: ['RUNNING', 'TERMINATED', 'TIMED_OUT'],
  COMPLETED: [],
  REJECTED: [],
  FAILED: [],
  TERMINATED: [],
  TIMED_OUT: [],
};

/**
 * Whether a stage may go from one state to another. Staying where it is is always legal, and is no move.
 *
 * @param gated The stage asked for an approval in its current try: it is COMPLETE only from APPROVED or REJECTED.
 */
export function isLegalStageMove(from: StageState, to: StageState, gated: boolean): boolean {
  if (from === to) return true;
  if (gated && to === 'COMPLETE' && from !== 'APPROVED' && from !== 'REJECTED') return false;
  return STAGE_MOVES[from].includes(to);
}

/** Whether a run may go from one status to another. Staying where it is is always legal, and is no move. */
export function isLegalRunMove(from: RunStatus, to: RunStatus): boolean {
  return from === to || RUN_MOVES[from].includes(to);
}

/** A run that has ended never starts again: the same request is a new commit, and so a new run. */
export function hasEnded(status: RunStatus): boolean {
  return RUN_MOVES[status].length === 0;
}

/** Somebody holds it: nothing may be begun in it. */
export function isPaused(status: RunStatus | undefined): boolean {
  return status === 'PAUSED';
}
