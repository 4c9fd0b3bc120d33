import { createRepository } from './create-repository.ts';
import { fetchRefs, readDefaultBranch } from './fetch-refs.ts';
import { pushCommit } from './push-commit.ts';
import type { RemoteSide } from './remote-side.ts';
import type { RemoteRepository } from './repository.ts';
import { tryPush } from './try-push.ts';

/** Local work never sees the token: only the two that leave the machine do. */
export function createRemote(side: RemoteSide): RemoteRepository {
  return {
    ...createRepository(side.local),
    fetch: (refs, signal) => fetchRefs(side, refs, signal),
    defaultBranch: (signal) => readDefaultBranch(side, signal),
    tryPush: (commit, signal) => tryPush(side, commit, signal),
    push: (ref, commit, expected, signal) => pushCommit(side, { ref, commit, expected }, signal),
  };
}
