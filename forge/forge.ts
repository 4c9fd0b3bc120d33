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
  /** When it was closed or merged, by the forge's clock, milliseconds since the epoch. */
  readonly closedAt?: number;
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

/** A comment on a pull request, whoever wrote it. */
export interface PullRequestComment {
  readonly id: number;
  readonly pullRequest: number;
  readonly author: string;
  readonly authorIsBot: boolean;
  readonly body: string;
  /** Milliseconds since the epoch, by the forge's clock. */
  readonly createdAt: number;
  /** Its text is not the one it was written with. An edit within the same second does not show; `wasEdited` knows. */
  readonly edited: boolean;
  readonly url: string;
}

/** `eyes`: seen; `rocket`: started; `+1`: done; `confused`: refused, and a reply says why. */
export type Reaction = 'eyes' | 'rocket' | '+1' | 'confused';

/** A branch of the merge queue: what the base would be with some pull requests merged. */
export interface MergeGroup {
  /** Without `refs/heads/`, for example `gh-readonly-queue/main/pr-12-<commit of the base>`. */
  readonly branch: string;
  readonly commit: string;
}

/** One push to a branch, from the repository's activity log. */
export interface Push {
  readonly actor: string;
  /** Absent when the push made the branch. */
  readonly before?: string;
  /** Absent when it deleted the branch. */
  readonly after?: string;
  readonly at: number;
}

/** What runs in one environment; a site is one. */
export interface DeploymentReport {
  /** Name of the site. */
  readonly environment: string;
  readonly commit: string;
  /** One deployment a run and environment; told again it gets another state. */
  readonly run: string;
  readonly state: 'in_progress' | 'success' | 'failure';
  /** At most 140 characters; longer is cut. */
  readonly description: string;
  readonly logUrl?: string;
}

/** A run of a scheduled workflow of the forge. */
export interface ScheduledRun {
  readonly startedAt: number;
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

/** Requests to the forge. */
export interface RequestBudget {
  /** Sent, whatever became of them. */
  readonly sent: number;
  /** Those of them that were answered with "as before"; they cost nothing. */
  readonly unchanged: number;
  /** What is left of `limit` until `resetsAt`. All three are absent until the forge has said so. */
  readonly remaining?: number;
  readonly limit?: number;
  /** Milliseconds since the epoch, by the forge's clock. */
  readonly resetsAt?: number;
}

/** Everything this product asks of a forge. Every list is complete: a page that does not arrive is an error. */
export interface Forge {
  pullRequest(number: number, signal: AbortSignal): Promise<PullRequest>;
  /** All that are open, whatever their base, oldest first. */
  openPullRequests(signal: AbortSignal): Promise<readonly PullRequest[]>;
  /** The newest pull request from a branch of this repository, in whatever state. */
  pullRequestFrom(branch: string, signal: AbortSignal): Promise<PullRequest | undefined>;
  /** Who closed a pull request without merging it. `undefined` while it is open, and when the forge does not say. */
  closedBy(number: number, signal: AbortSignal): Promise<string | undefined>;
  commits(number: number, signal: AbortSignal): Promise<readonly PullRequestCommit[]>;
  /** Who pushed to the branch of a pull request, from the activity log of the repository it is in, a fork's too. */
  pushers(head: PullRequest['head'], signal: AbortSignal): Promise<readonly string[]>;
  /** Pushes and merges to a branch in the last month, newest first. */
  pushes(branch: string, signal: AbortSignal): Promise<readonly Push[]>;
  /** Commits reachable from `to` and not from `from`, oldest first, with the accounts behind them. */
  commitsBetween(from: string, to: string, signal: AbortSignal): Promise<readonly PullRequestCommit[]>;
  /** Every review ever submitted, oldest first. Pending ones are left out. */
  reviews(number: number, signal: AbortSignal): Promise<readonly PullRequestReview[]>;
  /** The pull request whose merge put `commit` on `base`; `undefined` when there is none, or several could be it. */
  mergedBy(commit: string, base: string, signal: AbortSignal): Promise<PullRequest | undefined>;
  /** Login of the person the token belongs to; `undefined` where it is of an App or of a GitHub Actions job. */
  viewer(signal: AbortSignal): Promise<string | undefined>;
  /** @param team `org/slug` */
  teamMembers(team: string, signal: AbortSignal): Promise<ReadonlySet<string>>;
  /** `admin`, `maintain`, `write`, `triage`, `read` or `none`. */
  permission(login: string, signal: AbortSignal): Promise<string>;
  /** The branch the forge takes for the main one. */
  defaultBranch(signal: AbortSignal): Promise<string>;
  /** Branches of the merge queue onto `base`. */
  mergeGroups(base: string, signal: AbortSignal): Promise<readonly MergeGroup[]>;
  /** Comments on pull requests written or edited since then, oldest first. Those on issues are left out. */
  commentsSince(since: number, signal: AbortSignal): Promise<readonly PullRequestComment[]>;
  /**
   * Whether the text of a comment is not the one it was written with, also where the times of `commentsSince` hide it. One
   * that is gone counts as edited.
   */
  wasEdited(comment: number, signal: AbortSignal): Promise<boolean>;
  /** The latest run of a workflow file (`pointsman.yml`) that its schedule started. */
  latestScheduledRun(workflowFile: string, signal: AbortSignal): Promise<ScheduledRun | undefined>;

  /** Our own comment on a pull request that carries `marker` in its first line. Others' look-alikes are not ours. */
  stickyComment(number: number, marker: string, signal: AbortSignal): Promise<StickyComment | undefined>;
  /** Creates or edits it; sends nothing when the body is already this one. */
  writeStickyComment(number: number, marker: string, body: string, signal: AbortSignal): Promise<StickyComment>;
  /** Creates the check run, or updates our own of that name on that commit; sends nothing when it already says this. */
  reportCheck(report: CheckReport, signal: AbortSignal): Promise<void>;
  /** Opens a pull request from a branch of this repository, or gives the open one there is from it, brought up to date. */
  openPullRequest(
    order: { readonly branch: string; readonly base: string; readonly title: string; readonly body: string },
    signal: AbortSignal,
  ): Promise<PullRequest>;
  /** A review in the name of whoever the token belongs to, of that head. Nobody may review their own pull request. */
  submitReview(
    number: number,
    review: { readonly state: 'approved' | 'changes-requested'; readonly commit: string; readonly body: string },
    signal: AbortSignal,
  ): Promise<void>;
  /** Closes it; one that is closed already stays so. */
  closePullRequest(number: number, signal: AbortSignal): Promise<void>;
  /** One that is gone already is no error. */
  deleteBranch(branch: string, signal: AbortSignal): Promise<void>;
  /** Twice is the same as once. A comment that is gone is no error. */
  react(comment: number, reaction: Reaction, signal: AbortSignal): Promise<void>;
  /** Sends nothing when the environment already says this. */
  reportDeployment(report: DeploymentReport, signal: AbortSignal): Promise<void>;
  /** One issue of ours carrying `marker` in its first line: opened or edited, or closed where there is nothing to raise. */
  raiseAlarm(
    marker: string,
    alarm: { readonly title: string; readonly body: string } | undefined,
    signal: AbortSignal,
  ): Promise<void>;
  /** The repository as people see it, without a slash at its end: `https://github.com/acme/fleet`. */
  readonly webUrl: string;
  /** What we asked of the forge so far, and what it says is left. */
  budget(): RequestBudget;
}
