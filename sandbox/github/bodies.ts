/**
 * What GitHub's REST API answers for people, pull requests and what hangs on them: every field its description requires.
 *
 * Source: GitHub's REST API description 2022-11-28 (the types of @octokit/openapi-types 27).
 */
import type { StoredCommit } from './git-store.ts';
import { repositoryBody } from './repository-body.ts';
import type { Account, Activity, CheckRun, Comment, CommitStatus, GithubState, Pull, Review } from './state.ts';

/** Where a body is rendered for: the state, and the addresses as the asker knows them. */
export interface BodyContext {
  readonly state: GithubState;
  /** `http://host:port/api/v3` */
  readonly api: string;
  /** `http://host:port` */
  readonly html: string;
}

/** GitHub's times: ISO 8601, UTC, whole seconds. */
function isoTime(at: number): string {
  return new Date(Math.floor(at / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

function isoTimeOrNull(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : isoTime(at);
}

function nodeId(kind: string, id: number | string): string {
  return `${kind}_${Buffer.from(`${kind}:${id}`).toString('base64url')}`;
}

export function userBody({ api, html }: BodyContext, account: Pick<Account, 'id' | 'login' | 'type'>) {
  const { id, login, type } = account;
  const url = `${api}/users/${encodeURIComponent(login)}`;
  return {
    login,
    id,
    node_id: nodeId(type === 'Bot' ? 'BOT' : 'U', id),
    avatar_url: `${html}/avatars/u/${id}?v=4`,
    gravatar_id: '',
    url,
    html_url: type === 'Bot' ? `${html}/apps/${login.replace('[bot]', '')}` : `${html}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
    user_view_type: 'public',
  };
}

function userOf(context: BodyContext, login: string) {
  const account = context.state.accounts.get(login.toLowerCase());
  if (!account) throw new TypeError(`the emulated GitHub lost ${login}`);
  return userBody(context, account);
}

/** The App behind a bot account; `null` for people. */
function appBody(context: BodyContext, login: string) {
  const account = context.state.accounts.get(login.toLowerCase());
  if (account?.type !== 'Bot') return null;
  const slug = account.login.replace('[bot]', '');
  return {
    id: account.id,
    slug,
    node_id: nodeId('A', account.id),
    owner: ownerBody(context),
    name: slug,
    description: null,
    external_url: context.html,
    html_url: `${context.html}/apps/${slug}`,
    created_at: isoTime(0),
    updated_at: isoTime(0),
    permissions: { checks: 'write', contents: 'write', issues: 'write', metadata: 'read', pull_requests: 'write' },
    events: ['pull_request', 'pull_request_review', 'push'],
  };
}

function ownerBody(context: BodyContext) {
  return { ...userBody(context, { id: 1, login: context.state.owner, type: 'User' }), type: 'Organization' };
}

export function fullRepository(context: BodyContext) {
  return repositoryBody({ ...context, owner: ownerBody(context) });
}

/** As in lists. */
export function pullSimpleBody(context: BodyContext, pull: Pull) {
  const { state, api, html } = context;
  const repo = `${api}/repos/${state.owner}/${state.name}`;
  const url = `${repo}/pulls/${pull.number}`;
  const issue = `${repo}/issues/${pull.number}`;
  const htmlUrl = `${html}/${state.owner}/${state.name}/pull/${pull.number}`;
  const side = (ref: string, sha: string) => ({
    label: `${state.owner}:${ref}`,
    ref,
    sha,
    user: ownerBody(context),
    repo: fullRepository(context),
  });
  const links = {
    self: url,
    html: htmlUrl,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${repo}/pulls/comments{/number}`,
    commits: `${url}/commits`,
    statuses: `${repo}/statuses/${pull.headCommit}`,
  };
  const href = (to: keyof typeof links) => ({ href: links[to] });
  return {
    url,
    id: pull.id,
    node_id: nodeId('PR', pull.id),
    html_url: htmlUrl,
    diff_url: `${htmlUrl}.diff`,
    patch_url: `${htmlUrl}.patch`,
    issue_url: issue,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: links.statuses,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: userOf(context, pull.author),
    body: pull.body || null,
    labels: [],
    milestone: null,
    active_lock_reason: null,
    created_at: isoTime(pull.createdAt),
    updated_at: isoTime(pull.updatedAt),
    closed_at: isoTimeOrNull(pull.closedAt),
    merged_at: isoTimeOrNull(pull.merge?.at),
    merge_commit_sha: pull.merge?.commit ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: side(pull.headBranch, pull.headCommit),
    base: side(pull.baseBranch, pull.baseCommit),
    _links: {
      self: href('self'),
      html: href('html'),
      issue: href('issue'),
      comments: href('comments'),
      review_comments: href('review_comments'),
      review_comment: href('review_comment'),
      commits: href('commits'),
      statuses: href('statuses'),
    },
    author_association: 'MEMBER' as const,
    auto_merge: null,
    draft: pull.draft,
  };
}

export interface PullNumbers {
  readonly commits: number;
  readonly files: number;
  readonly additions: number;
  readonly deletions: number;
  readonly mergeable: boolean | null;
}

export function pullBody(context: BodyContext, pull: Pull, numbers: PullNumbers) {
  const { mergeable } = numbers;
  return {
    ...pullSimpleBody(context, pull),
    merged: pull.merge !== undefined,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: mergeable === null ? 'unknown' : mergeable ? (pull.draft ? 'draft' : 'clean') : 'dirty',
    merged_by: pull.merge ? userOf(context, pull.merge.by) : null,
    comments: context.state.comments.filter((comment) => comment.pull === pull.number).length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: numbers.commits,
    additions: numbers.additions,
    deletions: numbers.deletions,
    changed_files: numbers.files,
  };
}

export function reviewBody(context: BodyContext, pull: Pull, review: Review) {
  const { url, html_url } = pullSimpleBody(context, pull);
  const html = `${html_url}#pullrequestreview-${review.id}`;
  return {
    id: review.id,
    node_id: nodeId('PRR', review.id),
    user: userOf(context, review.author),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: url,
    author_association: 'MEMBER' as const,
    _links: { html: { href: html }, pull_request: { href: url } },
    ...(review.state === 'PENDING' ? {} : { submitted_at: isoTime(review.submittedAt) }),
    commit_id: review.commit,
  };
}

export function commentBody(context: BodyContext, comment: Comment) {
  const { state, api, html } = context;
  const repo = `${api}/repos/${state.owner}/${state.name}`;
  return {
    url: `${repo}/issues/comments/${comment.id}`,
    html_url: `${html}/${state.owner}/${state.name}/pull/${comment.pull}#issuecomment-${comment.id}`,
    issue_url: `${repo}/issues/${comment.pull}`,
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    user: userOf(context, comment.author),
    created_at: isoTime(comment.createdAt),
    updated_at: isoTime(comment.updatedAt),
    body: comment.body,
    author_association: 'MEMBER' as const,
    performed_via_github_app: appBody(context, comment.author),
  };
}

export function commitBody(context: BodyContext, commit: StoredCommit) {
  const { state, api, html } = context;
  const repo = `${api}/repos/${state.owner}/${state.name}`;
  const page = `${html}/${state.owner}/${state.name}/commit`;
  const byEmail = (email: string) => {
    const found = [...state.accounts.values()].find((account) => account.email.toLowerCase() === email.toLowerCase());
    return found ? userBody(context, found) : null;
  };
  const signature = ({ name, email, at }: StoredCommit['author']) => ({ name, email, date: isoTime(at) });
  return {
    url: `${repo}/commits/${commit.id}`,
    sha: commit.id,
    node_id: nodeId('C', commit.id),
    html_url: `${page}/${commit.id}`,
    comments_url: `${repo}/commits/${commit.id}/comments`,
    commit: {
      url: `${repo}/git/commits/${commit.id}`,
      author: signature(commit.author),
      committer: signature(commit.committer),
      message: commit.message,
      comment_count: 0,
      tree: { sha: commit.tree, url: `${repo}/git/trees/${commit.tree}` },
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    },
    author: byEmail(commit.author.email),
    committer: byEmail(commit.committer.email),
    parents: commit.parents.map((sha) => ({ sha, url: `${repo}/commits/${sha}`, html_url: `${page}/${sha}` })),
  };
}

export function activityBody(context: BodyContext, activity: Activity) {
  return {
    id: activity.id,
    node_id: nodeId('PSH', activity.id),
    before: activity.before,
    after: activity.after,
    ref: activity.ref,
    timestamp: isoTime(activity.at),
    activity_type: activity.type,
    actor: userOf(context, activity.actor),
  };
}

export function checkRunBody(context: BodyContext, run: CheckRun) {
  const { state, api, html } = context;
  const url = `${api}/repos/${state.owner}/${state.name}/check-runs/${run.id}`;
  const page = `${html}/${state.owner}/${state.name}/runs/${run.id}`;
  return {
    id: run.id,
    head_sha: run.commit,
    node_id: nodeId('CR', run.id),
    external_id: '',
    url,
    html_url: page,
    details_url: run.detailsUrl ?? page,
    status: run.status,
    conclusion: run.conclusion,
    started_at: isoTime(run.startedAt),
    completed_at: isoTimeOrNull(run.completedAt),
    output: {
      title: run.title,
      summary: run.summary,
      text: null,
      annotations_count: 0,
      annotations_url: `${url}/annotations`,
    },
    name: run.name,
    check_suite: { id: run.id + 1 },
    app: appBody(context, run.app),
    pull_requests: [],
  };
}

export function statusBody(context: BodyContext, status: CommitStatus) {
  const { state, api } = context;
  const creator = userOf(context, status.author);
  return {
    url: `${api}/repos/${state.owner}/${state.name}/statuses/${status.commit}`,
    avatar_url: creator.avatar_url,
    id: status.id,
    node_id: nodeId('SC', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: isoTime(status.createdAt),
    updated_at: isoTime(status.createdAt),
    creator,
  };
}
