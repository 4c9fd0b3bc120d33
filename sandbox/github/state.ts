/** What an emulated GitHub knows beside its Git repository. Changed only in `sandbox/github/`, in place. */
import { randomBytes } from 'node:crypto';
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
  readonly role: Role;
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
  readonly pull: number;
  readonly author: string;
  body: string;
  readonly createdAt: number;
  updatedAt: number;
}

export interface Pull {
  readonly id: number;
  readonly number: number;
  title: string;
  body: string;
  readonly author: string;
  state: 'open' | 'closed';
  draft: boolean;
  readonly headBranch: string;
  headCommit: string;
  readonly baseBranch: string;
  /** The tip of the base branch when the head was last pushed; GitHub does not keep it current either. */
  baseCommit: string;
  readonly reviews: Review[];
  readonly createdAt: number;
  updatedAt: number;
  closedAt?: number;
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
  readonly type: 'push' | 'force_push' | 'branch_deletion' | 'branch_creation' | 'pr_merge';
  readonly actor: string;
}

export interface GithubState {
  readonly owner: string;
  readonly name: string;
  readonly accounts: ReadonlyMap<string, Account>;
  /** `org/slug` to logins. */
  readonly teams: ReadonlyMap<string, readonly string[]>;
  readonly pulls: Pull[];
  readonly comments: Comment[];
  readonly checkRuns: CheckRun[];
  readonly statuses: CommitStatus[];
  /** Oldest first. */
  readonly activities: Activity[];
  /** What an administrator has set. */
  protection: Protection;
  nextId(): number;
}

export const NO_COMMIT = '0'.repeat(40);

export function createState(
  repository: string,
  users: readonly GithubUser[],
  teams: Readonly<Record<string, readonly string[]>>,
): GithubState {
  const [owner = '', name = ''] = repository.split('/');
  let id = 1_000_000;
  const nextId = (): number => ++id;
  return {
    owner,
    name,
    accounts: new Map(users.map((user) => [user.login.toLowerCase(), toAccount(user, nextId())])),
    teams: new Map(Object.entries(teams).map(([team, members]) => [team.toLowerCase(), members])),
    pulls: [],
    comments: [],
    checkRuns: [],
    statuses: [],
    activities: [],
    protection: FRESH,
    nextId,
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
