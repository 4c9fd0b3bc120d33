import type { Actions } from './actions.ts';
import { GithubRefusal } from './errors.ts';
import type { GitStore } from './git-store.ts';
import type { MergeMethod } from './merge-methods.ts';
import { requireRole } from './rules.ts';
import type { Account, Comment, GithubState, Pull, Review } from './state.ts';

/** What one person does at GitHub: in the browser, or with git on their own machine. GitHub's rules apply. */
export interface GithubActor {
  /**
   * Commits to a branch and pushes it. A branch that does not exist yet starts at the default branch.
   *
   * @param files Path to content; `null` deletes.
   * @returns The commit.
   */
  push(branch: string, files: Readonly<Record<string, string | null>>, message: string): Promise<string>;
  deleteBranch(branch: string): Promise<void>;
  /** @returns Its number. */
  openPullRequest(order: {
    readonly title: string;
    readonly head: string;
    readonly base?: string;
    readonly body?: string;
    readonly draft?: boolean;
  }): Promise<number>;
  /** @returns The review's id. `commit`: the head they looked at, when it is not the current one. */
  approve(number: number, options?: { readonly commit?: string; readonly body?: string }): Promise<number>;
  requestChanges(number: number, body?: string): Promise<number>;
  /** A review that says neither yes nor no. */
  reviewComment(number: number, body: string): Promise<number>;
  dismissReview(number: number, id: number): Promise<void>;
  /** @returns The comment's id. */
  comment(number: number, body: string): Promise<number>;
  editComment(id: number, body: string): Promise<void>;
  deleteComment(id: number): Promise<void>;
  /** @returns What `merge_commit_sha` says afterwards. */
  merge(number: number, options?: { readonly method?: MergeMethod }): Promise<string>;
  close(number: number): Promise<void>;
}

export interface ActorDeps {
  readonly state: GithubState;
  readonly store: GitStore;
  readonly actions: Actions;
  readonly now: () => number;
  readonly defaultBranch: string;
  /** One change at a time: nobody sees half of another's. */
  readonly alone: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

export function createActor({ store, actions, now, defaultBranch, alone }: ActorDeps, by: Account): GithubActor {
  function review(number: number, state: Review['state'], body: string, commit?: string): Promise<number> {
    return alone(async () => actions.review(by, number, { state, body, ...(commit ? { commit } : {}) }).id);
  }

  return {
    push: (branch, files, message) =>
      alone(async () => {
        requireRole(by, 'write');
        const before = await store.resolve(`refs/heads/${branch}`);
        const from = before ?? (await store.resolve(`refs/heads/${defaultBranch}`));
        const after = await store.commitFiles({
          branch,
          ...(from ? { from } : {}),
          files,
          author: by,
          message,
          at: now(),
        });
        await actions.branchMoved(by, branch, before, after);
        return after;
      }),

    deleteBranch: (branch) =>
      alone(async () => {
        requireRole(by, 'write');
        const before = await store.resolve(`refs/heads/${branch}`);
        if (!before) throw new GithubRefusal({ status: 422, message: 'Reference does not exist' });
        await store.deleteRef(`refs/heads/${branch}`);
        await actions.branchMoved(by, branch, before, undefined);
      }),

    openPullRequest: ({ title, head, base = defaultBranch, body = '', draft = false }) =>
      alone(async () => (await actions.openPull(by, { title, head, base, body, draft })).number),

    approve: (number, options = {}) => review(number, 'APPROVED', options.body ?? '', options.commit),
    requestChanges: (number, body = 'Not like this.') => review(number, 'CHANGES_REQUESTED', body),
    reviewComment: (number, body) => review(number, 'COMMENTED', body),
    dismissReview: (number, id) => alone(async () => void actions.dismissReview(by, number, id)),

    comment: (number, body) => alone(async () => actions.comment(by, number, body).id),
    editComment: (id, body) => alone(async () => void actions.editComment(by, id, body)),
    deleteComment: (id) => alone(async () => actions.deleteComment(by, id)),

    merge: (number, { method = 'merge' } = {}) => alone(() => actions.merge(by, number, { method })),
    close: (number) => alone(async () => void (await actions.editPull(by, number, { state: 'closed' }))),
  };
}

/** What tests and the demo look at. */
export type CommentView = Readonly<Comment>;
export type PullView = Readonly<Omit<Pull, 'reviews'>> & { readonly reviews: readonly Readonly<Review>[] };
