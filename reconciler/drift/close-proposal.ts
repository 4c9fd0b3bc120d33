import type { ObjectId } from '../../git/repository.ts';
import type { ReconcilerDeps } from '../deps.ts';
import type { OpenProposal } from './decide-drift.ts';
import { isOurs } from './proposal-branch.ts';
import { closedBody, proposalBranch } from './proposal-words.ts';

/** Closes a pull request about drift that asks for nothing any more. One that others pushed to is theirs, and stays. */
export async function closeProposal(
  deps: ReconcilerDeps,
  tip: ObjectId,
  { id, way, pullRequest }: OpenProposal,
  why: 'gone' | 'second',
  signal: AbortSignal,
): Promise<void> {
  const branch = proposalBranch(id, way);
  const ref = `refs/heads/${branch}`;
  const head = (await deps.repository.fetch([ref], signal)).get(ref);
  if (head !== undefined && !(await isOurs(deps, tip, head))) {
    deps.log.info({ drift: id, pullRequest }, 'left open: others pushed to it');
    return;
  }
  if (head !== undefined) {
    const { title, state } = await deps.forge.pullRequest(pullRequest, signal);
    const base = deps.settings.branch ?? 'main';
    if (state === 'open') await deps.forge.openPullRequest({ branch, base, title, body: closedBody(why) }, signal);
  }
  // The branch first: of one that is closed nobody would look for it again.
  await deps.forge.deleteBranch(branch, signal);
  await deps.forge.closePullRequest(pullRequest, signal);
  deps.log.info({ drift: id, pullRequest, why }, 'pull request about drift closed');
}
