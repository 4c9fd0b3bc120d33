import type { CandidateState, Session, Staged } from '../drivers/driver.ts';
import { ConfigurationRefusedError } from '../drivers/errors.ts';
import { digestOfDevice } from '../plans/make-plan.ts';
import type { ChangingDevice } from '../plans/plan.ts';
import { type ApplyInput, barrierOf } from './apply-input.ts';
import type { ApplyOutcome } from './apply-outcome.ts';
import { type Comparison, compareSwitch } from './compare-switch.ts';
import { DiffChangedError, SwitchBusyError } from './errors.ts';
import { foreseen } from './foreseen.ts';
import { settle } from './live-change.ts';
import { findWhatToTakeBack, finish, type MadeLive, makeLive } from './make-live.ts';
import { openSwitch, type SwitchDeps } from './open-switch.ts';
import { withOrigins } from './origins.ts';
import { refuseDisagreement } from './plan-configuration.ts';
import { REVERT_GRACE_MS } from './take-back.ts';

/** One step of a conversation: opening, reading, staging. A whole replace of a big switch takes tens of seconds. */
const STEP_LIMIT_MS = 120_000;

/**
 * Makes an approved change live on one switch and proves it.
 *
 * Whatever happens, the switch ends in its old or its new configuration: nothing is live before `commit`, and from then
 * until `confirm` the switch's own timer takes the change back. Where we cannot tell which of the two it is, the outcome is
 * `unknown`, and nothing was confirmed.
 *
 * @throws Only for bugs and when `signal` is aborted; everything else is an outcome.
 */
export async function applyToSwitch(deps: SwitchDeps, input: ApplyInput, signal: AbortSignal): Promise<ApplyOutcome> {
  const { device } = input.target;
  const barrier = barrierOf(input);
  try {
    const outcome = await changeSwitch(deps, input, signal);
    if ('error' in outcome && outcome.kind !== 'faulty') barrier?.failed(device, outcome.error.message);
    else barrier?.settled(device);
    return outcome;
  } catch (error) {
    // One that was told to stop is left to the next process, which finds nothing decided.
    if (!signal.aborted) barrier?.failed(device, 'it ended in an error that nobody foresaw');
    throw error;
  }
}

async function changeSwitch(deps: SwitchDeps, input: ApplyInput, signal: AbortSignal): Promise<ApplyOutcome> {
  const { target } = input;
  const step = () => AbortSignal.any([signal, AbortSignal.timeout(STEP_LIMIT_MS)]);
  let session: Session | undefined;
  let made: MadeLive;
  try {
    session = await openSwitch(deps, target, 'apply', step());
    made = await changeIn(deps, input, session, step, signal);
  } catch (error) {
    const known = foreseen(error, target.device, signal);
    const named = known instanceof ConfigurationRefusedError ? withOrigins(target, known) : known;
    return { kind: 'untouched', error: named.toJSON() };
  } finally {
    await session?.close();
  }
  return finish(deps, made, signal);
}

/** Everything that is done in one conversation. What it throws happened before anything was live. */
async function changeIn(
  deps: SwitchDeps,
  input: ApplyInput,
  session: Session,
  step: () => AbortSignal,
  signal: AbortSignal,
): Promise<MadeLive> {
  const { target } = input;
  const ended = (outcome: ApplyOutcome): MadeLive => ({ kind: 'ended', outcome });
  const comparison = await compareOnceBack(deps, input, session, step);

  const found = await findEarlierSuccess(input, comparison, session, step());
  if (found) return ended(await settle(deps, target, session, found, ['found live and confirmed'], step()));
  if (comparison.changes.length === 0 && !comparison.running.busyWith) {
    await session.save(step());
    return ended({ kind: 'in-sync' });
  }
  if (input.barrierDecided === 'take-back') {
    return findWhatToTakeBack(deps, input, session, comparison, step());
  }
  refuseWhatWasNotApproved(input, comparison);

  const staged = await stageApproved(deps, input, session, comparison, step());
  deps.onStep?.(target.device, 'staged; the switch names exactly the approved changes');
  return makeLive(deps, input, session, comparison, staged, signal);
}

