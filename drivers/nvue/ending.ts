import { canonicalJson } from '../../schemas/canonical.ts';
import type { CandidateState } from '../driver.ts';
import { RequestRefusedError, SaveFailedError } from '../errors.ts';
import { answer } from './applying.ts';
import type { Conversation } from './conversation.ts';
import { deleteDraft } from './drafts.ts';
import { bodies, paths, SAVED } from './facts.ts';
import { followRevision } from './following.ts';
import { isLost } from './http.ts';
import { normaliseTree } from './normalise.ts';
import { readTree } from './reading.ts';
import { type Revision, readRevision } from './revision.ts';
import { candidateStateOf, classOf } from './states.ts';

/** Confirming and saving take seconds; a big startup file takes some more. */
const SETTLE_MS = 60_000;
/** An apply that has to end before it can be taken back. */
const ENDING_MS = 120_000;
/** With auto-save on, `applied` is only passed through: so many looks decide whether it is. */
const LOOKS_AT_APPLIED = 4;
/** A switch that has taken the yes shows it at the next look or the one after. */
const LOOKS_AT_CONFIRM = 3;

/** {@link Session.state}. */
export async function readState(talk: Conversation, candidate: string, signal: AbortSignal): Promise<CandidateState> {
  const revision = await readRevision(talk, candidate, signal);
  return revision ? candidateStateOf(talk.device, revision) : { kind: 'gone' };
}

/** {@link Session.confirm}. The yes is sent only to a revision that was just seen to ask for it. */
export async function confirmCandidate(
  talk: Conversation,
  candidate: string,
  signal: AbortSignal,
): Promise<CandidateState> {
  let revision = await readRevision(talk, candidate, signal);
  for (let attempt = 1; revision?.state === 'confirm' && attempt <= 2; attempt += 1) {
    try {
      await talk.http.send('PATCH', paths.revision(candidate), bodies.confirm, signal);
    } catch (error) {
      // The timer may have been faster; the revision tells what became of it.
      if (!isLost(error) && !(error instanceof RequestRefusedError)) throw error;
    }
    revision = await settle(talk, candidate, 'confirm_yes', signal);
  }
  if (!revision) return { kind: 'gone' };
  if (classOf(talk.device, revision) === 'in-progress')
    revision = await settle(talk, candidate, revision.state, signal);
  return revision ? candidateStateOf(talk.device, revision) : { kind: 'gone' };
}

/** Follows a revision that becomes live until it is saved, or until it is clear that nobody saves it. */
async function settle(
  talk: Conversation,
  id: string,
  lastState: string,
  signal: AbortSignal,
): Promise<Revision | undefined> {
  let applied = 0;
  let asking = 0;
  const until = (seen: Revision): boolean => {
    if (seen.state === 'confirm') return ++asking >= LOOKS_AT_CONFIRM;
    if (seen.state === 'applied') return ++applied >= LOOKS_AT_APPLIED;
    return !['in-progress', 'settling'].includes(classOf(talk.device, seen));
  };
  return followRevision(talk, id, { until, budgetMilliseconds: SETTLE_MS, lastState }, signal);
}

/** {@link Session.save}. Proved by reading: startup must hold what is applied. */
export async function saveRunning(talk: Conversation, signal: AbortSignal): Promise<void> {
  let applied = await readRevision(talk, 'applied', signal);
  if (applied && classOf(talk.device, applied) === 'settling')
    applied = await settle(talk, 'applied', applied.state, signal);
  if (await isSaved(talk, signal)) return;

  try {
    await talk.http.send('PATCH', paths.revision('applied'), bodies.save, signal);
  } catch (error) {
    if (!isLost(error)) throw error;
  }
  let looks = 0;
  const until = (seen: Revision): boolean => {
    if (SAVED.includes(seen.state)) return true;
    // Not asked after all, or saved and called applied again: what startup holds decides.
    if (seen.state === 'applied') return ++looks >= LOOKS_AT_APPLIED;
    return classOf(talk.device, seen) !== 'settling';
  };
  const ended = await followRevision(
    talk,
    'applied',
    { until, budgetMilliseconds: SETTLE_MS, lastState: 'save' },
    signal,
  );
  if (!(await isSaved(talk, signal))) {
    throw new SaveFailedError({ device: talk.device, state: ended?.state ?? 'gone' });
  }
}

async function isSaved(talk: Conversation, signal: AbortSignal): Promise<boolean> {
  const startup = await readTree(talk, paths.tree('startup'), signal);
  const applied = await readTree(talk, paths.tree('applied'), signal);
  return canonicalJson(normaliseTree(startup)) === canonicalJson(normaliseTree(applied));
}

/** {@link Session.discard}. */
export async function discardCandidate(talk: Conversation, candidate: string, signal: AbortSignal): Promise<void> {
  let revision = await readRevision(talk, candidate, signal);
  if (revision && classOf(talk.device, revision) === 'in-progress') {
    // It cannot be stopped on its way, only at its next question.
    const until = (seen: Revision) => classOf(talk.device, seen) !== 'in-progress';
    const following = { until, budgetMilliseconds: ENDING_MS, lastState: revision.state };
    revision = await followRevision(talk, candidate, following, signal);
  }
  if (!revision) return;
  if (classOf(talk.device, revision) === 'needs-answer')
    revision = await answer(talk, revision, refusalTo(revision), signal);
  if (!revision) return;
  const ended = classOf(talk.device, revision);
  if (ended === 'staged' || ended === 'failed') await deleteDraft(talk, candidate, signal);
}

function refusalTo({ state }: Revision): object {
  if (state === 'confirm') return bodies.reject;
  return state === 'ays' ? bodies.refuseWarnings : bodies.refuseFailure;
}
