import { GitCommandError, GitRemoteError } from './errors.ts';
import type { GitAt } from './git-at.ts';
import type { CheckedAddress } from './remote-address.ts';
import { remoteProblem } from './remote-problem.ts';

/** One bare copy, seen twice. */
export interface RemoteSide {
  /** Without the token. */
  readonly local: GitAt;
  /** With it. */
  readonly remote: GitAt;
  readonly address: CheckedAddress;
}

type Operation = GitRemoteError['details']['operation'];

/**
 * Runs what talks to the remote, and turns how it fails into our words.
 *
 * @throws {GitRemoteError} Also when `signal` ran into its time limit.
 * @throws The signal's reason, when aborted otherwise.
 */
export async function talking<T>(
  { address }: RemoteSide,
  operation: Operation,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error === signal.reason && error instanceof DOMException && error.name === 'TimeoutError') {
      throw remoteError(address, operation, 'the time limit ran out', 'timed-out');
    }
    // Without a cause: what git said may hold the token, and is repeated without it.
    if (error instanceof GitCommandError) throw remoteError(address, operation, error.details.said);
    throw error;
  }
}

export function remoteError(
  { url, secrets }: CheckedAddress,
  operation: Operation,
  words: string,
  problem = remoteProblem(words),
): GitRemoteError {
  const said = secrets.reduce((text, secret) => text.replaceAll(secret, '«token»'), words);
  return new GitRemoteError({ operation, url, problem, said: said.slice(-2000) || 'it said nothing' });
}
