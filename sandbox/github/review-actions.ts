import type { ActionDeps } from './branch-actions.ts';
import { notFound, unprocessable } from './errors.ts';
import { pullAt, requireRole } from './rules.ts';
import type { Account, Review } from './state.ts';

export interface ReviewActions {
  review(by: Account, number: number, order: { state: Review['state']; body: string; commit?: string }): Review;
  dismissReview(by: Account, number: number, id: number): Review;
}

export function createReviewActions({ state, now, happened }: ActionDeps): ReviewActions {
  return {
    review(by, number, order) {
      requireRole(by, 'read');
      const reviewed = pullAt(state, number);
      if (by.login === reviewed.author && order.state === 'APPROVED')
        throw unprocessable('Can not approve your own pull request');
      if (by.login === reviewed.author && order.state === 'CHANGES_REQUESTED') {
        throw unprocessable('Can not request changes on your own pull request');
      }
      const review: Review = {
        id: state.nextId(),
        author: by.login,
        state: order.state,
        body: order.body,
        commit: order.commit ?? reviewed.headCommit,
        submittedAt: now(),
      };
      reviewed.reviews.push(review);
      reviewed.updatedAt = now();
      if (review.state !== 'PENDING') {
        happened({ kind: 'pull_request_review', action: 'submitted', by, pull: reviewed, review });
      }
      return review;
    },

    dismissReview(by, number, id) {
      requireRole(by, 'write');
      const pull = pullAt(state, number);
      const review = pull.reviews.find((candidate) => candidate.id === id);
      if (!review) throw notFound();
      if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED') {
        throw unprocessable('Can not dismiss a commented pull request review');
      }
      review.state = 'DISMISSED';
      happened({ kind: 'pull_request_review', action: 'dismissed', by, pull, review });
      return review;
    },
  };
}
