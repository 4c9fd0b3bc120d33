import type { Session } from '../drivers/driver.ts';
import { PointsmanError } from '../schemas/errors.ts';
import type { ApplyOutcome } from './apply-outcome.ts';
import { compareSwitch, knownChanges } from './compare-switch.ts';
import { BARRIER_MARGIN_MS } from './decide-barrier.ts';
import { BarrierNotPassedError, ConfirmNotTakenError, ManagementLostError, ProofFailedError } from './errors.ts';
import { foreseen, isTimeout } from './foreseen.ts';
import { judgeHealth, renderProbes } from './judge-health.ts';
import { type LiveChange, LOOK_LIMIT_MS, settle, within } from './live-change.ts';
import { openSwitch, type SwitchDeps } from './open-switch.ts';
import { takeBack, waitOutTheTimer } from './take-back.ts';

/** Kept free at the end of the window, so that a confirm never races the switch's own timer. */
const CONFIRM_MARGIN_MS = 5_000;

/**
 * Shows from a connection made after the change that the switch is reachable, runs what is intended and is no worse than
 * before, and only then confirms; where there is a barrier, once all others have shown it too. Otherwise the change is taken
 * back, by us where we can speak to the switch and by its own timer where we cannot.
 */
export async function proveAndConfirm(deps: SwitchDeps, live: LiveChange, signal: AbortSignal): Promise<ApplyOutcome> {
  const { target, barrier } = live;
  deps.onStep?.(target.device, `live, and reverts by itself unless confirmed within ${live.confirmWithinSeconds} s`);
  const confirmBy = live.startedAt + live.confirmWithinSeconds * 1000 - CONFIRM_MARGIN_MS;
  const prove: Look<readonly string[]> = (session, openedAt, look) => lookAtLive(deps, live, session, openedAt, look);
  const confirm = (probes: readonly string[]): Look<ApplyOutcome> => {
    return (session, _openedAt, look) => confirmLive(deps, live, session, probes, look, signal);
  };

  if (!barrier) {
    const kept = await lookUntil(deps, live, confirmBy, thenIn(prove, confirm), signal);
    return kept.kind === 'seen' ? kept.value : endUnconfirmed(deps, live, kept, signal);
  }
  const proven = await lookUntil(deps, live, confirmBy - BARRIER_MARGIN_MS, prove, signal);
  if (proven.kind !== 'seen') return endUnconfirmed(deps, live, proven, signal);

  deps.onStep?.(target.device, 'waiting for the others of its batch');
  const lookAgain = (given: AbortSignal) => whyNotStillWaiting(deps, live, given);
  const decision = await barrier.proven(target.device, { confirmBy, lookAgain }, signal);
  if (decision === 'take-back') return takeBack(deps, live, notPassed(live), signal);

  const kept = await lookUntil(deps, live, confirmBy, confirm(proven.value), signal);
  return kept.kind === 'seen' ? kept.value : endUnconfirmed(deps, live, kept, signal);
}

/** What one look from a fresh connection shows. */
type Look<T> = (session: Session, openedAt: number, signal: AbortSignal) => Promise<Seen<T>>;

type Seen<T> =
  | { readonly kind: 'seen'; readonly value: T }
  /** `hopeless`: looking again cannot help. */
  | { readonly kind: 'not-yet'; readonly failure: PointsmanError; readonly hopeless: boolean };

/** Why a change was not kept, and whether the switch could be spoken to at the end. */
interface NotSeen {
  readonly kind: 'not-seen';
  readonly failure: PointsmanError;
  readonly reachable: boolean;
}

/** Both in one conversation. */
function thenIn<A, B>(first: Look<A>, then: (value: A) => Look<B>): Look<B> {
  return async (session, openedAt, signal) => {
    const seen = await first(session, openedAt, signal);
    return seen.kind === 'seen' ? then(seen.value)(session, openedAt, signal) : seen;
  };
}

