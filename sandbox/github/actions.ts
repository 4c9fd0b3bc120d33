import { GithubRefusal, notFound, unprocessable } from './errors.ts';
import type { GitStore } from './git-store.ts';
import { type MergeMethod, mergeOnto } from './merge-methods.ts';
import {
  type Account,
  type Activity,
  type CheckRun,
  type Comment,
  type CommitStatus,
  type GithubState,
  NO_COMMIT,
  type Pull,
  type Review,
  ROLES,
  type Role,
} from './state.ts';

export interface ActionDeps {
  readonly state: GithubState;
  readonly store: GitStore;
  readonly now: () => number;
  /** A push to the head dismisses approvals; off at GitHub unless a rule of the branch says so. */
  readonly dismissStaleReviews: boolean;
}

export interface CheckRunOrder {
  readonly name: string;
  readonly commit: string;
  readonly status?: CheckRun['status'];
  readonly conclusion?: string;
  readonly detailsUrl?: string;
  readonly title?: string;
  readonly summary?: string;
}

/** What people and programs can do at GitHub, with GitHub's rules. REST and the control API both come here. */
export interface Actions {
  pull(number: number): Pull;
  /** @throws {GithubRefusal} 403: the account may less than this on the repository. */
  require(account: Account, least: Role): void;
  openPull(
    by: Account,
    order: { title: string; head: string; base: string; body: string; draft: boolean },
  ): Promise<Pull>;
  editPull(by: Account, number: number, change: { title?: string; body?: string; state?: 'open' | 'closed' }): Pull;
  review(by: Account, number: number, order: { state: Review['state']; body: string; commit?: string }): Review;
  dismissReview(by: Account, number: number, id: number): Review;
  merge(by: Account, number: number, order: { method: MergeMethod; head?: string }): Promise<string>;
  comment(by: Account, number: number, body: string): Comment;
  editComment(by: Account, id: number, body: string): Comment;
  deleteComment(by: Account, id: number): void;
  createCheckRun(by: Account, order: CheckRunOrder): Promise<CheckRun>;
  editCheckRun(by: Account, id: number, change: Partial<CheckRunOrder>): CheckRun;
  createStatus(
    by: Account,
    order: Pick<CommitStatus, 'commit' | 'state' | 'context' | 'description' | 'targetUrl'>,
  ): Promise<CommitStatus>;
  /** To be called when a branch moved, however it did. */
  branchMoved(by: Account, branch: string, before: string | undefined, after: string | undefined): Promise<void>;
}

const LONGEST_COMMENT = 65_536;

export function createActions({ state, store, now, dismissStaleReviews }: ActionDeps): Actions {
  function require(account: Account, least: Role): void {
    if (ROLES.indexOf(account.role) <= ROLES.indexOf(least)) return;
    if (account.role === 'none') throw notFound();
    const message =
      account.type === 'Bot' ? 'Resource not accessible by integration' : 'Must have push access to repository';
    throw new GithubRefusal({ status: 403, message });
  }

  function pull(number: number): Pull {
    const found = state.pulls.find((candidate) => candidate.number === number);
    if (!found) throw notFound();
    return found;
  }

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

  function comment(id: number): Comment {
    const found = state.comments.find((candidate) => candidate.id === id);
    if (!found) throw notFound();
    return found;
  }

  function requireOwn(by: Account, author: string): void {
    if (by.login !== author) require(by, 'write');
  }

  function requireFit(body: string): void {
    if (body === '') throw unprocessable('body cannot be blank');
    if (body.length > LONGEST_COMMENT)
      throw unprocessable(`body is too long (maximum is ${LONGEST_COMMENT} characters)`);
  }

  function requireApp(by: Account): void {
    if (by.type === 'Bot') return;
    throw new GithubRefusal({ status: 403, message: 'You must authenticate via a GitHub App.' });
  }

  async function requireCommit(id: string): Promise<string> {
    const found = /^[0-9a-f]{40}$/.test(id) ? await store.resolve(id) : undefined;
    if (!found) throw unprocessable(`No commit found for SHA: ${id}`);
    return found;
  }

  return {
    pull,
    require,

    async openPull(by, { title, head, base, body, draft }) {
      require(by, 'read');
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
      const edited = pull(number);
      requireOwn(by, edited.author);
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
      require(by, 'read');
      const reviewed = pull(number);
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
      require(by, 'write');
      const review = pull(number).reviews.find((candidate) => candidate.id === id);
      if (!review) throw notFound();
      if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED') {
        throw unprocessable('Can not dismiss a commented pull request review');
      }
      review.state = 'DISMISSED';
      return review;
    },

    async merge(by, number, { method, head }) {
      require(by, 'write');
      const merging = pull(number);
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

    comment(by, number, body) {
      require(by, 'read');
      requireFit(body);
      const at = now();
      const made: Comment = {
        id: state.nextId(),
        pull: pull(number).number,
        author: by.login,
        body,
        createdAt: at,
        updatedAt: at,
      };
      state.comments.push(made);
      return made;
    },

    editComment(by, id, body) {
      const edited = comment(id);
      requireOwn(by, edited.author);
      requireFit(body);
      edited.body = body;
      edited.updatedAt = now();
      return edited;
    },

    deleteComment(by, id) {
      const deleted = comment(id);
      requireOwn(by, deleted.author);
      state.comments.splice(state.comments.indexOf(deleted), 1);
    },

    async createCheckRun(by, order) {
      requireApp(by);
      require(by, 'write');
      const finished = order.conclusion !== undefined;
      const run: CheckRun = {
        id: state.nextId(),
        name: order.name,
        commit: await requireCommit(order.commit),
        app: by.login,
        status: finished ? 'completed' : (order.status ?? 'queued'),
        conclusion: order.conclusion ?? null,
        detailsUrl: order.detailsUrl ?? null,
        title: order.title ?? null,
        summary: order.summary ?? null,
        startedAt: now(),
        completedAt: finished ? now() : null,
      };
      state.checkRuns.push(run);
      return run;
    },

    editCheckRun(by, id, change) {
      requireApp(by);
      require(by, 'write');
      const run = state.checkRuns.find((candidate) => candidate.id === id);
      if (!run) throw notFound();
      if (run.app !== by.login) {
        throw new GithubRefusal({
          status: 403,
          message: `Invalid app_id ${id} - check run can only be modified by the GitHub App that created it.`,
        });
      }
      if (change.name !== undefined) run.name = change.name;
      if (change.detailsUrl !== undefined) run.detailsUrl = change.detailsUrl;
      if (change.title !== undefined) run.title = change.title;
      if (change.summary !== undefined) run.summary = change.summary;
      if (change.status !== undefined) run.status = change.status;
      if (change.conclusion !== undefined) {
        run.conclusion = change.conclusion;
        run.status = 'completed';
        run.completedAt = now();
      }
      return run;
    },

    async createStatus(by, order) {
      require(by, 'write');
      const commit = await requireCommit(order.commit);
      const status: CommitStatus = { ...order, commit, id: state.nextId(), author: by.login, createdAt: now() };
      state.statuses.push(status);
      return status;
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
