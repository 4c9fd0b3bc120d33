import type { RunEvent } from '../../ledger/events.ts';
import { hasEnded, isPaused } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import type { Held } from '../kill-switch.ts';

/** What a person may do to a run from outside, decided from the run alone. */
export type Control =
  /** Events that do it; none where it is so already. */
  | { readonly kind: 'move'; readonly events: readonly RunEvent[]; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string; readonly next: string; readonly copy?: string };

export interface Controlling {
  readonly by: string;
  /** In their own words. */
  readonly reason?: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** By the kill switch, as it stands now. */
  readonly held?: Held;
}

/** Holds a run at its next border: what is being done to a switch is brought to its end first. */
export function decidePause(run: Run, asked: Controlling): Control {
  const refusal = whyOver(run);
  if (refusal) return refusal;
  const before = run.paused ?? run.pauseWanted;
  if (before && !before.automatic) return { kind: 'move', events: [], why: `it was paused already, by ${before.by}` };
  return {
    kind: 'move',
    events: [{ kind: 'run-paused', at: asked.now, ...saidBy(asked) }],
    why: run.lease ? 'it is paused as soon as every switch that is being changed has come to an end' : 'it is paused',
  };
}

export function decideResume(run: Run, asked: Controlling): Control {
  const refusal = whyOver(run);
  if (refusal) return refusal;
  if (!isPaused(run.status) && !run.pauseWanted) return { kind: 'move', events: [], why: 'it was not paused' };
  if (asked.held) {
    const { where, reason } = asked.held;
    return {
      kind: 'refused',
      why: `${where} says that nothing automatic is done now: ${reason}`,
      next: 'Change that file in a pull request. What it holds goes on by itself then.',
    };
  }
  return { kind: 'move', events: [{ kind: 'run-resumed', at: asked.now, ...saidBy(asked) }], why: 'it goes on' };
}

/**
 * Ends a run for good, at once: from here on nothing is begun in it, whoever changes switches for it stops, and then it ends.
 * The record says of every switch how it was left.
 */
export function decideTerminate(run: Run, asked: Controlling): Control {
  if (hasEnded(run.status)) return alreadyEnded(run);
  if (run.endWanted) return { kind: 'move', events: [], why: `${run.endWanted.by} terminated it already` };
  return {
    kind: 'move',
    events: [{ kind: 'end-wanted', at: asked.now, ...saidBy(asked) }],
    why: run.lease ? 'it is terminated as soon as whoever changes switches for it has stopped' : 'it is terminated',
  };
}

/** Nothing can be done to a run any more that has ended, or is about to. */
export function whyOver(run: Run): (Control & { readonly kind: 'refused' }) | undefined {
  if (hasEnded(run.status)) return alreadyEnded(run);
  if (!run.endWanted) return undefined;
  return {
    kind: 'refused',
    why: `${run.endWanted.by} terminated it, and it ends as soon as nobody changes switches for it`,
    next: 'To change the switches again, merge another pull request.',
  };
}

function saidBy({ by, reason }: Controlling): { readonly by: string; readonly why?: string } {
  return { by, ...(reason === undefined ? {} : { why: reason }) };
}

function alreadyEnded({ status, why }: Run): Control & { readonly kind: 'refused' } {
  return {
    kind: 'refused',
    why: `it has ended already, ${status}${why === undefined ? '' : ` (${why})`}`,
    next: 'To change the switches again, merge another pull request.',
  };
}