/** Looks, each time from a connection of its own, until something is seen, cannot be seen any more, or the time is over. */
async function lookUntil<T>(
  deps: SwitchDeps,
  live: LiveChange,
  until: number,
  look: Look<T>,
  signal: AbortSignal,
): Promise<Extract<Seen<T>, { kind: 'seen' }> | NotSeen> {
  const { device } = live.target;
  let seen: Extract<Seen<T>, { kind: 'not-yet' }> | undefined;
  let unreachable: PointsmanError | undefined;
  do {
    if (isLost(live)) return { kind: 'not-seen', failure: notPassed(live), reachable: true };
    let session: Session | undefined;
    try {
      const limited = within(signal, Math.min(LOOK_LIMIT_MS, Math.max(1_000, until - deps.clock.now())));
      const openedAt = deps.clock.now();
      session = await openSwitch(deps, live.target, 'apply', limited);
      unreachable = undefined;
      const found = await look(session, openedAt, limited);
      if (found.kind === 'seen') return found;
      seen = found;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PointsmanError) unreachable = error;
      else if (!isTimeout(error)) throw error;
    } finally {
      await session?.close();
    }
    await deps.clock.sleep(deps.pollMilliseconds, signal);
  } while (!seen?.hopeless && deps.clock.now() < until);

  if (seen && !unreachable) return { kind: 'not-seen', failure: seen.failure, reachable: true };
  const waitedSeconds = Math.round((deps.clock.now() - live.startedAt) / 1000);
  const lastWords = unreachable?.message ?? 'no answer in time';
  const failure = new ManagementLostError({ device, waitedSeconds, lastWords });
  return { kind: 'not-seen', failure, reachable: false };
}

/** Another switch of the batch failed, so that this one is taken back however well it is. */
function isLost({ barrier }: LiveChange): boolean {
  return barrier !== undefined && barrier.obstacles().length > 0;
}

function notPassed({ target, barrier }: LiveChange): BarrierNotPassedError {
  return new BarrierNotPassedError({ device: target.device, obstacles: barrier?.obstacles() ?? [] });
}

function endUnconfirmed(
  deps: SwitchDeps,
  live: LiveChange,
  { failure, reachable }: NotSeen,
  signal: AbortSignal,
): Promise<ApplyOutcome> {
  return reachable ? takeBack(deps, live, failure, signal) : waitOutTheTimer(deps, live, failure, signal);
}

async function lookAtLive(
  deps: SwitchDeps,
  live: LiveChange,
  session: Session,
  openedAt: number,
  signal: AbortSignal,
): Promise<Seen<readonly string[]>> {
  const { target, candidate, healthBefore, expectedChanges, pin } = live;
  const notYet = (findings: readonly string[], hopeless: boolean): Seen<never> => {
    return { kind: 'not-yet', failure: new ProofFailedError({ device: target.device, findings }), hopeless };
  };
  const state = await session.state(candidate, signal);
  if (state.kind === 'live') return { kind: 'seen', value: [] };
  if (state.kind !== 'awaiting-confirm') return notYet([`the switch says the change is ${state.kind}`], true);

  const compared = await compareSwitch(deps, target, session, signal);
  const api = { name: 'api', ok: true, found: `connected and read in ${deps.clock.now() - openedAt} ms` };
  const probes = [api, ...(await session.health(signal))];
  const different = [
    ...(compared.identity.pin === pin ? [] : ['it shows another certificate than before the change']),
    ...knownChanges(compared)
      .slice(0, 5)
      .map(({ path }) => `${path.join(' ')} does not read back as intended`),
  ];
  const health = live.healthWasProven
    ? { worse: [], expected: [] }
    : judgeHealth(healthBefore, probes, expectedChanges);
  const findings = [...different, ...health.worse];
  // Sessions come up by themselves, configurations do not change by themselves.
  if (findings.length > 0) return notYet(findings, different.length > 0);
  deps.onStep?.(target.device, 'reachable from a fresh connection, as intended, no worse than before');
  return { kind: 'seen', value: renderProbes(probes, health) };
}

/** Asked while everybody waits, so only what may have changed by itself: is it this switch, and does it still wait? */
async function whyNotStillWaiting(
  deps: SwitchDeps,
  { target, candidate, pin }: LiveChange,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { device, access } = target;
  try {
    const session = await openSwitch(deps, target, 'apply', signal);
    try {
      const identity = await session.identify(signal);
      if (identity.pin !== pin || identity.serial !== access.serial) return `${device} is another switch than before`;
      const { kind } = await session.state(candidate, signal);
      return kind === 'awaiting-confirm' || kind === 'live' ? undefined : `${device} took it back while it waited`;
    } finally {
      await session.close();
    }
  } catch (error) {
    return foreseen(error, device, signal).message;
  }
}

async function confirmLive(
  deps: SwitchDeps,
  { target, candidate }: LiveChange,
  session: Session,
  probes: readonly string[],
  look: AbortSignal,
  signal: AbortSignal,
): Promise<Seen<ApplyOutcome>> {
  const { kind } = await session.confirm(candidate, look);
  if (kind === 'live') {
    const limited = within(signal, LOOK_LIMIT_MS);
    return { kind: 'seen', value: await settle(deps, target, session, candidate, probes, limited) };
  }
  // The yes got lost, or came too late. Only a switch that says it is live keeps the change.
  const failure = new ConfirmNotTakenError({ device: target.device, state: kind });
  return { kind: 'not-yet', failure, hopeless: kind !== 'awaiting-confirm' && kind !== 'applying' };
}
