/** What an emulated GitHub knows beside its Git repository. Changed only in `sandbox/github/`, in place. */
import { randomBytes } from 'node:crypto';
import type { GitStore } from './git-store.ts';
import { FRESH, type Protection } from './protection.ts';

export const ROLES = ['admin', 'maintain', 'write', 'triage', 'read', 'none'] as const;
export type Role = (typeof ROLES)[number];

export interface GithubUser {
  /** `ana`, or `pointsman[bot]` for an App. */
  readonly login: string;
  /** On the one repository. */
  readonly role: Role;
  /** `Bot` when the login ends in `[bot]`, unless set. */
  readonly type?: 'User' | 'Bot';
  /** As in their commits; made from the login unless set. */
  readonly name?: string;
  readonly email?: string;
}

export interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Bot';
  role: Role;
  readonly name: string;
  readonly email: string;
  readonly token: string;
}

type ReviewState = 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING';

export interface Review {
  readonly id: number;
  readonly author: string;
  state: ReviewState;
  readonly body: string;
  /** The head it was made on; it stays that one. */
  readonly commit: string;
  readonly submittedAt: number;
}

export interface Comment {
  readonly id: number;
  /** Number of the pull request, or of the issue. */
  readonly pull: number;
  readonly author: string;
  body: string;
  readonly createdAt: number;
  updatedAt: number;
  editedAt?: number;
}

export const REACTIONS = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes'] as const;

export interface Reaction {
  readonly id: number;
  readonly comment: number;
  readonly author: string;
  readonly content: (typeof REACTIONS)[number];
  readonly at: number;
}

/** What is no pull request. Both are numbered from the same sequence. */
export interface Issue {
  readonly id: number;
  readonly number: number;
  title: string;
  body: string;
  readonly author: string;
  state: 'open' | 'closed';
  stateReason: string | null;
  readonly createdAt: number;
  updatedAt: number;
  closedAt?: number;
  closedBy?: string;
}

export interface Pull {
  readonly id: number;
  readonly number: number;
  title: string;
  body: string;
  readonly author: string;
  state: 'open' | 'closed';
  draft: boolean;
  /** `owner/name`: this repository, or a fork. */
  readonly headRepository: string;
  readonly headBranch: string;
  headCommit: string;
  baseBranch: string;
  /** The tip of the base branch when the head was last pushed; GitHub does not keep it current either. */
  baseCommit: string;
  readonly reviews: Review[];
  readonly createdAt: number;
  updatedAt: number;
  closedAt?: number;
  closedBy?: string;
  /** What a merge would give, on no branch but `refs/pull/<number>/merge`. Stays where it was while they conflict. */
  trial?: {
    readonly head: string;
    readonly onto: string;
    /** Absent when head and base conflict. */
    readonly commit?: string;
  };
  merge?: {
    readonly at: number;
    readonly by: string;
    /** What `merge_commit_sha` says. */
    readonly commit: string;
    /** The base branch before. */
    readonly onto: string;
    /** Every commit this put on the base. */
    readonly commits: readonly string[];
  };
}

type CheckStatus = 'queued' | 'in_progress' | 'completed';

export interface CheckRun {
  readonly id: number;
  name: string;
  readonly commit: string;
  readonly app: string;
  status: CheckStatus;
  conclusion: string | null;
  detailsUrl: string | null;
  title: string | null;
  summary: string | null;
  readonly startedAt: number;
  completedAt: number | null;
}

export interface CommitStatus {
  readonly id: number;
  readonly commit: string;
  readonly author: string;
  readonly state: string;
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly createdAt: number;
}

export interface Activity {
  readonly id: number;
  readonly before: string;
  readonly after: string;
  readonly ref: string;
  readonly at: number;
  readonly type: 'push' | 'force_push' | 'branch_deletion' | 'branch_creation' | 'pr_merge' | 'merge_queue_merge';
  readonly actor: string;
}

