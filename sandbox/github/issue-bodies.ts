/** What GitHub's REST API answers for issues, which to it pull requests are as well. Source: its description 2022-11-28. */
import { appBody, type BodyContext, isoTime, isoTimeOrNull, nodeId, userOf } from './people-bodies.ts';
import { reactionsBody } from './reaction-bodies.ts';
import type { Issue, Pull } from './state.ts';

/** The number of a pull request as an issue is another one. */
const ISSUE_ID_OF_PULL = 500_000_000;

export function issueBody(context: BodyContext, issue: Issue) {
  return { ...common(context, issue, 'issues'), id: issue.id, state_reason: issue.stateReason };
}

export function pullAsIssueBody(context: BodyContext, pull: Pull) {
  const { state, api, html } = context;
  const page = `${html}/${state.owner}/${state.name}/pull/${pull.number}`;
  return {
    ...common(context, pull, 'pull'),
    id: pull.id + ISSUE_ID_OF_PULL,
    state_reason: null,
    draft: pull.draft,
    pull_request: {
      url: `${api}/repos/${state.owner}/${state.name}/pulls/${pull.number}`,
      html_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      merged_at: isoTimeOrNull(pull.merge?.at),
    },
  };
}

function common(context: BodyContext, subject: Issue | Pull, place: 'issues' | 'pull') {
  const { state, api, html } = context;
  const repository = `${api}/repos/${state.owner}/${state.name}`;
  const url = `${repository}/issues/${subject.number}`;
  return {
    node_id: nodeId('I', subject.id),
    url,
    repository_url: repository,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: `${html}/${state.owner}/${state.name}/${place}/${subject.number}`,
    timeline_url: `${url}/timeline`,
    number: subject.number,
    state: subject.state,
    title: subject.title,
    body: subject.body || null,
    user: userOf(context, subject.author),
    labels: [],
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    active_lock_reason: null,
    comments: state.comments.filter((comment) => comment.pull === subject.number).length,
    closed_at: isoTimeOrNull(subject.closedAt),
    closed_by: subject.closedBy ? userOf(context, subject.closedBy) : null,
    created_at: isoTime(subject.createdAt),
    updated_at: isoTime(subject.updatedAt),
    author_association: 'MEMBER' as const,
    performed_via_github_app: appBody(context, subject.author),
    // Nobody reacts to a description here, only to comments.
    reactions: reactionsBody([], `${url}/reactions`),
  };
}
