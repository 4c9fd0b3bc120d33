import { describe, expect, it } from 'vitest';
import { createAnswer } from '../../forge/answer.ts';
import { parsePullRequest, parsePullRequestCommit, parseReview } from '../../forge/github-words.ts';

const COMMIT = 'a'.repeat(40);
const answer = (value: unknown) => createAnswer(value, 'GET /');

const pull = {
  number: 7,
  title: 't',
  user: { login: 'ana', type: 'User' },
  state: 'open',
  draft: false,
  merged_at: null,
  merge_commit_sha: COMMIT,
  head: { sha: COMMIT, ref: 'change', repo: { full_name: 'ana/fleet' } },
  base: { sha: COMMIT, ref: 'main' },
  html_url: 'https://github.com/acme/fleet/pull/7',
};

const review = {
  id: 1,
  user: { login: 'bo', type: 'User' },
  state: 'APPROVED',
  commit_id: COMMIT,
  submitted_at: '2026-11-20T09:00:00Z',
};

describe('parsePullRequest()', () => {
  it('does not take the commit of a trial merge for a merge', () => {
    expect(parsePullRequest(answer(pull))).not.toHaveProperty('mergeCommit');
  });

  it('names no repository when the fork is gone', () => {
    const found = parsePullRequest(answer({ ...pull, head: { ...pull.head, repo: null } }));

    expect(found.head).toEqual({ commit: COMMIT, branch: 'change' });
  });

  it('calls the author of a deleted account ghost', () => {
    expect(parsePullRequest(answer({ ...pull, user: null })).author).toBe('ghost');
  });

  it('does not know a state that is neither open nor closed', () => {
    expect(() => parsePullRequest(answer({ ...pull, state: 'parked' }))).toThrow(
      expect.objectContaining({ code: 'FORGE_ANSWER_UNREADABLE' }),
    );
  });
});

describe('parsePullRequestCommit()', () => {
  it.each([null, {}])('gives no login where GitHub says %o', (nobody) => {
    const commit = { author: { email: 'a@example.com' }, committer: { email: 'c@example.com' } };

    expect(parsePullRequestCommit(answer({ sha: COMMIT, author: nobody, committer: nobody, commit }))).toEqual({
      commit: COMMIT,
      authorEmail: 'a@example.com',
      committerEmail: 'c@example.com',
    });
  });
});

describe('parseReview()', () => {
  it('marks the review of a deleted account as one that cannot count', () => {
    expect(parseReview(answer({ ...review, user: null }))).toMatchObject({ reviewer: 'ghost', reviewerIsBot: true });
  });

  it.each([
    [{ login: 'x[bot]', type: 'User' }, true],
    [{ login: 'x', type: 'Bot' }, true],
    [{ login: 'x', type: 'User' }, false],
  ])('knows whether %o is a bot', (user, expected) => {
    expect(parseReview(answer({ ...review, user }))?.reviewerIsBot).toBe(expected);
  });

  it('names no commit when GitHub no longer does', () => {
    expect(parseReview(answer({ ...review, commit_id: null }))).not.toHaveProperty('commit');
  });

  it.each([
    ['state', 'BLESSED'],
    ['commit_id', 'main'],
    ['submitted_at', 'yesterday'],
    ['submitted_at', undefined],
    ['id', '1'],
  ])('does not believe %s to be %s', (field, value) => {
    expect(() => parseReview(answer({ ...review, [field]: value }))).toThrow(
      expect.objectContaining({ code: 'FORGE_ANSWER_UNREADABLE' }),
    );
  });
});
