import type { ChangingDevice } from '../plans/plan.ts';
import type { PointsmanError } from '../schemas/errors.ts';
import type { ApplyOutcome } from './apply-outcome.ts';
import { compareSwitch } from './compare-switch.ts';
import { ApprovalWithdrawnError, StateUnknownError } from './errors.ts';
import { foreseen } from './foreseen.ts';
import { openSwitch, type SwitchDeps, type SwitchTarget } from './open-switch.ts';

const LOOK_LIMIT_MS = 120_000;

/**
 * Says what a switch runs after somebody stopped in the middle of its change, which must not be gone on with. Sends nothing: a
 * change inside its confirm window is taken back by the switch itself.
 *
 * @param because Why it is not gone on with; that its approval was withdrawn, unless given.
 */
export async function lookWithoutApproval(
  deps: SwitchDeps,
  target: SwitchTarget,
  approved: ChangingDevice,
  signal: AbortSignal,
  because?: PointsmanError,
): Promise<ApplyOutcome> {
  const { device } = target;
  const reason = because ?? new ApprovalWithdrawnError({ device, digest: approved.digest });
  const limited = AbortSignal.any([signal, AbortSignal.timeout(LOOK_LIMIT_MS)]);
  const unknown = (why: string): ApplyOutcome => ({
    kind: 'unknown',
    error: new StateUnknownError({ device, why: `${why}; ${reason.message}` }).toJSON(),
  });
  try {
    const session = await openSwitch(deps, target, 'plan', limited);
    try {
      const { changes, running, runningDigest } = await compareSwitch(deps, target, session, limited);
      if (running.busyWith) return unknown(`revision ${running.busyWith.candidate} is ${running.busyWith.state}`);
      if (runningDigest === approved.runningDigest) return { kind: 'untouched', error: reason.toJSON() };
      return changes.length === 0 ? { kind: 'in-sync' } : unknown('it runs neither the old nor the new configuration');
    } finally {
      await session.close();
    }
  } catch (error) {
    return unknown(foreseen(error, device, signal).message);
  }
}
