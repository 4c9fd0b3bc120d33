/**
 * What GitHub's REST API answers for pull requests and what hangs on them: every field its description requires.
 *
 * Source: GitHub's REST API description 2022-11-28 (the types of @octokit/openapi-types 27).
 */
import type { ChangedFile, StoredCommit } from './git-store.ts';
import {
  appBody,
  type BodyContext,
  forkBody,
  fullRepository,
  isoTime,
  isoTimeOrNull,
  nodeId,
  ownerBody,
  userBody,
  userOf,
} from './people-bodies.ts';
import { givenTo, reactionsBody } from './reaction-bodies.ts';
import type { Activity, CheckRun, Comment, CommitStatus, Pull, Review } from './state.ts';

export type { BodyContext } from './people-bodies.ts';

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
  const fork = state.forks.get(pull.headRepository.toLowerCase());
  const [headOwner = ''] = pull.headRepository.split('/');
  const head =
    pull.headRepository === `${state.owner}/${state.name}`
      ? side(pull.headBranch, pull.headCommit)
      : {
          label: `${headOwner}:${pull.headBranch}`,
          ref: pull.headBranch,
          sha: pull.headCommit,
          user: userOf(context, headOwner),
          repo: fork ? forkBody(context, fork) : null,
        };
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
    merge_commit_sha: pull.merge?.commit ?? pull.trial?.commit ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head,
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
  readonly files: readonly Pick<ChangedFile, 'additions' | 'deletions'>[];
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
    additions: numbers.files.reduce((sum, file) => sum + file.additions, 0),
    deletions: numbers.files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: numbers.files.length,
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
  const place = state.pulls.some(({ number }) => number === comment.pull) ? 'pull' : 'issues';
  const url = `${repo}/issues/comments/${comment.id}`;
  return {
    url,
    html_url: `${html}/${state.owner}/${state.name}/${place}/${comment.pull}#issuecomment-${comment.id}`,
    issue_url: `${repo}/issues/${comment.pull}`,
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    user: userOf(context, comment.author),
    created_at: isoTime(comment.createdAt),
    updated_at: isoTime(comment.updatedAt),
    body: comment.body,
    author_association: 'MEMBER' as const,
    performed_via_github_app: appBody(context, comment.author),
    reactions: reactionsBody(givenTo(context, comment.id), `${url}/reactions`),
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
