import type { CandidateState } from '../driver.ts';
import { UnknownStateError } from '../errors.ts';
import type { Conversation } from './conversation.ts';
import { type HelperState, STATES } from './facts.ts';
import { askHelper, type Reply } from './helper.ts';
import { tellingLines } from './refusals.ts';

/** A candidate in the words of our helper. */
export interface Standing {
  readonly state: HelperState;
  readonly secondsLeft: number;
  /** What the tools said on the way. */
  readonly issues: readonly string[];
  /** FRR's own account right after the reload: lines it does not show, or shows otherwise. Empty where it was not told. */
  readonly residue: string;
}

/** @throws {UnknownStateError} Nothing may be confirmed that we do not understand. */
export function standingIn(talk: Conversation, candidate: string, reply: Reply): Standing {
  const word = (reply.get('state') ?? '').trim();
  const state = STATES.find((known) => known === word);
  if (state === undefined) throw new UnknownStateError({ device: talk.device, candidate, state: word });
  return {
    state,
    secondsLeft: Number(reply.get('left') ?? 0),
    issues: tellingLines(reply.get('words') ?? '').map((line) => talk.redactor.text(line)),
    residue: reply.get('residue') ?? '',
  };
}

/** An id that is none of ours names no candidate: the helper is not asked. */
export const CANDIDATE_ID = /^[0-9a-f]{16}-[1-9][0-9]{0,3}$/;

/** How a candidate stands that the switch does not know. */
export const GONE: Standing = { state: 'gone', secondsLeft: 0, issues: [], residue: '' };

/** @param waitSeconds The switch answers when nothing is under way any more, or after so long. */
export async function readStanding(
  talk: Conversation,
  candidate: string,
  signal: AbortSignal,
  waitSeconds = 0,
): Promise<Standing> {
  if (!CANDIDATE_ID.test(candidate)) {
    signal.throwIfAborted();
    return GONE;
  }
  const wait = waitSeconds > 0 ? [String(waitSeconds)] : [];
  return standingIn(talk, candidate, await askHelper(talk, ['state', candidate, ...wait], {}, signal));
}

/** In the words of the contract. */
export function candidateStateOf({ state, secondsLeft, issues }: Standing): CandidateState {
  switch (state) {
    case 'staged':
      return { kind: 'staged' };
    case 'applying':
    case 'failing':
      return { kind: 'applying', state };
    case 'awaiting':
      return { kind: 'awaiting-confirm', state, secondsLeft };
    case 'live':
      return { kind: 'live', saved: true, issues: [] };
    case 'failed':
    case 'lost':
      return { kind: 'reverted', state, issues };
    case 'expiring':
    case 'expired':
    case 'discarding':
    case 'discarded':
      return { kind: 'reverted', state, issues, unconfirmed: true };
    case 'gone':
      return { kind: 'gone' };
  }
}

/** Nothing more happens to it without somebody saying something. */
export function hasStopped({ state }: Standing): boolean {
  return !['applying', 'failing', 'expiring', 'discarding'].includes(state);
}
