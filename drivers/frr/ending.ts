import type { CandidateState } from '../driver.ts';
import { SaveFailedError } from '../errors.ts';
import type { Conversation } from './conversation.ts';
import { followCandidate } from './following.ts';
import { askHelper, HelperRefusal, isLost } from './helper.ts';
import { saysSaved } from './reading.ts';
import { isSettled, readAccount } from './spelling.ts';
import { candidateStateOf, GONE, hasStopped, readStanding, type Standing, standingIn } from './states.ts';

/** How long the switch may take to get back to where it was. */
const RESTORE_MS = 180_000;
/** A discard that got lost is seen to have been at these many looks. */
const LOOKS_AT_A_DISCARD = 3;

/** {@link Session.state}. */
export async function readState(talk: Conversation, candidate: string, signal: AbortSignal): Promise<CandidateState> {
  return candidateStateOf(await readStanding(talk, candidate, signal));
}

/** What became of a yes. */
export interface Confirmed {
  readonly state: CandidateState;
  /** The switch said with its answer that it would boot into what runs. */
  readonly isSaved: boolean;
}

/**
 * {@link Session.confirm}. The yes is sent only to a candidate that was seen to wait for it; that it still does, the switch sees to.
 *
 * @param wasSeenToWait In this conversation.
 */
export async function confirmCandidate(
  talk: Conversation,
  candidate: string,
  wasSeenToWait: boolean,
  signal: AbortSignal,
): Promise<Confirmed> {
  let standing = wasSeenToWait ? undefined : await readStanding(talk, candidate, signal);
  for (let attempt = 1; attempt <= 2 && (!standing || standing.state === 'awaiting'); attempt += 1) {
    try {
      const reply = await askHelper(talk, ['confirm', candidate], { changes: true }, signal);
      return { state: candidateStateOf(standingIn(talk, candidate, reply)), isSaved: saysSaved(talk, reply) };
    } catch (error) {
      // The dead-man may have been faster; what became of it, the switch says.
      if (!isLost(error) && !(error instanceof HelperRefusal)) throw error;
      standing = await readStanding(talk, candidate, signal);
    }
  }
  return { state: candidateStateOf(standing ?? GONE), isSaved: false };
}

/** {@link Session.save}. Proved by FRR's own account of the file it boots from. */
export async function saveRunning(talk: Conversation, signal: AbortSignal): Promise<void> {
  if (saysSaved(talk, await askHelper(talk, ['read'], {}, signal))) return;
  const reply = await askHelper(talk, ['save'], { changes: true }, signal);
  if (isSettled(readAccount(talk, reply, 'saved-account'))) return;
  throw new SaveFailedError({ device: talk.device, state: 'written, and still another configuration' });
}

/** {@link Session.discard}. Returns when everything is as it was. */
export async function discardCandidate(talk: Conversation, candidate: string, signal: AbortSignal): Promise<void> {
  const standing = await readStanding(talk, candidate, signal);
  if (!['staged', 'applying', 'awaiting', 'failing', 'expiring', 'discarding'].includes(standing.state)) return;
  if (['staged', 'applying', 'awaiting'].includes(standing.state)) await sendDiscard(talk, candidate, signal);
  let unmoved = 0;
  const until = (seen: Standing): boolean => {
    unmoved = seen.state === standing.state ? unmoved + 1 : 0;
    if (seen.state === 'awaiting') return unmoved >= LOOKS_AT_A_DISCARD;
    return hasStopped(seen);
  };
  await followCandidate(talk, candidate, { until, budgetMilliseconds: RESTORE_MS, lastState: standing.state }, signal);
}

async function sendDiscard(talk: Conversation, candidate: string, signal: AbortSignal): Promise<void> {
  try {
    await askHelper(talk, ['discard', candidate], { changes: true }, signal);
  } catch (error) {
    // The same wish twice is one wish.
    if (!isLost(error)) throw error;
    await askHelper(talk, ['discard', candidate], { changes: true }, signal);
  }
}
