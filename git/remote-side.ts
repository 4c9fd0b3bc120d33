import { GitCommandError, GitRemoteError } from './errors.ts';
import type { GitAt } from './git-at.ts';
import { remoteProblem } from './remote-problem.ts';

/** One bare copy, seen twice. */
export interface RemoteSide {
  /** Without the token. */
  readonly local: GitAt;
  /** Of the remote, as git is given it. */
  readonly url: string;
  /** With the token, which is asked for each time: one of before may have ended. */
  authorise(signal: AbortSignal): Promise<AuthorisedGit>;
}

interface AuthorisedGit {
  readonly git: GitAt;
  /** Words that must not be printed. */
  readonly secrets: readonly string[];
}

type Operation = GitRemoteError['details']['operation'];

/** A conversation with the remote that is under way. */
interface Conversation {
  readonly git: GitAt;
  /** What git or the remote said, in our words. */
  error(words: string, problem?: GitRemoteError['details']['problem']): GitRemoteError;
}

/**
 * Runs what talks to the remote, and turns how it fails into our words.
 *
 * @throws {GitRemoteError} Also when `signal` ran into its time limit.
 * @throws The signal's reason, when aborted otherwise.
 */
export async function talking<T>(
  { url, authorise }: RemoteSide,
  operation: Operation,
  signal: AbortSignal,
  work: (conversation: Conversation) => Promise<T>,
): Promise<T> {
  const { git, secrets } = await authorise(signal);
  const error: Conversation['error'] = (words, problem = remoteProblem(words)) => {
    const said = secrets.reduce((text, secret) => text.replaceAll(secret, '«token»'), words);
    return new GitRemoteError({ operation, url, problem, said: said.slice(-2000) || 'it said nothing' });
  };
  try {
    return await work({ git, error });
  } catch (cause) {
    if (cause === signal.reason && cause instanceof DOMException && cause.name === 'TimeoutError') {
      throw error('the time limit ran out', 'timed-out');
    }
    // Without a cause: what git said may hold the token, and is repeated without it.
    if (cause instanceof GitCommandError) throw error(cause.details.said);
    throw cause;
  }
}
