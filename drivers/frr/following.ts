import {
  AgentDownError,
  ApplyUnfinishedError,
  AuthenticationError,
  BusyError,
  ReplyUnreadableError,
} from '../errors.ts';
import type { Conversation } from './conversation.ts';
import { isLost } from './helper.ts';
import { readStanding, type Standing } from './states.ts';

export interface Following {
  /** Ends it. */
  readonly until: (standing: Standing) => boolean;
  readonly budgetMilliseconds: number;
  /** As last seen; named when the time is over before anything was seen. */
  readonly lastState: string;
}

/** While the network is made anew a login may fail for a moment. More would lock the account. */
const REFUSED_LOGINS = 5;
/** An answer that took this much longer than it had to was on its way while the switch could not be reached. */
const ON_THE_WAY_MS = 5_000;
/** One look waits so long on the switch itself: asking again and again would keep it from what it is asked about. */
export const LONGEST_LOOK_SECONDS = 10;

/**
 * Looks at a candidate once a poll until it is where it should be, from a new connection where the old one has ended.
 *
 * @throws {ApplyUnfinishedError} The time is over.
 * @throws {UnreachableError} The time is over and the switch did not answer at the end of it.
 */
export async function followCandidate(
  talk: Conversation,
  candidate: string,
  { until, budgetMilliseconds, lastState }: Following,
  signal: AbortSignal,
): Promise<Standing> {
  const startedAt = talk.clock.now();
  let state = lastState;
  let refused = 0;
  let isAskedAgain = false;
  for (;;) {
    await talk.clock.sleep(talk.pollMilliseconds, signal);
    const askedAt = talk.clock.now();
    const left = budgetMilliseconds - (askedAt - startedAt);
    const over = left <= 0;
    try {
      const waitSeconds = Math.min(LONGEST_LOOK_SECONDS, Math.floor(Math.max(0, left) / 1000));
      const standing = await readStanding(talk, candidate, signal, waitSeconds);
      const isOld = wasLongOnTheWay(talk, askedAt, waitSeconds);
      if (until(standing) && (isAskedAgain || !isOld)) return standing;
      isAskedAgain = isOld;
      refused = 0;
      if (standing.state !== state) talk.log.debug({ candidate, state: standing.state }, 'candidate moved');
      state = standing.state;
    } catch (error) {
      refused = error instanceof AuthenticationError ? refused + 1 : 0;
      const tolerable = isPassing(error) || (error instanceof AuthenticationError && refused < REFUSED_LOGINS);
      if (!tolerable || over) throw error;
    }
    if (over) {
      const waitedSeconds = Math.round((talk.clock.now() - startedAt) / 1000);
      throw new ApplyUnfinishedError({ device: talk.device, candidate, state, waitedSeconds });
    }
  }
}

/**
 * An answer says how it was then: of a change that cut us off and was taken back since, it may still say that it waits.
 *
 * @param askedAt By our clock, in milliseconds.
 * @param waitSeconds What the switch was asked to wait at most.
 */
export function wasLongOnTheWay({ clock }: Conversation, askedAt: number, waitSeconds: number): boolean {
  return clock.now() - askedAt > waitSeconds * 1000 + ON_THE_WAY_MS;
}

function isPassing(error: unknown): boolean {
  return (
    isLost(error) ||
    error instanceof AgentDownError ||
    error instanceof ReplyUnreadableError ||
    error instanceof BusyError
  );
}
