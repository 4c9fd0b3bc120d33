import { PointsmanError } from '../schemas/errors.ts';
import type { ApplyOutcome } from './apply-outcome.ts';
import { compareSwitch } from './compare-switch.ts';
import { StateUnknownError } from './errors.ts';
import { isTimeout } from './foreseen.ts';
import { type LiveChange, LOOK_LIMIT_MS, settle, within } from './live-change.ts';
import { openSwitch, type SwitchDeps } from './open-switch.ts';

/** How long after its timer a switch may take to be itself again. */
export const REVERT_GRACE_MS = 120_000;

/**
 * Takes a live change back, as far as the switch can be spoken to, and waits until it is.
 *
 * @param failure Why; becomes the reason of the outcome.
 */
export async function takeBack(
  deps: SwitchDeps,
  live: LiveChange,
  failure: PointsmanError,
  signal: AbortSignal,
): Promise<ApplyOutcome> {
  const { device } = live.target;
  // First, because the rest takes its time, and the others of the batch need not wait for it.
  live.barrier?.failed(device, failure.message);
  deps.onStep?.(device, 'taking the change back');
  await discardLive(deps, live, signal);
  return waitOutTheTimer(deps, live, failure, signal);
}

/**
 * Waits until the switch's timer has run out at the latest, then looks what it runs. Sends nothing.
 *
 * @param failure Why the change was not confirmed; becomes the reason of the outcome.
 */
export async function waitOutTheTimer(
  deps: SwitchDeps,
  live: LiveChange,
  failure: PointsmanError,
  signal: AbortSignal,
): Promise<ApplyOutcome> {
  const { target } = live;
  live.barrier?.failed(target.device, failure.message);
  const giveUpAt = live.startedAt + live.confirmWithinSeconds * 1000 + REVERT_GRACE_MS;
  let last = 'it did not answer';
  do {
    try {
      const found = await lookAfterwards(deps, live, failure, within(signal, LOOK_LIMIT_MS));
      if (typeof found !== 'string') return found;
      last = found;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PointsmanError) last = error.message;
      else if (!isTimeout(error)) throw error;
    }
    await deps.clock.sleep(deps.pollMilliseconds, signal);
  } while (deps.clock.now() < giveUpAt);
  const unknown = new StateUnknownError({ device: target.device, why: `${last}; before that: ${failure.message}` });
  return { kind: 'unknown', error: unknown.toJSON() };
}

/** Best effort: where it fails, the switch's own timer does the same. */
async function discardLive(deps: SwitchDeps, { target, candidate }: LiveChange, signal: AbortSignal): Promise<void> {
  const look = within(signal, LOOK_LIMIT_MS);
  try {
    const session = await openSwitch(deps, target, 'apply', look);
    try {
      // What goes back by itself is left alone until it is back.
      if ((await session.state(candidate, look)).kind !== 'reverted') await session.discard(candidate, look);
    } finally {
      await session.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    deps.log.warn(
      { device: target.device, err: error },
      'taking the change back failed, waiting for the switch to revert',
    );
  }
}

/** @returns Why nothing can be said yet, while the switch has not come to an end. */
async function lookAfterwards(
  deps: SwitchDeps,
  { target, candidate, runningBefore }: LiveChange,
  failure: PointsmanError,
  signal: AbortSignal,
): Promise<ApplyOutcome | string> {
  const session = await openSwitch(deps, target, 'apply', signal);
  try {
    const state = await session.state(candidate, signal);
    if (state.kind === 'applying' || state.kind === 'awaiting-confirm') {
      return `revision ${candidate} has not come to an end`;
    }
    if (state.kind === 'live') return await settle(deps, target, session, candidate, [], signal);

    const { runningDigest, changes } = await compareSwitch(deps, target, session, signal);
    const back = runningDigest === runningBefore;
    const what =
      changes.length === 0 ? 'it runs what is intended' : 'it runs neither what it ran before nor what is intended';
    const why = `${what}, though revision ${candidate} is ${state.kind}`;
    // A switch says that it goes back before it has.
    if (state.kind === 'reverted' && !back) return why;
    await session.discard(candidate, signal);
    if (back) return { kind: state.kind === 'staged' ? 'untouched' : 'reverted', error: failure.toJSON() };
    return { kind: 'unknown', error: new StateUnknownError({ device: target.device, why }).toJSON() };
  } finally {
    await session.close();
  }
}
