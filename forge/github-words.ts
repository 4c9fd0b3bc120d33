/** GitHub's words come in, ours go out. Source of the shapes: GitHub's REST API description, 2022-11-28. */
import type { Answer } from './answer.ts';
import type {
  PullRequest,
  PullRequestComment,
  PullRequestCommit,
  PullRequestReview,
  Push,
  StickyComment,
} from './forge.ts';

/** As GitHub's routes take it. */
export type RepositoryName = Readonly<Record<'owner' | 'repo', string>>;

export interface Person {
  readonly login: string;
  readonly bot: boolean;
}

/**
 * A deleted account is `ghost` at GitHub, and here a bot as well: whoever it was can no longer be shown to be in a team, so
 * nothing they said may count.
 */
const GHOST: Person = { login: 'ghost', bot: true };

export function parsePerson(user: Answer): Person {
  if (!user.present) return GHOST;
  const login = user.at('login').text();
  return { login, bot: user.at('type').text() === 'Bot' || login.endsWith('[bot]') };
}

export function parsePullRequest(pull: Answer): PullRequest {
  const merged = pull.at('merged_at').present;
  const headRepository = pull.at('head', 'repo');
  return {
    number: pull.at('number').number(),
    title: pull.at('title').text(),
    author: parsePerson(pull.at('user')).login,
    state: merged ? 'merged' : parseOpenOrClosed(pull.at('state')),
    draft: pull.at('draft').present && pull.at('draft').flag(),
    head: {
      commit: pull.at('head', 'sha').commit(),
      branch: pull.at('head', 'ref').text(),
      ...(headRepository.present ? { repository: headRepository.at('full_name').text() } : {}),
    },
    base: { branch: pull.at('base', 'ref').text(), commit: pull.at('base', 'sha').commit() },
    // Of an open pull request GitHub gives the commit of a trial merge here, which is on no branch.
    ...(merged ? { mergeCommit: pull.at('merge_commit_sha').commit() } : {}),
    ...(pull.at('closed_at').present ? { closedAt: pull.at('closed_at').time() } : {}),
    url: pull.at('html_url').text(),
  };
}

function parseOpenOrClosed(state: Answer): 'open' | 'closed' {
  const word = state.text();
  if (word === 'open' || word === 'closed') return word;
  throw state.unreadable('open or closed');
}

export function parsePullRequestCommit(entry: Answer): PullRequestCommit {
  const author = loginOf(entry.at('author'));
  const committer = loginOf(entry.at('committer'));
  return {
    commit: entry.at('sha').commit(),
    ...(author ? { author } : {}),
    ...(committer ? { committer } : {}),
    authorEmail: emailOf(entry.at('commit', 'author')),
    committerEmail: emailOf(entry.at('commit', 'committer')),
  };
}

/** GitHub writes "no account has this address" as `null` or as `{}`. */
function loginOf(user: Answer): string | undefined {
  return user.at('login').present ? user.at('login').text() : undefined;
}

function emailOf(signature: Answer): string {
  return signature.at('email').present ? signature.at('email').text() : '';
}

const REVIEW_STATES: Readonly<Record<string, PullRequestReview['state']>> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  COMMENTED: 'commented',
  DISMISSED: 'dismissed',
};

/** @returns `undefined` for a pending review: its author has not said it yet. */
export function parseReview(review: Answer): PullRequestReview | undefined {
  const word = review.at('state').text();
  if (word === 'PENDING') return undefined;
  const state = REVIEW_STATES[word];
  if (!state) throw review.at('state').unreadable(`one of ${Object.keys(REVIEW_STATES).join(', ')}`);
  const { login, bot } = parsePerson(review.at('user'));
  const commit = review.at('commit_id');
  return {
    id: review.at('id').number(),
    reviewer: login,
    reviewerIsBot: bot,
    state,
    ...(commit.present ? { commit: commit.commit() } : {}),
    submittedAt: review.at('submitted_at').time(),
  };
}

export function parseComment(comment: Answer): StickyComment {
  return {
    id: comment.at('id').number(),
    body: comment.at('body').present ? comment.at('body').text() : '',
    updatedAt: comment.at('updated_at').time(),
    url: comment.at('html_url').text(),
  };
}

/** @returns `undefined` for a comment on an issue that is no pull request. */
export function parsePullRequestComment(comment: Answer): PullRequestComment | undefined {
  const { id, body, url } = parseComment(comment);
  const number = /\/pull\/(\d+)#/.exec(url)?.[1];
  if (number === undefined) {
    if (/\/issues\/\d+#/.test(url)) return undefined;
    throw comment.at('html_url').unreadable('the address of an issue or a pull request');
  }
  const { login, bot } = parsePerson(comment.at('user'));
  const createdAt = comment.at('created_at').time();
  return {
    id,
    pullRequest: Number(number),
    author: login,
    authorIsBot: bot,
    body,
    createdAt,
    edited: comment.at('updated_at').time() !== createdAt,
    url,
  };
}

const NO_COMMIT = '0'.repeat(40);

export function parsePush(activity: Answer): Push {
  const before = activity.at('before').commit();
  const after = activity.at('after').commit();
  return {
    actor: parsePerson(activity.at('actor')).login,
    ...(before === NO_COMMIT ? {} : { before }),
    ...(after === NO_COMMIT ? {} : { after }),
    at: activity.at('timestamp').time(),
  };
}
