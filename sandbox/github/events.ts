import type { Account, CheckRun, Comment, Pull, QueueEntry, Review } from './state.ts';

/** What happened at the emulated GitHub that its webhooks tell of. */
export type GithubEvent =
  | {
      readonly kind: 'pull_request';
      readonly action:
        | 'opened'
        | 'edited'
        | 'closed'
        | 'reopened'
        | 'converted_to_draft'
        | 'ready_for_review'
        | 'enqueued'
        | 'dequeued';
      readonly by: Account;
      readonly pull: Pull;
      /** What was there before, as GitHub words it. */
      readonly changes?: object;
    }
  | {
      readonly kind: 'pull_request';
      readonly action: 'synchronize';
      readonly by: Account;
      readonly pull: Pull;
      readonly before: string;
      readonly after: string;
    }
  | {
      readonly kind: 'pull_request_review';
      readonly action: 'submitted' | 'dismissed';
      readonly by: Account;
      readonly pull: Pull;
      readonly review: Review;
    }
  | {
      readonly kind: 'issue_comment';
      readonly action: 'created' | 'edited' | 'deleted';
      readonly by: Account;
      readonly comment: Comment;
      /** Its text before it was edited. */
      readonly was?: string;
    }
  | {
      readonly kind: 'push';
      readonly by: Account;
      readonly branch: string;
      readonly before: string | undefined;
      readonly after: string | undefined;
      readonly forced: boolean;
    }
  | {
      readonly kind: 'merge_group';
      readonly action: 'checks_requested';
      readonly by: Account;
      readonly group: QueueEntry;
    }
  | {
      readonly kind: 'merge_group';
      readonly action: 'destroyed';
      readonly by: Account;
      readonly group: QueueEntry;
      readonly reason: 'merged' | 'invalidated' | 'dequeued';
    }
  | {
      readonly kind: 'check_run';
      readonly action: 'created' | 'completed' | 'rerequested';
      readonly by: Account;
      readonly run: CheckRun;
    };
