import type { CandidateState, Probe, Session, Staged } from '../drivers/driver.ts';
import { ConfigurationRefusedError, ConfirmExpiredError, UnreachableError } from '../drivers/errors.ts';
import { PointsmanError } from '../schemas/errors.ts';
import { type ApplyInput, barrierOf } from './apply-input.ts';
import type { ApplyOutcome } from './apply-outcome.ts';
import type { Comparison } from './compare-switch.ts';
import { BarrierNotPassedError, ManagementLostError, TakenBackError } from './errors.ts';
import { type LiveChange, settle } from './live-change.ts';
import type { SwitchDeps } from './open-switch.ts';
import { proveAndConfirm } from './prove-and-confirm.ts';
import { takeBack, waitOutTheTimer } from './take-back.ts';

/** How far a change got on the connection that staged it. What comes next is done from fresh ones. */
export type MadeLive =
  | { readonly kind: 'ended'; readonly outcome: ApplyOutcome }
  | { readonly kind: 'live'; readonly live: LiveChange }
  /** It must not stay, or will not; `discard`: the switch has to be told. */
  | {
      readonly kind: 'unwanted';
      readonly live: LiveChange;
      readonly failure: PointsmanError;
      readonly discard: boolean;
    };

/** Sends the apply, or follows one that an earlier process sent, until the switch waits for the confirmation or ended otherwise. */
export async function makeLive(
  deps: SwitchDeps,
  input: ApplyInput,
  session: Session,
  comparison: Comparison,
  staged: Staged,
  signal: AbortSignal,
): Promise<MadeLive> {
  const { target, confirmWithinSeconds } = input;
  const { candidate } = staged;
  const isFresh = staged.state.kind === 'staged';
  const healthBefore = isFresh ? await session.health(signal) : undefined;
  if (isFresh) await refuseLostBatch(input, session, candidate, signal);
  const live = liveChangeOf(deps, input, comparison, staged, healthBefore);
  const unwanted = (failure: PointsmanError): MadeLive => ({ kind: 'unwanted', live, failure, discard: false });
  const takenBack = (state: string, words: readonly string[]): MadeLive => {
    return unwanted(new TakenBackError({ device: target.device, state, words }));
  };

  const state = await commitOrExplain(session, staged, confirmWithinSeconds, signal);
  if ('failure' in state) {
    if (state.failure instanceof ConfigurationRefusedError) throw state.failure;
    return unwanted(asManagementLost(deps, live, state.failure));
  }
  switch (state.kind) {
    case 'awaiting-confirm':
      return { kind: 'live', live };
    case 'live':
      return { kind: 'ended', outcome: await settle(deps, target, session, candidate, [], signal) };
    case 'reverted':
      return takenBack(state.state, state.issues);
    case 'staged':
    case 'applying':
    case 'gone':
      return takenBack(state.kind, ['the apply never reached its end']);
  }
}

/** An earlier process wrote down that its batch is taken back: whatever it left of this change on the switch goes. */
export async function findWhatToTakeBack(
  deps: SwitchDeps,
  input: ApplyInput,
  session: Session,
  comparison: Comparison,
  signal: AbortSignal,
): Promise<MadeLive> {
  const { target, takenOver, candidatesBefore } = input;
  const why = 'that was decided by an earlier process, and stands in the ledger';
  const failure = new BarrierNotPassedError({ device: target.device, obstacles: [{ why }] });
  const left = comparison.running.candidates.some((id) => !candidatesBefore.includes(id));
  if (!takenOver || !left) throw failure;
  // Only what a candidate holds tells whose it is, and staging looks. A draft it makes because none is ours goes as well.
  const staged = await session.stage(comparison.intended, candidatesBefore, signal);
  if (staged.state.kind !== 'staged') {
    return { kind: 'unwanted', live: liveChangeOf(deps, input, comparison, staged), failure, discard: true };
  }
  await session.discard(staged.candidate, signal);
  throw failure;
}

/** @throws Only for bugs and when `signal` is aborted. */
export async function finish(deps: SwitchDeps, made: MadeLive, signal: AbortSignal): Promise<ApplyOutcome> {
  switch (made.kind) {
    case 'ended':
      return made.outcome;
    case 'live':
      return proveAndConfirm(deps, made.live, signal);
    case 'unwanted':
      return made.discard
        ? takeBack(deps, made.live, made.failure, signal)
        : waitOutTheTimer(deps, made.live, made.failure, signal);
  }
}

/** What is lost already is not begun: another switch of the batch failed before anything was live here. */
async function refuseLostBatch(
  input: ApplyInput,
  session: Session,
  candidate: string,
  signal: AbortSignal,
): Promise<void> {
  const obstacles = barrierOf(input)?.obstacles() ?? [];
  if (obstacles.length === 0) return;
  await session.discard(candidate, signal);
  throw new BarrierNotPassedError({ device: input.target.device, obstacles });
}

function liveChangeOf(
  deps: SwitchDeps,
  input: ApplyInput,
  { identity, intended }: Comparison,
  { candidate, state }: Staged,
  healthBefore?: readonly Probe[],
): LiveChange {
  const { target, approved, confirmWithinSeconds, expectedChanges = [] } = input;
  const barrier = barrierOf(input);
  const now = deps.clock.now();
  const secondsLeft = state.kind === 'awaiting-confirm' ? state.secondsLeft : undefined;
  return {
    target,
    candidate,
    // Conservatively from the send: the switch starts its own timer later. One that an earlier process sent may say.
    startedAt: Math.min(now, now + ((secondsLeft ?? confirmWithinSeconds) - confirmWithinSeconds) * 1000),
    confirmWithinSeconds,
    ...(healthBefore ? { healthBefore } : {}),
    expectedChanges: [
      ...expectedChanges,
      ...deps.driverFor(target.access.platform).expectedLosses(
        approved.changes.map(({ change }) => change),
        intended,
      ),
    ],
    healthWasProven: state.kind === 'awaiting-confirm' && input.barrierDecided === 'confirm',
    runningBefore: approved.runningDigest,
    pin: identity.pin,
    ...(barrier ? { barrier } : {}),
  };
}

/** A switch that could not be spoken to until its timer ran out was cut off by the change, whatever was seen of that. */
function asManagementLost(
  deps: SwitchDeps,
  { target, startedAt }: LiveChange,
  failure: PointsmanError,
): PointsmanError {
  if (!(failure instanceof ConfirmExpiredError || failure instanceof UnreachableError)) return failure;
  const waitedSeconds = Math.round((deps.clock.now() - startedAt) / 1000);
  return new ManagementLostError(
    { device: target.device, waitedSeconds, lastWords: failure.message },
    { cause: failure },
  );
}

/** A failure after the apply was sent is not the end of the story: the switch has to be looked at. */
async function commitOrExplain(
  session: Session,
  { candidate, state }: Staged,
  confirmWithinSeconds: number,
  signal: AbortSignal,
): Promise<CandidateState | { readonly failure: PointsmanError }> {
  if (state.kind !== 'staged' && state.kind !== 'applying') return state;
  try {
    return await session.commit(candidate, confirmWithinSeconds, signal);
  } catch (failure) {
    if (failure instanceof PointsmanError) return { failure };
    throw failure;
  }
}
