import type { Probe, Session } from '../drivers/driver.ts';
import { PointsmanError } from '../schemas/errors.ts';
import type { ApplyOutcome } from './apply-outcome.ts';
import type { Barrier } from './barrier.ts';
import { ApplyIssuesError } from './errors.ts';
import type { SwitchDeps, SwitchTarget } from './open-switch.ts';

/** A change that is live and not yet confirmed, and what has to be shown of it. */
export interface LiveChange {
  readonly target: SwitchTarget;
  readonly candidate: string;
  /** Our clock, before the apply was sent. */
  readonly startedAt: number;
  readonly confirmWithinSeconds: number;
  /** Absent when an earlier process took them: then every probe has to be good. */
  readonly healthBefore?: readonly Probe[];
  /** Globs of the names of probes that may get worse. */
  readonly expectedChanges: readonly string[];
  /** An earlier process found its health well, and it stands on record that it may be confirmed: health is not judged anew. */
  readonly healthWasProven: boolean;
  /** Digest of what ran before, to recognise it again. */
  readonly runningBefore: string;
  /** What the switch showed when it was planned; it must be the same switch. */
  readonly pin: string;
  /** Of the batch this switch is confirmed with. Absent when it is confirmed alone. */
  readonly barrier?: Barrier;
}

/** One look: connecting, reading, probing. */
export const LOOK_LIMIT_MS = 60_000;

export function within(signal: AbortSignal, milliseconds: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
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
