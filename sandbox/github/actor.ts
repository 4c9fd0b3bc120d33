import type { Actions } from './actions.ts';
import { GithubRefusal, notFound } from './errors.ts';
import type { GitStore } from './git-store.ts';
import type { MergeMethod } from './merge-methods.ts';
import { requireRole } from './rules.ts';
import type { Account, Comment, Fork, GithubState, Pull, Review } from './state.ts';

/** What one person does at GitHub: in the browser, or with git on their own machine. GitHub's rules apply. */
export interface GithubActor {
  /**
   * Commits to a branch and pushes it. A branch that does not exist yet starts at the default branch.
   *
   * @param files Path to content; `null` deletes.
   * @returns The commit.
   */
  push(branch: string, files: Readonly<Record<string, string | null>>, message: string): Promise<string>;
  /** Puts one commit on top of the default branch and makes the branch that, whatever it was. @returns The commit. */
  forcePush(branch: string, files: Readonly<Record<string, string | null>>, message: string): Promise<string>;
  /** As `push`, to their fork of the repository; a new branch starts at the fork's default branch. */
  pushToFork(branch: string, files: Readonly<Record<string, string | null>>, message: string): Promise<string>;
  deleteBranch(branch: string): Promise<void>;
  /** @returns Its number. */
  openPullRequest(order: {
    readonly title: string;
    /** A branch, or `owner:branch` of a fork. */
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
  reopen(number: number): Promise<void>;
  rename(number: number, title: string): Promise<void>;
  /** Points a pull request at another base. */
  retarget(number: number, base: string): Promise<void>;
  convertToDraft(number: number): Promise<void>;
  readyForReview(number: number): Promise<void>;
  /** @param id Of a check run. */
  rerequestCheck(id: number): Promise<void>;
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

export function createActor({ state, store, actions, now, defaultBranch, alone }: ActorDeps, by: Account): GithubActor {
  function review(number: number, state: Review['state'], body: string, commit?: string): Promise<number> {
    return alone(async () => actions.review(by, number, { state, body, ...(commit ? { commit } : {}) }).id);
  }

  function edit(number: number, change: Parameters<Actions['editPull']>[2]): Promise<void> {
    return alone(async () => void (await actions.editPull(by, number, change)));
  }

  interface Push {
    readonly branch: string;
    readonly files: Readonly<Record<string, string | null>>;
    readonly message: string;
    readonly force?: boolean;
    readonly fork?: Fork;
  }

  async function pushOne({ branch, files, message, force = false, fork }: Push): Promise<string> {
    const place = fork?.store ?? store;
    const before = await place.resolve(`refs/heads/${branch}`);
    const main = await place.resolve(`refs/heads/${defaultBranch}`);
    const from = force ? main : (before ?? main);
    const order = { branch, ...(from ? { from } : {}), files, author: by, message, at: now(), force };
    const after = await place.commitFiles(order);
    await actions.branchMoved(by, branch, before, after, fork);
    return after;
  }

  return {
    push: (branch, files, message) =>
      alone(async () => {
        requireRole(by, 'write');
        return pushOne({ branch, files, message });
      }),

    forcePush: (branch, files, message) =>
      alone(async () => {
        requireRole(by, 'write');
        return pushOne({ branch, files, message, force: true });
      }),

    pushToFork: (branch, files, message) =>
      alone(async () => {
        const fork = state.forks.get(`${by.login}/${state.name}`.toLowerCase());
        if (!fork) throw notFound();
        return pushOne({ branch, files, message, fork });
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
    reopen: (number) => edit(number, { state: 'open' }),
    rename: (number, title) => edit(number, { title }),
    retarget: (number, base) => edit(number, { base }),
    convertToDraft: (number) => alone(async () => void actions.setDraft(by, number, true)),
    readyForReview: (number) => alone(async () => void actions.setDraft(by, number, false)),
    rerequestCheck: (id) => alone(async () => actions.rerequestCheckRun(by, id)),
    close: (number) => edit(number, { state: 'closed' }),
  };
}

/** What tests and the demo look at. */
export type CommentView = Readonly<Comment>;
export type PullView = Readonly<Omit<Pull, 'reviews'>> & { readonly reviews: readonly Readonly<Review>[] };
