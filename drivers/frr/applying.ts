import type { CandidateState } from '../driver.ts';
import {
  ApplyFailedError,
  CandidateChangedError,
  ConfigurationRefusedError,
  ConfirmExpiredError,
  NothingToApplyError,
  OutcomeUnknownError,
} from '../errors.ts';
import { linesNotTaken, parseAccount } from './account.ts';
import type { Conversation } from './conversation.ts';
import { discardCandidate } from './ending.ts';
import { followCandidate, LONGEST_LOOK_SECONDS, wasLongOnTheWay } from './following.ts';
import { askHelper, HelperRefusal, isLost, type Reply } from './helper.ts';
import { parseInterfaceRefusals, parseRefusals } from './refusals.ts';
import { isSettled, readAccount } from './spelling.ts';
import { discardQuietly, isGone } from './staging.ts';
import { CANDIDATE_ID, candidateStateOf, GONE, hasStopped, type Standing, standingIn } from './states.ts';

/** A reload of a big configuration takes a minute, and the way back another one. */
const SHORTEST_BUDGET_SECONDS = 120;
/** Left of the confirm window for proving that the switch is well, and for confirming. */
const RESERVED_SECONDS = 30;
/** A candidate that is still only staged after so many looks has not been asked to apply. */
const LOOKS_AT_A_STAGED = 3;

/**
 * {@link Session.commit}.
 *
 * @param staged The answer to the staging, when this conversation has just staged it: then it need not be looked at once more.
 */
export async function commitCandidate(
  talk: Conversation,
  candidate: string,
  confirmWithinSeconds: number,
  staged: Reply | undefined,
  signal: AbortSignal,
): Promise<CandidateState> {
  const found = staged
    ? { reply: staged, standing: standingIn(talk, candidate, staged) }
    : await lookAtCandidate(talk, candidate, signal);
  if (found === undefined) return { kind: 'gone' };
  const { reply, standing } = found;

  let seen: Standing | undefined = standing;
  if (standing.state === 'staged') {
    await refuseNothing(talk, candidate, reply);
    seen = await sendApply(talk, candidate, confirmWithinSeconds, signal);
  }
  const budgetMilliseconds = 1000 * Math.max(SHORTEST_BUDGET_SECONDS, confirmWithinSeconds - RESERVED_SECONDS);
  const ended = seen && hasStopped(seen) ? seen : await followApply(talk, candidate, budgetMilliseconds, signal);
  if (ended.state === 'awaiting') await refuseWhatWasNotTaken(talk, candidate, ended, signal);
  return conclude(talk, candidate, confirmWithinSeconds, ended);
}

async function lookAtCandidate(
  talk: Conversation,
  candidate: string,
  signal: AbortSignal,
): Promise<{ readonly reply: Reply; readonly standing: Standing } | undefined> {
  signal.throwIfAborted();
  if (!CANDIDATE_ID.test(candidate)) return undefined;
  try {
    const reply = await askHelper(talk, ['look', candidate], {}, signal);
    return { reply, standing: standingIn(talk, candidate, reply) };
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** The last look before the point of no return. That nothing moved since it was staged, the helper sees to. */
async function refuseNothing(talk: Conversation, candidate: string, reply: Reply): Promise<void> {
  const { device } = talk;
  const of = (name: string): string => reply.get(name) ?? '';
  const refusals = [
    ...(['', '0'].includes(of('account-code')) ? [] : parseRefusals(of('account-said'), undefined)),
    ...(['', '0'].includes(of('interfaces-code')) ? [] : parseInterfaceRefusals(of('interfaces-said'))),
  ];
  if (refusals.length > 0) {
    await discardQuietly(talk, candidate);
    throw new ConfigurationRefusedError({ device, candidate, refusals });
  }
  const frrSettled = of('account-code') === '' || isSettled(readAccount(talk, reply, 'account'));
  if (!frrSettled || of('interfaces-differ') === 'yes') return;
  await discardQuietly(talk, candidate);
  throw new NothingToApplyError({ device, candidate });
}

/** @returns How it stood when the apply had ended, or after a while; `undefined` where that has to be looked at. */
async function sendApply(
  talk: Conversation,
  candidate: string,
  confirmWithinSeconds: number,
  signal: AbortSignal,
): Promise<Standing | undefined> {
  const askedAt = talk.clock.now();
  const words = ['apply', candidate, String(confirmWithinSeconds), String(LONGEST_LOOK_SECONDS)];
  try {
    const standing = standingIn(talk, candidate, await askHelper(talk, words, { changes: true }, signal));
    return wasLongOnTheWay(talk, askedAt, LONGEST_LOOK_SECONDS) ? undefined : standing;
  } catch (error) {
    if (isGone(error)) return GONE;
    if (error instanceof HelperRefusal && error.word === 'changed') {
      await discardQuietly(talk, candidate);
      throw new CandidateChangedError({ device: talk.device, candidate });
    }
    // A lost answer is followed like any other: the next thing is to look.
    if (!isLost(error)) throw error;
    talk.log.warn({ candidate, code: error.code }, 'answer to the apply was lost');
    return undefined;
  }
}

async function followApply(
  talk: Conversation,
  candidate: string,
  budgetMilliseconds: number,
  signal: AbortSignal,
): Promise<Standing> {
  let staged = 0;
  const until = (seen: Standing): boolean => {
    staged = seen.state === 'staged' ? staged + 1 : 0;
    return staged >= LOOKS_AT_A_STAGED || (staged === 0 && hasStopped(seen));
  };
  const following = { until, budgetMilliseconds, lastState: 'apply' };
  const ended = await followCandidate(talk, candidate, following, signal);
  if (ended.state !== 'staged') return ended;
  const request = 'pointsman-switch apply';
  throw new OutcomeUnknownError({ device: talk.device, candidate, request, found: 'the candidate is still staged' });
}

function conclude(
  talk: Conversation,
  candidate: string,
  confirmWithinSeconds: number,
  ended: Standing,
): CandidateState {
  const { device } = talk;
  const { state, issues } = ended;
  if (state === 'expired') throw new ConfirmExpiredError({ device, candidate, confirmWithinSeconds });
  if (state === 'failed' || state === 'lost') {
    throw new ApplyFailedError({ device, candidate, state, issues, rolledBack: state === 'failed' });
  }
  return candidateStateOf(ended);
}

/** FRR takes some lines without a word and does nothing: those of a daemon that does not run. */
async function refuseWhatWasNotTaken(
  talk: Conversation,
  candidate: string,
  { residue }: Standing,
  signal: AbortSignal,
): Promise<void> {
  const untaken = linesNotTaken(parseAccount(residue) ?? { deleted: [], added: [] });
  if (untaken.length === 0) return;
  await discardCandidate(talk, candidate, signal);
  const { device } = talk;
  const issues = untaken.map(({ sections, line }) => `no daemon that runs took "${[...sections, line].join(' / ')}"`);
  throw new ApplyFailedError({ device, candidate, state: 'not taken', issues, rolledBack: true });
}
