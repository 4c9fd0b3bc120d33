import { RequestRefusedError } from '../errors.ts';
import type { Conversation } from './conversation.ts';
import { paths, SYMBOLIC_REVISIONS } from './facts.ts';
import { isLost } from './http.ts';
import { readRevision } from './revision.ts';

const CLEAN_UP_MS = 30_000;

/**
 * Deletes a draft of ours, or what is left of one. A revision the switch wants to keep (an applied one is immutable) is
 * kept. When the answer is lost and the draft is still there it is deleted again: that is the same wish.
 */
export async function deleteDraft(talk: Conversation, candidate: string, signal: AbortSignal): Promise<void> {
  if (SYMBOLIC_REVISIONS.includes(candidate)) return;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await talk.http.send('DELETE', paths.revision(candidate), undefined, signal);
      return;
    } catch (error) {
      if (error instanceof RequestRefusedError) {
        talk.log.debug({ candidate, status: error.details.status }, 'switch kept the revision');
        return;
      }
      if (!isLost(error) || attempt > 1) throw error;
      if (!(await readRevision(talk, candidate, signal))) return;
    }
  }
}

/** After another error: that one is worth reporting, and a draft left behind changes nothing. Works after an abort. */
export async function deleteDraftQuietly(talk: Conversation, candidate: string): Promise<void> {
  try {
    await deleteDraft(talk, candidate, AbortSignal.timeout(CLEAN_UP_MS));
  } catch (error) {
    talk.log.warn({ err: error, candidate }, 'draft left on the switch');
  }
}
