import type { PullRequest, PullRequestCommit, Push } from '../forge/forge.ts';
import type { DeployWork } from './deploy/deploy-work.ts';
import { fleetRef, type ReconcilerDeps } from './deps.ts';

/** Everybody who had a hand in a change, by login: nobody approves what they had a hand in. */

type Deps = Pick<ReconcilerDeps, 'forge' | 'repository' | 'settings' | 'author'>;

/** Some commit belongs to nobody the forge knows, so it might be any reviewer's. Never leaves this room as it is. */
export class HandUnknown extends Error {}

/** The account of every workflow of the repository: whoever may push a branch can have it act. */
const WORKFLOWS = 'github-actions[bot]';

/**
 * Author, committers and pushers of a pull request.
 *
 * @param isOurs We wrote all of it: the one a run of ours waits for, or the very head we proposed about drift. The name of its
 *   branch says nothing: anybody may choose that.
 * @throws {HandUnknown}
 */
export async function handsIn(
  { forge, author }: Pick<Deps, 'forge' | 'author'>,
  pullRequest: PullRequest,
  isOurs: boolean,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const { number, head } = pullRequest;
  const [commits, pushers] = await Promise.all([forge.commits(number, signal), forge.pushers(head, signal)]);
  // Our own commits belong to no account. Whoever else might have written them in our name had to push them.
  const hands = new Set([pullRequest.author, ...pushers, ...writersOf(commits, isOurs ? author.email : undefined)]);
  // What a gate asks for is not what stands in it, and of the head that we wrote we know that no workflow did.
  return isOurs ? hands : withoutWorkflows(hands);
}

function withoutWorkflows(hands: ReadonlySet<string>): ReadonlySet<string> {
  if ([...hands].some((login) => login.toLowerCase() === WORKFLOWS)) {
    throw new HandUnknown(
      `${WORKFLOWS} had one, and whoever may push a branch can have a workflow act as that; it might be the reviewer`,
    );
  }
  return hands;
}

/**
 * Who had a hand in what a gate asks for: in the pull request that was merged, and in the commits that were pushed without
 * one, or by hand in the place of the merge.
 */
export async function handsInWork(
  deps: Deps,
  work: DeployWork,
  isProposal: (pullRequest: PullRequest) => boolean,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const { pullRequest } = work;
  const own = pullRequest ? await handsIn(deps, pullRequest, isProposal(pullRequest), signal) : [];
  if (pullRequest && (await isPlainMerge(deps, work, pullRequest, signal))) return new Set(own);
  return withoutWorkflows(new Set([...own, ...(await handsInPush(deps, work, signal))]));
}

/** Whether the commit holds what merging the head gives, and nothing that somebody put in while they merged. */
async function isPlainMerge(
  { repository }: Deps,
  { commit, parent }: DeployWork,
  { number, head }: PullRequest,
  signal: AbortSignal,
): Promise<boolean> {
  const ref = `refs/pull/${number}/head`;
  if ((await repository.fetch([ref], signal)).get(ref) !== head.commit) return false;
  const merged = await repository.mergeTrees(parent, head.commit);
  return merged.kind === 'merged' && merged.tree === (await repository.resolve(`${commit}^{tree}`));
}

async function handsInPush(deps: Deps, work: DeployWork, signal: AbortSignal): Promise<readonly string[]> {
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
  return [push.actor, ...writersOf(commits)];
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
