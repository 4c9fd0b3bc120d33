import type { Probe, Session } from '../drivers/driver.ts';
import type { Change } from '../schemas/change.ts';
import { PointsmanError } from '../schemas/errors.ts';
import type { ApplyOutcome } from './apply-outcome.ts';
import { type Comparison, compareSwitch } from './compare-switch.ts';
import {
  ApplyIssuesError,
  ConfirmNotTakenError,
  ManagementLostError,
  ProofFailedError,
  StateUnknownError,
} from './errors.ts';
import { isTimeout } from './foreseen.ts';
import { openSwitch, type SwitchDeps, type SwitchTarget } from './open-switch.ts';

/** A change that is live and not yet confirmed, and what has to be shown of it. */
export interface LiveChange {
  readonly target: SwitchTarget;
  readonly candidate: string;
  /** Our clock, before the apply was sent. */
  readonly startedAt: number;
  readonly confirmWithinSeconds: number;
  /** Absent when an earlier process took them: then every probe has to be good. */
  readonly healthBefore?: readonly Probe[];
  /** Digest of what ran before, to recognise it again. */
  readonly runningBefore: string;
  /** What the switch showed when it was planned; it must be the same switch. */
  readonly pin: string;
}

/** Kept free at the end of the window, so that a confirm never races the switch's own timer. */
const CONFIRM_MARGIN_MS = 5_000;
/** How long after its timer a switch may take to be itself again. */
export const REVERT_GRACE_MS = 120_000;
/** One look: connecting, reading, probing. */
const LOOK_LIMIT_MS = 60_000;

/**
 * Shows from a connection made after the change that the switch is reachable, runs what is intended and is no worse than
 * before, and only then confirms. Otherwise the change is taken back, by us where we can speak to the switch and by its own
 * timer where we cannot.
 */
export async function proveAndConfirm(deps: SwitchDeps, live: LiveChange, signal: AbortSignal): Promise<ApplyOutcome> {
  const { target, candidate } = live;
  deps.onStep?.(target.device, `live, and reverts by itself unless confirmed within ${live.confirmWithinSeconds} s`);
  const confirmBy = live.startedAt + live.confirmWithinSeconds * 1000 - CONFIRM_MARGIN_MS;
  let findings: readonly string[] = [];
  let hopeless = false;
  let refused: PointsmanError | undefined;
  let unreachable: PointsmanError | undefined;

  do {
    let session: Session | undefined;
    try {
      const look = within(signal, Math.min(LOOK_LIMIT_MS, Math.max(1_000, confirmBy - deps.clock.now())));
      session = await openSwitch(deps, target, 'apply', look);
      unreachable = undefined;
      refused = undefined;
      const proof = await lookAtLive(deps, live, session, look);
      ({ findings, hopeless } = proof);
      if (findings.length === 0) {
        deps.onStep?.(target.device, 'reachable from a fresh connection, as intended, no worse than before');
        const { kind } = await session.confirm(candidate, look);
        if (kind === 'live') {
          return await settle(deps, target, session, candidate, proof.probes, within(signal, LOOK_LIMIT_MS));
        }
        // The yes got lost, or came too late. Only a switch that says it is live keeps the change.
        refused = new ConfirmNotTakenError({ device: target.device, state: kind });
        hopeless = kind !== 'awaiting-confirm' && kind !== 'applying';
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PointsmanError) unreachable = error;
      else if (!isTimeout(error)) throw error;
    } finally {
      await session?.close();
    }
    await deps.clock.sleep(deps.pollMilliseconds, signal);
  } while (!hopeless && deps.clock.now() < confirmBy);

  const { device } = target;
  const seen = findings.length > 0 ? new ProofFailedError({ device, findings }) : refused;
  const failure =
    seen && !unreachable
      ? seen
      : new ManagementLostError({
          device,
          waitedSeconds: Math.round((deps.clock.now() - live.startedAt) / 1000),
          lastWords: unreachable?.message ?? 'no answer in time',
        });
  if (failure === seen) await takeBack(deps, live, signal);
  return waitOutTheTimer(deps, live, failure, signal);
}

interface Proof {
  /** Why it must not be confirmed; empty when it may. */
  readonly findings: readonly string[];
  readonly probes: readonly string[];
  /** Looking again cannot help: sessions come up by themselves, configurations do not change by themselves. */
  readonly hopeless: boolean;
}

async function lookAtLive(
  deps: SwitchDeps,
  { target, candidate, healthBefore, pin }: LiveChange,
  session: Session,
  signal: AbortSignal,
): Promise<Proof> {
  const state = await session.state(candidate, signal);
  if (state.kind === 'live') return { findings: [], probes: [], hopeless: false };
  if (state.kind !== 'awaiting-confirm') {
    return { findings: [`the switch says the change is ${state.kind}`], probes: [], hopeless: true };
  }

  const compared = await compareSwitch(deps, target, session, signal);
  const { identity } = compared;
  const probes = await session.health(signal);
  const different = [
    ...(identity.pin === pin ? [] : ['it shows another certificate than before the change']),
    ...notAsIntended(compared)
      .slice(0, 5)
      .map(({ path }) => `${path.join(' ')} does not read back as intended`),
  ];
  return {
    findings: [...different, ...worseThan(healthBefore, probes)],
    probes: probes.map(({ name, ok, found }) => `${name}: ${ok ? 'ok' : 'not ok'} (${found})`),
    hopeless: different.length > 0,
  };
}

/**
 * What still differs from the intent. What the switch made of a secret it encrypts cannot be compared; that it was given
 * the right one was shown when it accounted for the candidate.
 */
function notAsIntended({ changes, unknownSecrets }: Comparison): readonly Change[] {
  return changes.filter(
    ({ path }) => !unknownSecrets.some((secret) => secret.every((key, index) => path[index] === key)),
  );
}

/** Only what got worse counts: a link that was down before is not our doing. */
function worseThan(before: readonly Probe[] | undefined, now: readonly Probe[]): readonly string[] {
  const wasBad = new Set(before?.filter(({ ok }) => !ok).map(({ name }) => name));
  const bad = now.filter(({ name, ok }) => !ok && !wasBad.has(name));
  const present = new Set(now.map(({ name }) => name));
  const gone = (before ?? []).filter(({ name, ok }) => ok && !present.has(name) && name.startsWith('bgp '));
  return [
    ...bad.map(({ name, found }) => `${name}: ${found}`),
    ...gone.map(({ name }) => `${name} was there before and is gone`),
  ];
}

/** Best effort: where it fails, the switch's own timer does the same. */
async function takeBack(deps: SwitchDeps, { target, candidate }: LiveChange, signal: AbortSignal): Promise<void> {
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

/** The change is live for good: make it survive a reboot and hear what the switch has to say about it. */
export async function settle(
  deps: SwitchDeps,
  { device }: SwitchTarget,
  session: Session,
  candidate: string,
  probes: readonly string[],
  signal: AbortSignal,
): Promise<ApplyOutcome> {
  try {
    await session.save(signal);
    const state = await session.state(candidate, signal);
    if (state.kind === 'live' && state.issues.length > 0) throw new ApplyIssuesError({ device, issues: state.issues });
  } catch (error) {
    if (!(error instanceof PointsmanError)) throw error;
    deps.log.warn({ device, candidate, code: error.code }, 'change confirmed with a complaint');
    return { kind: 'faulty', candidate, error: error.toJSON() };
  }
  deps.log.info({ device, candidate }, 'change confirmed and saved');
  deps.onStep?.(device, 'confirmed and saved');
  return { kind: 'applied', candidate, probes };
}

function within(signal: AbortSignal, milliseconds: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
}
