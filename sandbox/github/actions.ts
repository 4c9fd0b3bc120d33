import { type CheckActions, createCheckActions } from './check-actions.ts';
import { type CommentActions, createCommentActions } from './comment-actions.ts';
import { createPullActions, type PullActionDeps, type PullActions } from './pull-actions.ts';

/** What people and programs can do at GitHub, with GitHub's rules. REST and the control API both come here. */
export interface Actions extends PullActions, CommentActions, CheckActions {}

export function createActions(deps: PullActionDeps): Actions {
  const { state, store, now } = deps;
  return {
    ...createPullActions(deps),
    ...createCommentActions(state, now),
    ...createCheckActions(state, store, now),
  };
}
