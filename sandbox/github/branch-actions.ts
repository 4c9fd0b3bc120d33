import type { GithubEvent } from './events.ts';
import type { GitStore } from './git-store.ts';
import { type Account, type Activity, type Fork, type GithubState, NO_COMMIT, type Pull } from './state.ts';

export interface ActionDeps {
  readonly state: GithubState;
  readonly store: GitStore;
  readonly now: () => number;
  /** A push to the head dismisses approvals; off at GitHub unless a rule of the branch says so. */
  readonly dismissStaleReviews: boolean;
  /** Told when it has happened. */
  readonly happened: (event: GithubEvent) => void;
}

/** What GitHub does by itself when a branch moves. */
export interface BranchActions {
  /** To be called when a branch moved, however it did. `fork`: the repository it is in, when that is not ours. */
  branchMoved(
    by: Account,
    branch: string,
    before: string | undefined,
    after: string | undefined,
    fork?: Fork,
  ): Promise<void>;
  /** The base went on by a merge button or the queue. */
  baseMerged(by: Account, type: Activity['type'], branch: string, before: string, after: string): Promise<void>;
  closePull(closing: Pull, by: Account): void;
  /** Brings the head up to date, also in `refs/pull/<number>/head`. */
  setHead(pull: Pull, commit: string): Promise<void>;
  /** Writes `refs/pull/<number>/merge` where that is not as it would be now. @returns Whether they merge. */
  tryMerge(pull: Pull): Promise<boolean>;
  dismissApprovals(pull: Pull): void;
}

export function createBranchActions(deps: ActionDeps): BranchActions {
  const { state, store, now, dismissStaleReviews, happened } = deps;
  const ours = `${state.owner}/${state.name}`;

  function record(
    by: Account,
    type: Activity['type'],
    branch: string,
    [before, after]: readonly [string | undefined, string | undefined],
    activities: Activity[] = state.activities,
  ): void {
    activities.push({
      id: state.nextId(),
      before: before ?? NO_COMMIT,
      after: after ?? NO_COMMIT,
      ref: `refs/heads/${branch}`,
      at: now(),
      type,
      actor: by.login,
    });
  }

  function closePull(closing: Pull, by: Account): void {
    closing.state = 'closed';
    closing.closedAt = now();
    closing.closedBy = by.login;
    closing.updatedAt = now();
    happened({ kind: 'pull_request', action: 'closed', by, pull: closing });
  }

  function dismissApprovals(pull: Pull): void {
    if (!dismissStaleReviews) return;
    for (const review of pull.reviews) if (review.state === 'APPROVED') review.state = 'DISMISSED';
  }

  const trials = new Map<number, Promise<boolean>>();

  /** One after the other: readers set it off as well, they do not take turns, and an older one must not come last. */
  function tryMerge(pull: Pull): Promise<boolean> {
    const again = (): Promise<boolean> => tryMergeNow(pull);
    const trial = (trials.get(pull.number) ?? Promise.resolve(true)).then(again, again);
    trials.set(pull.number, trial);
    return trial;
  }

  async function tryMergeNow(pull: Pull): Promise<boolean> {
    const { headCommit: head, number } = pull;
    const onto = (await store.resolve(`refs/heads/${pull.baseBranch}`)) ?? pull.baseCommit;
    if (pull.trial?.head === head && pull.trial.onto === onto) return pull.trial.commit !== undefined;
    const tree = await store.mergeTree(onto, head);
    if (!tree) {
      pull.trial = { head, onto };
      return false;
    }
    const who = { name: 'GitHub', email: 'noreply@github.com' };
    const message = `Merge ${head} into ${onto}`;
    const made = { tree, parents: [onto, head], author: who, committer: who, message, at: pull.updatedAt };
    const commit = await store.commitTree(made);
    await store.updateRef(`refs/pull/${number}/merge`, commit);
    pull.trial = { head, onto, commit };
    return true;
  }

  async function setHead(pull: Pull, commit: string): Promise<void> {
    pull.headCommit = commit;
    pull.baseCommit = (await store.resolve(`refs/heads/${pull.baseBranch}`)) ?? pull.baseCommit;
    pull.updatedAt = now();
    const ref = `refs/pull/${pull.number}/head`;
    const fork = state.forks.get(pull.headRepository.toLowerCase());
    if (fork) await store.fetch(fork.store.gitDir, [`+refs/heads/${pull.headBranch}:${ref}`]);
    else await store.updateRef(ref, commit);
    await tryMerge(pull);
  }

  async function headMoved(by: Account, moved: Pull, commit: string): Promise<void> {
    const before = moved.headCommit;
    await setHead(moved, commit);
    dismissApprovals(moved);
    happened({ kind: 'pull_request', action: 'synchronize', by, pull: moved, before, after: commit });
  }

  /** Somebody pushed the head of a pull request to its base: GitHub shows it as merged by them. */
  async function mergedByPush(by: Account, branch: string, before: string, after: string): Promise<void> {
    for (const open of state.pulls) {
      if (open.state !== 'open' || open.baseBranch !== branch || open.headCommit === before) continue;
      if (!(await store.isAncestor(open.headCommit, after)) || (await store.isAncestor(open.headCommit, before)))
        continue;
      const commits = await store.commits(after, before);
      const commit = commits.find(({ parents }) => parents.slice(1).includes(open.headCommit))?.id ?? open.headCommit;
      open.merge = { at: now(), by: by.login, commit, onto: before, commits: commits.map(({ id }) => id) };
      closePull(open, by);
    }
  }

  return {
    closePull,
    setHead,
    tryMerge,
    dismissApprovals,

    async branchMoved(by, branch, before, after, fork) {
      const forward = before && after ? await (fork?.store ?? store).isAncestor(before, after) : true;
      const type = !before ? 'branch_creation' : !after ? 'branch_deletion' : forward ? 'push' : 'force_push';
      record(by, type, branch, [before, after], fork?.activities);
      if (!fork) happened({ kind: 'push', by, branch, before, after, forced: !forward });
      const repository = fork ? `${fork.owner}/${fork.name}` : ours;
      for (const open of state.pulls) {
        if (open.state !== 'open' || open.headBranch !== branch || open.headRepository !== repository) continue;
        if (after) await headMoved(by, open, after);
        else closePull(open, by);
      }
      if (before && after && !fork) await mergedByPush(by, branch, before, after);
    },

    async baseMerged(by, type, branch, before, after) {
      record(by, type, branch, [before, after]);
      happened({ kind: 'push', by, branch, before, after, forced: false });
      await mergedByPush(by, branch, before, after);
    },
  };
}
