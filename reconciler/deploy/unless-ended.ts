import type { DeviceOutcome } from '../../ledger/events.ts';
import type { Run } from '../../ledger/run.ts';
import type { ChangingDevice } from '../../plans/plan.ts';
import { lookWithoutApproval } from '../../workflows/look-without-approval.ts';
import type { PlanSubject } from '../../workflows/plan-configuration.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { RunTerminatedError } from '../errors.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { APPLY } from './run-events.ts';
import { withinDeadline } from './within-deadline.ts';

export interface Changing {
  /** As it was when the lease was taken. */
  readonly run: Run;
  readonly approved: ChangingDevice;
  readonly target: PlanSubject;
  /** An earlier process may have begun to change it. */
  readonly begunBefore: boolean;
}

/**
 * Changes one switch. Where somebody wants the run to end before that is done, it is stopped at once, and the switch is looked
 * at: a change inside its confirm window is taken back by the switch itself, and nobody waits for that.
 */
export async function unlessEnded(
  deps: ReconcilerDeps,
  { run, approved, target, begunBefore }: Changing,
  keeper: LeaseKeeper,
  change: (limited: AbortSignal) => Promise<DeviceOutcome>,
): Promise<DeviceOutcome> {
  const { device } = approved;
  let begun = begunBefore;
  if (!run.endWanted) {
    try {
      return await withinDeadline(run.name, APPLY, keeper.signal, (limited) => {
        limited.throwIfAborted();
        begun = true;
        return change(limited);
      });
    } catch (error) {
      if (!keeper.endWanted() || keeper.looking.aborted) throw error;
      deps.log.info({ run: run.name, device, err: error }, 'stopped, the run is to end');
    }
  }
  const { by } = run.endWanted ?? keeper.endWanted() ?? { by: 'somebody' };
  const because = new RunTerminatedError({ device, run: run.name, by });
  if (!begun) return { kind: 'untouched', error: because.toJSON() };
  return withinDeadline(run.name, APPLY, keeper.looking, (limited) =>
    lookWithoutApproval(deps.switches, target, approved, limited, because),
  );
}
