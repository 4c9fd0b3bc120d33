import type { Owner, RunEvent, StageState } from '../../ledger/events.ts';
import { leaseHolds } from '../../ledger/lease.ts';
import { hasEnded, isPaused } from '../../ledger/legal-moves.ts';
import type { Run } from '../../ledger/run.ts';
import { listNames } from '../../plans/words.ts';
import { ended, moved } from '../deploy/run-events.ts';
import { RunTerminatedError } from '../errors.ts';

/** What a person may do to a run from outside, decided from the run alone. */
export type Control =
  /** Events that do it; none where it is so already. */
  | { readonly kind: 'move'; readonly events: readonly RunEvent[]; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string; readonly next: string };

export interface Controlling {
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly isDead: (owner: Owner) => boolean;
}

/** Holds a run where it stands. Only between stages: what is being done to a switch is brought to its end first. */
export function decidePause(run: Run, asked: Controlling): Control {
  const refusal = whyNotNow(run, asked);
  if (refusal) return refusal;
  if (isPaused(run.status)) return { kind: 'move', events: [], why: `it was paused already, by ${run.paused?.by}` };
  return { kind: 'move', events: [{ kind: 'run-paused', at: asked.now, by: asked.by }], why: 'it is paused' };
}

export function decideResume(run: Run, { by, now }: Controlling): Control {
  if (hasEnded(run.status)) return alreadyEnded(run);
  if (!isPaused(run.status)) return { kind: 'move', events: [], why: 'it was not paused' };
  return { kind: 'move', events: [{ kind: 'run-resumed', at: now, by }], why: 'it goes on' };
}

/** Ends a run for good. Switches it has not come to stay as they are, and the record says so of each. */
export function decideTerminate(run: Run, asked: Controlling): Control {
  const refusal = whyNotNow(run, asked);
  if (refusal) return refusal;
  const { by, now } = asked;
  const why = `terminated by ${by}`;
  const untouched = run.devices.filter(({ outcome }) => !outcome);
  return {
    kind: 'move',
    why: 'it is terminated',
    events: [
      ...run.stages.flatMap(({ name, state }) => {
        const to = stateAtTheEnd(state);
        return to === undefined ? [] : [moved(now, name, to, why)];
      }),
      ...untouched.map(({ site, device }) => {
        const error = new RunTerminatedError({ device, run: run.name, by }).toJSON();
        return ended(now, { site, device, outcome: { kind: 'untouched', error } });
      }),
      { kind: 'run-ended', at: now, status: 'TERMINATED', why },
    ],
  };
}

function stateAtTheEnd(state: StageState): StageState | undefined {
  switch (state) {
    case 'NOT_STARTED':
      return 'UNREACHABLE';
    case 'IN_PROGRESS':
    case 'PENDING_APPROVAL':
    case 'APPROVED':
    case 'REJECTED':
      return 'FAILED';
    case 'COMPLETE':
    case 'FAILED':
    case 'UNREACHABLE':
      return undefined;
  }
}

const MOST_NAMED = 5;

/** Nothing is taken out of the hands of somebody who may be in the middle of changing a switch. */
function whyNotNow(run: Run, { now, isDead }: Controlling): (Control & { readonly kind: 'refused' }) | undefined {
  if (hasEnded(run.status)) return alreadyEnded(run);
  if (run.lease && leaseHolds(run.lease, now, isDead)) {
    const until = new Date(run.lease.deadline).toISOString();
    return {
      kind: 'refused',
      why: `a process is changing switches for it right now, and has until ${until} to say how they are`,
      next: 'Write it again after that. A change nobody confirms is taken back by the switch itself.',
    };
  }
  const unsettled = run.devices.filter(({ attempts, outcome }) => attempts > 0 && !outcome);
  if (unsettled.length === 0) return undefined;
  const names = listNames(
    unsettled.map(({ device }) => device),
    MOST_NAMED,
    (name) => name,
  );
  return {
    kind: 'refused',
    why: `a process died while it changed ${names}, and what these switches run is not known yet`,
    next: 'The next pass looks at them and brings them to an end. Write it again after that.',
  };
}

function alreadyEnded({ status, why }: Run): Control & { readonly kind: 'refused' } {
  return {
    kind: 'refused',
    why: `it has ended already, ${status}${why === undefined ? '' : ` (${why})`}`,
    next: 'To change the switches again, merge another pull request.',
  };
}