/** What the switch runs. After a crash it may just be taking back what nobody confirmed: then, what it runs once it has. */
async function compareOnceBack(
  deps: SwitchDeps,
  { target, takenOver, candidatesBefore }: ApplyInput,
  session: Session,
  step: () => AbortSignal,
): Promise<Comparison> {
  const giveUpAt = deps.clock.now() + REVERT_GRACE_MS;
  for (;;) {
    const comparison = await compareSwitch(deps, target, session, step());
    const { changes, running } = comparison;
    // Read as intended for longer than any way back takes: then somebody else has made it so.
    if (!takenOver || changes.length > 0 || deps.clock.now() >= giveUpAt) return comparison;
    const ours = running.candidates.filter((id) => !candidatesBefore.includes(id));
    const states = await Promise.all(ours.map((id) => session.state(id, step())));
    if (!states.some(isUnconfirmed)) return comparison;
    await deps.clock.sleep(deps.pollMilliseconds, step());
  }
}

function isUnconfirmed(state: CandidateState): boolean {
  return state.kind === 'reverted' && state.unconfirmed === true;
}

/** After a crash: the candidate of the earlier process, when it got as far as being live for good. */
async function findEarlierSuccess(
  { takenOver, candidatesBefore }: ApplyInput,
  { changes, running }: Comparison,
  session: Session,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!takenOver || changes.length > 0 || running.busyWith) return undefined;
  for (const candidate of running.candidates.filter((id) => !candidatesBefore.includes(id))) {
    if ((await session.state(candidate, signal)).kind === 'live') return candidate;
  }
  return undefined;
}

/** The last look before the first write. */
function refuseWhatWasNotApproved(
  { target, approved, takenOver, candidatesBefore }: ApplyInput,
  found: Comparison,
): void {
  const { device } = target;
  const { busyWith } = found.running;
  if (busyWith) {
    // After a crash our own candidate may be the one that waits; staging takes it up only if it holds what we intend.
    if (takenOver && !candidatesBefore.includes(busyWith.candidate)) return;
    throw new SwitchBusyError({ device, ...busyWith });
  }
  const digest = digestOfDevice({ ...approved, identity: found.identity, changes: found.changes });
  if (digest === approved.digest) return;
  throw new DiffChangedError({ device, approved: approved.digest, found: digest, why: whyDifferent(approved, found) });
}

function whyDifferent(approved: ChangingDevice, { identity, changes }: Comparison): string {
  if (identity.pin !== approved.identity.pin) return 'it shows another certificate';
  if (identity.version !== approved.identity.version) {
    return `it runs ${identity.version}, not ${approved.identity.version}`;
  }
  return `${changes.length} changes would be made now, ${approved.changes.length} were approved, and they are not the same`;
}

async function stageApproved(
  deps: SwitchDeps,
  { target, approved, takenOver, candidatesBefore }: ApplyInput,
  session: Session,
  comparison: Comparison,
  signal: AbortSignal,
): Promise<Staged> {
  // Without a crash every candidate that is there now belongs to somebody else.
  const known = takenOver ? candidatesBefore : comparison.running.candidates;
  let staged = await session.stage(comparison.intended, known, signal);
  if (isUnconfirmed(staged.state)) {
    // It was live, and whoever should have confirmed it was dead: what was approved is still to be done.
    await session.discard(staged.candidate, signal);
    staged = await session.stage(comparison.intended, [...known, staged.candidate], signal);
  }
  if (staged.state.kind !== 'staged') return staged;
  try {
    const changes = approved.changes.map(({ change }) => change);
    refuseDisagreement(deps, target, comparison, changes, staged.deviceChanges);
  } catch (error) {
    await session.discard(staged.candidate, signal);
    throw error;
  }
  return staged;
}
