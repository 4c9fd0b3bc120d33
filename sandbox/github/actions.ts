import { type ActionDeps, type BranchActions, createBranchActions } from './branch-actions.ts';
import { type CheckActions, createCheckActions } from './check-actions.ts';
import { type CommentActions, createCommentActions } from './comment-actions.ts';
import { createDeploymentActions, type DeploymentActions } from './deployment-actions.ts';
import { createIssueActions, type IssueActions } from './issue-actions.ts';
import type { MergeMethod } from './merge-methods.ts';
import { createPullActions, type PullActions } from './pull-actions.ts';
import { createQueueActions, type QueueActions } from './queue-actions.ts';
import { createReviewActions, type ReviewActions } from './review-actions.ts';

/** What people and programs can do at GitHub, with GitHub's rules. REST and the control API both come here. */
export interface Actions
  extends PullActions,
    ReviewActions,
    CommentActions,
    CheckActions,
    IssueActions,
    DeploymentActions,
    QueueActions,
    Pick<BranchActions, 'branchMoved' | 'tryMerge'> {}

export interface ActionOptions extends ActionDeps {
  readonly defaultBranch: string;
  /** How the merge queue merges. */
  readonly queueMethod: MergeMethod;
}

export function createActions(options: ActionOptions): Actions {
  const branches = createBranchActions(options);
  return {
    ...createPullActions(options, branches),
    ...createReviewActions(options),
    ...createCommentActions(options),
    ...createCheckActions(options),
    ...createIssueActions(options),
    ...createDeploymentActions(options, options.defaultBranch),
    ...createQueueActions(options, branches, options.queueMethod),
    branchMoved: branches.branchMoved,
    tryMerge: branches.tryMerge,
  };
}
