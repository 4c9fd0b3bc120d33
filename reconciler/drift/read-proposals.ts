import type { PullRequest } from '../../forge/forge.ts';
import type { LedgerView } from '../../ledger/ledger.ts';

/**
 * Which heads we wrote ourselves to propose something about drift: by number and commit, as they were recorded then. One more
 * commit, and it is anybody's.
 */
export async function readProposals(view: LedgerView): Promise<(pullRequest: PullRequest) => boolean> {
  const proposed = (await view.drifting()).flatMap((drift) => drift.proposed ?? []);
  return ({ number, head }) => proposed.some((known) => known.pullRequest === number && known.head === head.commit);
}
