import type { CandidateState } from '../driver.ts';
import {
  ApplyFailedError,
  BusyError,
  CandidateChangedError,
  ConfigurationRefusedError,
  ConfirmExpiredError,
  NothingToApplyError,
  OutcomeUnknownError,
  RequestRefusedError,
} from '../errors.ts';
import type { Conversation } from './conversation.ts';
import { isEmptyDiff } from './diff.ts';
import { deleteDraftQuietly } from './drafts.ts';
import { bodies, paths, ROLLING_BACK } from './facts.ts';
import { followRevision } from './following.ts';
import { isLost } from './http.ts';
import { locate } from './refusals.ts';
import { type Revision, readRevision, readRevisions } from './revision.ts';
import { diffDigest, readDiff } from './staging.ts';
import { blockerAmong, candidateStateOf, classOf } from './states.ts';

/** First applies and big fabrics take minutes. */
const SHORTEST_BUDGET_SECONDS = 120;
/** Left of the confirm window for proving that the switch is well, and for confirming. */
const RESERVED_SECONDS = 30;
/** How long the switch may take to get back to where it was. */
const ROLLBACK_MS = 120_000;
/** A draft that is still a draft after so many looks has not been asked to apply. */
const LOOKS_AT_A_DRAFT = 3;
const LOOKS_AT_A_ROLLBACK = 30;
/** How a revision ends whose confirm timer ran out; we say no only after we were seen to be able to say yes. */
const CONFIRM_EXPIRED = 'confirm_fail';

/** {@link Session.commit}. */
export async function commitCandidate(
  talk: Conversation,
  candidate: string,
  confirmWithinSeconds: number,
  signal: AbortSignal,
): Promise<CandidateState> {
  const revisions = await readRevisions(talk, signal);
  const found = revisions.find(({ id }) => id === candidate) ?? (await readRevision(talk, candidate, signal));
  if (!found) return { kind: 'gone' };

  if (classOf(talk.device, found) === 'staged') {
    const blocker = blockerAmong(revisions, candidate);
    if (blocker) throw new BusyError({ device: talk.device, candidate: blocker.id, state: blocker.state });
    await refuseWhatMoved(talk, candidate, signal);
    await sendApply(talk, candidate, confirmWithinSeconds, signal);
  }
  const budgetMilliseconds = 1000 * Math.max(SHORTEST_BUDGET_SECONDS, confirmWithinSeconds - RESERVED_SECONDS);
  const ended = hasStopped(talk, found) ? found : await followApply(talk, candidate, budgetMilliseconds, signal);
  if (!ended) return { kind: 'gone' };
  if (ended.state === CONFIRM_EXPIRED) {
    await deleteDraftQuietly(talk, candidate);
    throw new ConfirmExpiredError({ device: talk.device, candidate, confirmWithinSeconds });
  }
  return conclude(talk, candidate, ended, signal);
}

/** The last look before the point of no return: the switch must still see exactly the change it saw at staging. */
async function refuseWhatMoved(talk: Conversation, candidate: string, signal: AbortSignal): Promise<void> {
  const diff = await readDiff(talk, candidate, signal);
  const { device } = talk;
  const before = talk.staged.get(candidate);
  if (isEmptyDiff(diff) || before?.changesNothing) {
    await deleteDraftQuietly(talk, candidate);
    throw new NothingToApplyError({ device, candidate });
  }
  if (before && before.diffDigest !== diffDigest(diff)) {
    await deleteDraftQuietly(talk, candidate);
    throw new CandidateChangedError({ device, candidate });
  }
}

async function sendApply(
  talk: Conversation,
  candidate: string,
  confirmWithinSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    await talk.http.send('PATCH', paths.revision(candidate), bodies.apply(confirmWithinSeconds), signal);
  } catch (error) {
    if (error instanceof RequestRefusedError) {
      await deleteDraftQuietly(talk, candidate);
      throw error;
    }
    // A lost answer is followed like any other: the next thing is to look.
    if (!isLost(error)) throw error;
    talk.log.warn({ candidate, code: error.code }, 'answer to the apply was lost');
  }
}

/** Nothing more happens to it without somebody saying something, or it has ended. */
function hasStopped(talk: Conversation, revision: Revision): boolean {
  const found = classOf(talk.device, revision);
  return found !== 'in-progress' && found !== 'staged';
}