/** A repository somebody made of ours, to propose from. */
export interface Fork {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  /** Seen by its owner only, as the fork of a private repository is by an App that was not installed there. */
  readonly private: boolean;
  readonly store: GitStore;
  /** Oldest first. */
  readonly activities: Activity[];
}

/** A place in the merge queue. Each stands on the one before it. */
export interface QueueEntry {
  readonly pull: number;
  readonly by: string;
  readonly base: string;
  /** `gh-readonly-queue/<base>/pr-<number>-<commit it stands on>` */
  readonly branch: string;
  readonly onto: string;
  readonly head: string;
  readonly commits: readonly string[];
}

export interface Deployment {
  readonly id: number;
  readonly creator: string;
  readonly commit: string;
  readonly ref: string;
  readonly task: string;
  readonly environment: string;
  readonly description: string | null;
  readonly payload: unknown;
  readonly transient: boolean;
  readonly production: boolean;
  readonly createdAt: number;
  /** Oldest first. */
  readonly statuses: DeploymentStatus[];
}

export interface DeploymentStatus {
  readonly id: number;
  readonly creator: string;
  readonly state: string;
  readonly description: string;
  readonly logUrl: string;
  readonly createdAt: number;
}

export interface WorkflowRun {
  readonly id: number;
  /** Name of the file in `.github/workflows/`. */
  readonly file: string;
  readonly event: string;
  readonly commit: string;
  readonly startedAt: number;
}

export interface GithubState {
  readonly owner: string;
  readonly name: string;
  readonly accounts: ReadonlyMap<string, Account>;
  /** `org/slug` to logins. */
  readonly teams: Map<string, readonly string[]>;
  readonly pulls: Pull[];
  readonly issues: Issue[];
  readonly comments: Comment[];
  readonly reactions: Reaction[];
  readonly checkRuns: CheckRun[];
  readonly statuses: CommitStatus[];
  /** Oldest first. */
  readonly activities: Activity[];
  /** By `owner/name` in lower case. */
  readonly forks: Map<string, Fork>;
  /** In the order they will be merged. */
  readonly queue: QueueEntry[];
  readonly deployments: Deployment[];
  readonly workflowRuns: WorkflowRun[];
  /** What an administrator has set. */
  protection: Protection;
  nextId(): number;
  /** Of a pull request or an issue. */
  nextNumber(): number;
}

/** Merges what the queue lets through. */
export const MERGE_QUEUE = 'github-merge-queue[bot]';

export const NO_COMMIT = '0'.repeat(40);

export function createState(
  repository: string,
  users: readonly GithubUser[],
  teams: Readonly<Record<string, readonly string[]>>,
): GithubState {
  const [owner = '', name = ''] = repository.split('/');
  let id = 1_000_000;
  const nextId = (): number => ++id;
  const everybody = [...users, { login: MERGE_QUEUE, role: 'write' } as const];
  const pulls: Pull[] = [];
  const issues: Issue[] = [];
  return {
    owner,
    name,
    accounts: new Map(everybody.map((user) => [user.login.toLowerCase(), toAccount(user, nextId())])),
    teams: new Map(Object.entries(teams).map(([team, members]) => [team.toLowerCase(), members])),
    pulls,
    issues,
    comments: [],
    reactions: [],
    checkRuns: [],
    statuses: [],
    activities: [],
    forks: new Map(),
    queue: [],
    deployments: [],
    workflowRuns: [],
    protection: FRESH,
    nextId,
    nextNumber: () => pulls.length + issues.length + 1,
  };
}

function toAccount(user: GithubUser, id: number): Account {
  const type = user.type ?? (user.login.endsWith('[bot]') ? 'Bot' : 'User');
  return {
    id,
    login: user.login,
    type,
    role: user.role,
    name: user.name ?? user.login,
    email: user.email ?? `${id}+${user.login}@users.noreply.github.com`,
    // The prefixes GitHub gives tokens of installations and of people.
    token: `${type === 'Bot' ? 'ghs' : 'ghp'}_${randomBytes(18).toString('hex')}`,
  };
}
