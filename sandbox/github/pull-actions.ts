import { GithubRefusal, notFound, unprocessable } from './errors.ts';
import type { GitStore } from './git-store.ts';
import { type MergeMethod, mergeOnto } from './merge-methods.ts';
import { pullAt, requireAuthor, requireRole } from './rules.ts';
import { type Account, type Activity, type GithubState, NO_COMMIT, type Pull, type Review } from './state.ts';

export interface PullActions {
  openPull(
    by: Account,
    order: { title: string; head: string; base: string; body: string; draft: boolean },
  ): Promise<Pull>;
  editPull(by: Account, number: number, change: { title?: string; body?: string; state?: 'open' | 'closed' }): Pull;
  review(by: Account, number: number, order: { state: Review['state']; body: string; commit?: string }): Review;
  dismissReview(by: Account, number: number, id: number): Review;
  merge(by: Account, number: number, order: { method: MergeMethod; head?: string }): Promise<string>;
  /** To be called when a branch moved, however it did. */
  branchMoved(by: Account, branch: string, before: string | undefined, after: string | undefined): Promise<void>;
}

export interface PullActionDeps {
  readonly state: GithubState;
  readonly store: GitStore;
  readonly now: () => number;
  /** A push to the head dismisses approvals; off at GitHub unless a rule of the branch says so. */
  readonly dismissStaleReviews: boolean;
}

export function createPullActions({ state, store, now, dismissStaleReviews }: PullActionDeps): PullActions {
  function record(by: Account, type: Activity['type'], branch: string, before: string, after: string): void {
    state.activities.push({
      id: state.nextId(),
      before,
      after,
      ref: `refs/heads/${branch}`,
      at: now(),
      type,
      actor: by.login,
    });
  }

  function closePull(closing: Pull): void {
    closing.state = 'closed';
    closing.closedAt = now();
    closing.updatedAt = now();
  }

  async function headMoved(moved: Pull, commit: string): Promise<void> {
    moved.headCommit = commit;
    moved.baseCommit = (await store.resolve(`refs/heads/${moved.baseBranch}`)) ?? moved.baseCommit;
    moved.updatedAt = now();
    await store.updateRef(`refs/pull/${moved.number}/head`, commit);
    if (!dismissStaleReviews) return;
    for (const review of moved.reviews) if (review.state === 'APPROVED') review.state = 'DISMISSED';
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
      closePull(open);
    }
  }

  return {
    async openPull(by, { title, head, base, body, draft }) {
      requireRole(by, 'read');
      const headBranch = head.replace(`${state.owner}:`, '');
      const headCommit = await store.resolve(`refs/heads/${headBranch}`);
      const baseCommit = await store.resolve(`refs/heads/${base}`);
      if (!headCommit) throw unprocessable('PullRequest head is invalid');
      if (!baseCommit) throw unprocessable('PullRequest base is invalid');
      if ((await store.commits(headCommit, baseCommit)).length === 0) {
        throw unprocessable(`No commits between ${base} and ${headBranch}`);
      }
      if (
        state.pulls.some(
          (other) => other.state === 'open' && other.headBranch === headBranch && other.baseBranch === base,
        )
      ) {
        throw unprocessable(`A pull request already exists for ${state.owner}:${headBranch}.`);
      }
      const at = now();
      const number = state.pulls.length + 1;
      const id = state.nextId();
      const author = by.login;
      const dates = { createdAt: at, updatedAt: at };
      const opened: Pull = {
        id,
        number,
        title,
        body,
        author,
        state: 'open',
        draft,
        headBranch,
        headCommit,
        baseBranch: base,
        baseCommit,
        reviews: [],
        ...dates,
      };
      state.pulls.push(opened);
      await store.updateRef(`refs/pull/${number}/head`, headCommit);
      return opened;
    },

    editPull(by, number, change) {
      const edited = pullAt(state, number);
      requireAuthor(by, edited.author);
      if (change.title !== undefined) edited.title = change.title;
      if (change.body !== undefined) edited.body = change.body;
      edited.updatedAt = now();
      if (change.state === 'closed' && edited.state === 'open') closePull(edited);
      if (change.state === 'open' && edited.state === 'closed') {
        if (edited.merge) throw unprocessable('state cannot be changed. The pull request was merged.');
        edited.state = 'open';
        delete edited.closedAt;
      }
      return edited;
    },

    review(by, number, order) {
      requireRole(by, 'read');
      const reviewed = pullAt(state, number);
      if (by.login === reviewed.author && order.state === 'APPROVED')
        throw unprocessable('Can not approve your own pull request');
      if (by.login === reviewed.author && order.state === 'CHANGES_REQUESTED') {
        throw unprocessable('Can not request changes on your own pull request');
      }
      const review: Review = {
        id: state.nextId(),
        author: by.login,
        state: order.state,
        body: order.body,
        commit: order.commit ?? reviewed.headCommit,
        submittedAt: now(),
      };
      reviewed.reviews.push(review);
      reviewed.updatedAt = now();
      return review;
    },

    dismissReview(by, number, id) {
      requireRole(by, 'write');
      const review = pullAt(state, number).reviews.find((candidate) => candidate.id === id);
      if (!review) throw notFound();
      if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED') {
        throw unprocessable('Can not dismiss a commented pull request review');
      }
      review.state = 'DISMISSED';
      return review;
    },

    async merge(by, number, { method, head }) {
      requireRole(by, 'write');
      const merging = pullAt(state, number);
      const refuse = (status: number, message: string): GithubRefusal => new GithubRefusal({ status, message });
      if (merging.state !== 'open') throw refuse(405, 'Pull Request is not mergeable');
      if (merging.draft) throw refuse(405, 'Pull Request is still a draft');
      if (head && head !== merging.headCommit)
        throw refuse(409, 'Head branch was modified. Review and try the merge again.');
      const author = state.accounts.get(merging.author.toLowerCase()) ?? by;
      const onto = await store.resolve(`refs/heads/${merging.baseBranch}`);
      const repository = `${state.owner}/${state.name}`;
      const merged =
        onto && (await mergeOnto(store, { pull: merging, onto, by, author, method, repository, at: now() }));
      if (!onto || !merged) throw refuse(405, 'Pull Request is not mergeable');
      await store.updateRef(`refs/heads/${merging.baseBranch}`, merged.tip, onto);
      record(by, 'pr_merge', merging.baseBranch, onto, merged.tip);
      merging.merge = { at: now(), by: by.login, commit: merged.tip, onto, commits: merged.commits };
      closePull(merging);
      await mergedByPush(by, merging.baseBranch, onto, merged.tip);
      return merged.tip;
    },

    async branchMoved(by, branch, before, after) {
      const forward = before && after ? await store.isAncestor(before, after) : true;
      const type = !before ? 'branch_creation' : !after ? 'branch_deletion' : forward ? 'push' : 'force_push';
      record(by, type, branch, before ?? NO_COMMIT, after ?? NO_COMMIT);
      for (const open of state.pulls) {
        if (open.state !== 'open' || open.headBranch !== branch) continue;
        if (after) await headMoved(open, after);
        else closePull(open);
      }
      if (before && after) await mergedByPush(by, branch, before, after);
    },
  };
}
