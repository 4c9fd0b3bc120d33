/** Where pull requests live, in our words. `createGithubForge` is the one implementation; only this room knows octokit. */

export interface PullRequest {
  readonly number: number;
  readonly title: string;
  readonly author: string;
  readonly state: 'open' | 'closed' | 'merged';
  readonly draft: boolean;
  readonly head: {
    readonly commit: string;
    readonly branch: string /** `owner/name`; absent when the fork is gone. */;
    readonly repository?: string;
  };
  readonly base: { readonly branch: string; readonly commit: string };
  /** Set once merged. */
  readonly mergeCommit?: string;
  readonly url: string;
}

/** A commit of a pull request. A login is absent where the forge knows no account for the e-mail address. */
export interface PullRequestCommit {
  readonly commit: string;
  readonly author?: string;
  readonly committer?: string;
  readonly authorEmail: string;
  readonly committerEmail: string;
}

/** One review as the forge has it. A reviewer may have several; all are given. */
export interface PullRequestReview {
  readonly id: number;
  readonly reviewer: string;
  readonly reviewerIsBot: boolean;
  readonly state: 'approved' | 'changes-requested' | 'commented' | 'dismissed';
  /** The head the reviewer looked at. Absent when the forge no longer says. */
  readonly commit?: string;
  /** Milliseconds since the epoch, by the forge's clock. */
  readonly submittedAt: number;
}

export interface StickyComment {
  readonly id: number;
  readonly body: string;
  /** By the forge's clock, milliseconds since the epoch. */
  readonly updatedAt: number;
  readonly url: string;
}

export type CheckConclusion = 'success' | 'failure' | 'neutral' | 'action_required' | 'cancelled';

export interface CheckReport {
  /** For example `pointsman / plan`. */
  readonly name: string;
  readonly commit: string;
  /** Absent while in progress. */
  readonly conclusion?: CheckConclusion;
  readonly title: string;
  /** Markdown, at most 65,535 characters; longer is an error of the caller. */
  readonly summary: string;
  readonly detailsUrl?: string;
}

/** Everything this product asks of a forge. Every list is complete: a page that does not arrive is an error. */
export interface Forge {
  pullRequest(number: number, signal: AbortSignal): Promise<PullRequest>;
  openPullRequests(base: string, signal: AbortSignal): Promise<readonly PullRequest[]>;
  commits(number: number, signal: AbortSignal): Promise<readonly PullRequestCommit[]>;
  /** Who pushed to the branch, from the repository's activity log. */
  pushers(branch: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Every review ever submitted, oldest first. Pending ones are left out. */
  reviews(number: number, signal: AbortSignal): Promise<readonly PullRequestReview[]>;
  /** The pull request whose merge put `commit` on `base`; `undefined` when there is none, or several could be it. */
  mergedBy(commit: string, base: string, signal: AbortSignal): Promise<PullRequest | undefined>;
  /** @param team `org/slug` */
  teamMembers(team: string, signal: AbortSignal): Promise<ReadonlySet<string>>;
  /** `admin`, `maintain`, `write`, `triage`, `read` or `none`. */
  permission(login: string, signal: AbortSignal): Promise<string>;

  /** Our own comment on a pull request that carries `marker` in its first line. Others' look-alikes are not ours. */
  stickyComment(number: number, marker: string, signal: AbortSignal): Promise<StickyComment | undefined>;
  /** Creates or edits it; sends nothing when the body is already this one. */
  writeStickyComment(number: number, marker: string, body: string, signal: AbortSignal): Promise<StickyComment>;
  /** Creates the check run, or updates our own of that name on that commit; sends nothing when it already says this. */
  reportCheck(report: CheckReport, signal: AbortSignal): Promise<void>;
  /** REST requests sent so far, and what the forge says is left. */
  budget(): { readonly sent: number; readonly remaining?: number; readonly limit?: number };
}
