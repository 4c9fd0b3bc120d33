import type { PullRequest, PullRequestCommit, Push } from '../forge/forge.ts';
import type { DeployWork } from './deploy/deploy-work.ts';
import { fleetRef, type ReconcilerDeps } from './deps.ts';
import { runOfGate } from './gates/gate-words.ts';

/** Everybody who had a hand in a change, by login: nobody approves what they had a hand in. */

type Deps = Pick<ReconcilerDeps, 'forge' | 'repository' | 'settings' | 'author'>;

/** Some commit belongs to nobody the forge knows, so it might be any reviewer's. Never leaves this room as it is. */
export class HandUnknown extends Error {}

/** Author, committers and pushers of a pull request. @throws {HandUnknown} */
export async function handsIn(
  { forge, settings, author }: Deps,
  pullRequest: PullRequest,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const { number, head } = pullRequest;
  const [commits, pushers] = await Promise.all([forge.commits(number, signal), forge.pushers(head, signal)]);
  // Our own commits on a gate belong to no account. Whoever else might have written them in our name had to push them.
  const ours = runOfGate(pullRequest, settings) === undefined ? undefined : author.email;
  return new Set([pullRequest.author, ...pushers, ...writersOf(commits, ours)]);
}

/** Who had a hand in what a gate asks for: in the pull request that was merged, or in the commits that were pushed without one. */
export async function handsInWork(deps: Deps, work: DeployWork, signal: AbortSignal): Promise<ReadonlySet<string>> {
  if (work.pullRequest) return handsIn(deps, work.pullRequest, signal);
  const branch = fleetRef(deps.settings).replace(/^refs\/heads\//, '');
  const [commits, pushes] = await Promise.all([
    deps.forge.commitsBetween(work.parent, work.commit, signal),
    deps.forge.pushes(branch, signal),
  ]);
  const push = await pushOf(deps, work, pushes);
  if (!push) {
    throw new HandUnknown(
      `who pushed ${short(work.commit)} is not in the activity log of the last month; it might be the reviewer`,
    );
  }
  return new Set([push.actor, ...writersOf(commits)]);
}

/** The push that put a commit on the branch: the one whose new commits hold it. */
async function pushOf(
  { repository }: Deps,
  { commit }: DeployWork,
  pushes: readonly Push[],
): Promise<Push | undefined> {
  for (const push of pushes) {
    const { before, after } = push;
    if (after === commit) return push;
    if (after === undefined || (await repository.resolve(`${after}^{commit}`)) === undefined) continue;
    if ((await repository.mergeBase(after, commit)) !== commit) continue;
    const had = before !== undefined && (await repository.resolve(`${before}^{commit}`)) !== undefined;
    if (!had || (await repository.mergeBase(before, commit)) !== commit) return push;
  }
  return undefined;
}

function writersOf(commits: readonly PullRequestCommit[], ourEmail?: string): readonly string[] {
  return commits.flatMap(({ commit, author, committer, authorEmail, committerEmail }) => {
    const hand = (login: string | undefined, email: string): readonly string[] => {
      if (login !== undefined) return [login];
      if (ourEmail !== undefined && email === ourEmail) return [];
      throw new HandUnknown(
        `commit ${short(commit)} was written with ${email}, which belongs to no account; it might be the reviewer’s own`,
      );
    };
    return [...hand(author, authorEmail), ...hand(committer, committerEmail)];
  });
}

function short(commit: string): string {
  return commit.slice(0, 12);
}
