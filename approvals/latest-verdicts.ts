import type { PullRequestReview } from '../forge/forge.ts';

/** Forges take `Ana` and `ana` for one person. */
export function sameLogin(login: string): string {
  return login.toLowerCase();
}

/**
 * Each reviewer's latest verdict. A comment is none and replaces none; a dismissed verdict is one, so that what was said
 * before it does not come back to life.
 */
export function latestVerdicts(reviews: readonly PullRequestReview[]): ReadonlySet<PullRequestReview> {
  const latest = new Map<string, PullRequestReview>();
  for (const review of inOrder(reviews))
    if (review.state !== 'commented') latest.set(sameLogin(review.reviewer), review);
  return new Set(latest.values());
}

/** Oldest first; within one second by the number the forge gave. */
export function inOrder(reviews: readonly PullRequestReview[]): readonly PullRequestReview[] {
  return reviews.toSorted((a, b) => a.submittedAt - b.submittedAt || a.id - b.id);
}
