/**
 * When the next pass begins. Pure: at most one pass runs and at most one is wanted, however many ask for it; a pass looks at
 * everything, so one that begins after the last of them asked serves them all.
 */

/**
 * Why a pass is wanted. `webhook`: GitHub said that something moved; `retry`: the last one could not do everything; `due`: a run
 * goes on by itself at that time, because its delay is over or its window opens.
 */
export type WakeReason = 'start' | 'webhook' | 'schedule' | 'retry' | 'due';

export interface WakeState {
  readonly running: boolean;
  /** The one pass that comes next. Absent when nobody asked since the last one began. */
  readonly wanted?: {
    /** Earliest moment anybody asked for, milliseconds since the epoch. */
    readonly at: number;
    /** Everybody who asked, each once. */
    readonly reasons: readonly WakeReason[];
  };
  /** Nothing begins before: the last pass failed altogether, and asking faster would not help whoever is down. */
  readonly notBefore?: number;
}

export const asleep: WakeState = { running: false };

/** @param at Earliest moment it is to begin: a burst is waited for, but never longer than its first asked for. */
export function wakeUp(state: WakeState, reason: WakeReason, at: number): WakeState {
  const { wanted } = state;
  const reasons = wanted?.reasons.includes(reason) ? wanted.reasons : [...(wanted?.reasons ?? []), reason];
  return { ...state, wanted: { at: Math.min(at, wanted?.at ?? at), reasons } };
}

/** Milliseconds until a pass is to begin, 0 when it is due; `undefined` while one is running and while none is wanted. */
export function dueIn({ running, wanted, notBefore }: WakeState, now: number): number | undefined {
  if (running || !wanted) return undefined;
  return Math.max(0, wanted.at - now, (notBefore ?? now) - now);
}

/** What was wanted is what begins; whoever asks from now on asks for the next one, for this one may have looked already. */
export function beginPass(state: WakeState): WakeState {
  if (state.running) throw new Error('a pass is running already');
  return { running: true };
}

/** @param notBefore See {@link WakeState.notBefore}; absent unless it failed. */
export function endPass({ wanted }: WakeState, notBefore?: number): WakeState {
  return { running: false, ...(wanted ? { wanted } : {}), ...(notBefore === undefined ? {} : { notBefore }) };
}
