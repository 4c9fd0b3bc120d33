import { ApplyUnfinishedError, AuthenticationError } from '../errors.ts';
import type { Conversation } from './conversation.ts';
import { isPassing } from './http.ts';
import { type Revision, readRevision } from './revision.ts';

export interface Following {
  /** Ends it. */
  readonly until: (revision: Revision) => boolean;
  readonly budgetMilliseconds: number;
  /** As last seen; named when the time is over before anything was seen. */
  readonly lastState: string;
}

/** An apply may change our own password: the switch says no until it knows the new one. More would lock the account. */
const REFUSED_LOGINS = 5;

/**
 * Looks at a revision once a poll until it is where it should be. Connection resets, nginx's 502 pages and a login refused
 * for a moment are part of an apply and not a reason to stop; somebody else's certificate is.
 *
 * @returns `undefined` when the revision does not exist.
 * @throws {ApplyUnfinishedError} The time is over.
 * @throws {UnreachableError | AgentDownError | ReplyUnreadableError} The time is over and the switch did not answer at the end of it.
 */
export async function followRevision(
  talk: Conversation,
  id: string,
  { until, budgetMilliseconds, lastState }: Following,
  signal: AbortSignal,
): Promise<Revision | undefined> {
  const startedAt = talk.clock.now();
  let state = lastState;
  let refused = 0;
  for (;;) {
    await talk.clock.sleep(talk.pollMilliseconds, signal);
    const over = talk.clock.now() - startedAt >= budgetMilliseconds;
    try {
      const revision = await readRevision(talk, id, signal, 1);
      if (!revision || until(revision)) return revision;
      refused = 0;
      if (revision.state !== state) talk.log.debug({ revision: id, state: revision.state }, 'revision moved');
      state = revision.state;
    } catch (error) {
      refused = error instanceof AuthenticationError ? refused + 1 : 0;
      const tolerable = isPassing(error) || (error instanceof AuthenticationError && refused < REFUSED_LOGINS);
      if (!tolerable || over) throw error;
    }
    if (over) {
      const waitedSeconds = Math.round((talk.clock.now() - startedAt) / 1000);
      throw new ApplyUnfinishedError({ device: talk.device, candidate: id, state, waitedSeconds });
    }
  }
}