async function followApply(
  talk: Conversation,
  candidate: string,
  budgetMilliseconds: number,
  signal: AbortSignal,
): Promise<Revision | undefined> {
  let drafts = 0;
  const revision = await followRevision(
    talk,
    candidate,
    {
      until: (seen) => {
        drafts = classOf(talk.device, seen) === 'staged' ? drafts + 1 : 0;
        return drafts >= LOOKS_AT_A_DRAFT || hasStopped(talk, seen);
      },
      budgetMilliseconds,
      lastState: 'apply',
    },
    signal,
  );
  if (drafts < LOOKS_AT_A_DRAFT) return revision;
  throw new OutcomeUnknownError({
    device: talk.device,
    candidate,
    request: `PATCH ${paths.revision(candidate)}`,
    found: 'the candidate is still a draft',
  });
}

async function conclude(
  talk: Conversation,
  candidate: string,
  revision: Revision,
  signal: AbortSignal,
): Promise<CandidateState> {
  switch (revision.state) {
    case 'ays':
      // We answered in advance; a switch that asks again is asking something else.
      throw await failure(talk, await answer(talk, revision, bodies.refuseWarnings, signal), revision, signal);
    case 'ignore_fail':
      throw await failure(talk, await answer(talk, revision, bodies.refuseFailure, signal), revision, signal);
    case 'invalid':
      await deleteDraftQuietly(talk, candidate);
      throw refusal(talk, candidate, revision);
  }
  const state = candidateStateOf(talk.device, revision);
  if (state.kind === 'reverted') throw await failure(talk, revision, revision, signal);
  return state;
}

/** Answers a question with no, and waits until the switch has drawn the consequence. Looks before it says so again. */
export async function answer(
  talk: Conversation,
  asked: Revision,
  body: object,
  signal: AbortSignal,
): Promise<Revision | undefined> {
  let revision: Revision | undefined = asked;
  for (let attempt = 1; revision?.state === asked.state && attempt <= 2; attempt += 1) {
    try {
      await talk.http.send('PATCH', paths.revision(asked.id), body, signal);
    } catch (error) {
      // The question may have timed out meanwhile, or the answer got lost: the revision tells.
      if (!isLost(error) && !(error instanceof RequestRefusedError)) throw error;
    }
    const until = hasReacted(talk, asked);
    const following = { until, budgetMilliseconds: ROLLBACK_MS, lastState: asked.state };
    revision = await followRevision(talk, asked.id, following, signal);
  }
  return revision;
}

function hasReacted(talk: Conversation, asked: Revision): (seen: Revision) => boolean {
  let unmoved = 0;
  let goingBack = 0;
  return (seen) => {
    if (seen.state === asked.state) return ++unmoved >= LOOKS_AT_A_DRAFT;
    // Some releases stay in these for good, so they are not waited for until the time is over.
    if (ROLLING_BACK.includes(seen.state))
      return seen.rollbackTarget !== undefined || ++goingBack >= LOOKS_AT_A_ROLLBACK;
    return hasStopped(talk, seen);
  };
}

/** Waits for the rollback, removes the draft where the switch lets us, and puts the switch's words together. */
async function failure(
  talk: Conversation,
  ended: Revision | undefined,
  cause: Revision,
  signal: AbortSignal,
): Promise<ApplyFailedError> {
  const target = ended?.rollbackTarget ?? cause.rollbackTarget;
  const rolledBack = await isBack(talk, cause.id, target, signal);
  await deleteDraftQuietly(talk, cause.id);
  const issues = [...new Set([...cause.issues, ...(ended?.issues ?? [])].map((issue) => issue.words))];
  return new ApplyFailedError({ device: talk.device, candidate: cause.id, state: cause.state, issues, rolledBack });
}

/** Seen, not assumed: the rollback target is live again, or what is applied differs from the candidate. */
async function isBack(
  talk: Conversation,
  candidate: string,
  target: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    if (target === undefined) return !isEmptyDiff(await readDiff(talk, candidate, signal));
    const until = (seen: Revision) => ['live', 'settling'].includes(classOf(talk.device, seen));
    const following = { until, budgetMilliseconds: ROLLBACK_MS, lastState: 'rollback' };
    return (await followRevision(talk, target, following, signal)) !== undefined;
  } catch (error) {
    signal.throwIfAborted();
    // The failure itself is what has to be reported; that nobody saw the switch back is part of it.
    talk.log.error({ err: error, candidate, target }, 'rollback not seen to end');
    return false;
  }
}

function refusal(talk: Conversation, candidate: string, revision: Revision): ConfigurationRefusedError {
  const sent = talk.staged.get(candidate)?.sent;
  const refusals = revision.issues.map(({ location, reason, words }) => ({
    path: location === undefined ? [] : locate(location, sent),
    words: reason ?? words,
  }));
  const named = refusals.length > 0 ? refusals : [{ path: [], words: 'invalid' }];
  return new ConfigurationRefusedError({ device: talk.device, candidate, refusals: named });
}
