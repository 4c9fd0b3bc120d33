import type { ActionDeps, BranchActions } from './branch-actions.ts';
import { GithubRefusal, invalid } from './errors.ts';
import { type MergeMethod, mergeOnto } from './merge-methods.ts';
import { pullAt, requireAuthor, requireRole } from './rules.ts';
import type { Account, Pull } from './state.ts';

interface PullOrder {
  readonly title: string;
  /** A branch, or `owner:branch` of a fork. */
  readonly head: string;
  readonly base: string;
  readonly body: string;
  readonly draft: boolean;
}

interface PullChange {
  readonly title?: string;
  readonly body?: string;
  readonly state?: 'open' | 'closed';
  readonly base?: string;
}

export interface PullActions {
  openPull(by: Account, order: PullOrder): Promise<Pull>;
  editPull(by: Account, number: number, change: PullChange): Promise<Pull>;
  setDraft(by: Account, number: number, draft: boolean): Pull;
  merge(by: Account, number: number, order: { method: MergeMethod; head?: string }): Promise<string>;
}

export function createPullActions(deps: ActionDeps, branches: BranchActions): PullActions {
  const { state, store, now, happened } = deps;
  const ours = `${state.owner}/${state.name}`;

  /** Where a head is: in this repository, or in the fork of its owner. */
  function locate(head: string): { readonly repository: string; readonly branch: string; readonly label: string } {
    const [owner = '', branch] = head.split(':');
    if (branch === undefined) return { repository: ours, branch: head, label: `${state.owner}:${head}` };
    if (owner.toLowerCase() === state.owner.toLowerCase()) return { repository: ours, branch, label: head };
    const fork = [...state.forks.values()].find((one) => one.owner.toLowerCase() === owner.toLowerCase());
    return { repository: fork ? `${fork.owner}/${fork.name}` : '', branch, label: head };
  }

  function tipOf(repository: string, branch: string): Promise<string | undefined> {
    const place = repository === ours ? store : state.forks.get(repository.toLowerCase())?.store;
    return place ? place.resolve(`refs/heads/${branch}`) : Promise.resolve(undefined);
  }

  function refuseSecond(repository: string, branch: string, base: string, label: string): void {
    const taken = state.pulls.some(
      (other) =>
        other.state === 'open' &&
        other.headRepository === repository &&
        other.headBranch === branch &&
        other.baseBranch === base,
    );
    if (taken) throw refused(`A pull request already exists for ${label}.`);
  }

  async function reopen(pull: Pull): Promise<void> {
    const cannot = (why: string): GithubRefusal => refused(`state cannot be changed. ${why}`);
    const { headRepository, headBranch, baseBranch } = pull;
    if (pull.merge) throw cannot('The pull request was merged.');
    const tip = await tipOf(headRepository, headBranch);
    if (!tip) throw cannot(`The ${headBranch} branch has been deleted.`);
    const fork = state.forks.get(headRepository.toLowerCase());
    if (!(await (fork?.store ?? store).isAncestor(pull.headCommit, tip))) {
      throw cannot(`The ${headBranch} branch was force-pushed or recreated.`);
    }
    refuseSecond(headRepository, headBranch, baseBranch, `${headRepository.split('/')[0]}:${headBranch}`);
    pull.state = 'open';
    delete pull.closedAt;
    delete pull.closedBy;
    // What was pushed while it was closed was not looked at.
    if (tip !== pull.headCommit) await branches.setHead(pull, tip);
  }

  async function retarget(pull: Pull, base: string): Promise<void> {
    const tip = await store.resolve(`refs/heads/${base}`);
    if (!tip) throw refused(`Proposed base branch '${base}' was not found`, 'base');
    refuseSecond(pull.headRepository, pull.headBranch, base, `${pull.headRepository.split('/')[0]}:${pull.headBranch}`);
    if ((await store.commits(pull.headCommit, tip)).length === 0) {
      throw refused(`There are no new commits between base branch '${base}' and head branch '${pull.headBranch}'`);
    }
    pull.baseBranch = base;
    pull.baseCommit = tip;
    // A yes to the difference with one branch is none to the difference with another.
    branches.dismissApprovals(pull);
    await branches.tryMerge(pull);
  }

  return {
    async openPull(by, { title, head, base, body, draft }) {
      requireRole(by, 'read');
      const { repository, branch, label } = locate(head);
      const headCommit = await tipOf(repository, branch);
      const baseCommit = await store.resolve(`refs/heads/${base}`);
      if (!headCommit) throw invalid({ resource: 'PullRequest', field: 'head', code: 'invalid' });
      if (!baseCommit) throw invalid({ resource: 'PullRequest', field: 'base', code: 'invalid' });
      const fork = state.forks.get(repository.toLowerCase());
      // The commits have to be here before they can be compared; a ref of no pull request holds none.
      if (fork) await store.fetch(fork.store.gitDir, [`refs/heads/${branch}`]);
      if ((await store.commits(headCommit, baseCommit)).length === 0) {
        throw refused(`No commits between ${base} and ${branch}`);
      }
      refuseSecond(repository, branch, base, label);
      const at = now();
      const opened: Pull = {
        id: state.nextId(),
        number: state.nextNumber(),
        title,
        body,
        author: by.login,
        state: 'open',
        draft,
        headRepository: repository,
        headBranch: branch,
        headCommit,
        baseBranch: base,
        baseCommit,
        reviews: [],
        createdAt: at,
        updatedAt: at,
      };
      state.pulls.push(opened);
      await branches.setHead(opened, headCommit);
      happened({ kind: 'pull_request', action: 'opened', by, pull: opened });
      return opened;
    },

    async editPull(by, number, { title, body, base, state: wanted }) {
      const edited = pullAt(state, number);
      requireAuthor(by, edited.author);
      const changes = {
        ...(title !== undefined && title !== edited.title ? { title: { from: edited.title } } : {}),
        ...(body !== undefined && body !== edited.body ? { body: { from: edited.body } } : {}),
        ...(base !== undefined && base !== edited.baseBranch
          ? { base: { ref: { from: edited.baseBranch }, sha: { from: edited.baseCommit } } }
          : {}),
      };
      if (base !== undefined && base !== edited.baseBranch) {
        if (edited.state === 'closed') throw refused('Cannot change the base branch of a closed pull request.', 'base');
        await retarget(edited, base);
      }
      if (title !== undefined) edited.title = title;
      if (body !== undefined) edited.body = body;
      edited.updatedAt = now();
      if (Object.keys(changes).length > 0) {
        happened({ kind: 'pull_request', action: 'edited', by, pull: edited, changes });
      }
      if (wanted === 'closed' && edited.state === 'open') branches.closePull(edited, by);
      if (wanted === 'open' && edited.state === 'closed') {
        await reopen(edited);
        happened({ kind: 'pull_request', action: 'reopened', by, pull: edited });
      }
      return edited;
    },

    setDraft(by, number, draft) {
      const changed = pullAt(state, number);
      requireAuthor(by, changed.author);
      if (changed.draft === draft) return changed;
      changed.draft = draft;
      changed.updatedAt = now();
      const action = draft ? 'converted_to_draft' : 'ready_for_review';
      happened({ kind: 'pull_request', action, by, pull: changed });
      return changed;
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
      const merged = onto && (await mergeOnto(store, { pull: merging, onto, by, author, method, at: now() }));
      if (!onto || !merged) throw refuse(405, 'Pull Request is not mergeable');
      await store.updateRef(`refs/heads/${merging.baseBranch}`, merged.tip, onto);
      merging.merge = { at: now(), by: by.login, commit: merged.tip, onto, commits: merged.commits };
      branches.closePull(merging, by);
      await branches.baseMerged(by, 'pr_merge', merging.baseBranch, onto, merged.tip);
      return merged.tip;
    },
  };
}

function refused(message: string, field?: string): GithubRefusal {
  return invalid({ resource: 'PullRequest', ...(field ? { field } : {}), code: 'custom', message });
}
