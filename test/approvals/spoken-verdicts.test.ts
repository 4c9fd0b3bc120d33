import { describe, expect, it } from 'vitest';
import { type ApprovalEvidence, decideApproval } from '../../approvals/decide-approval.ts';
import { renderDecision, verdictsJson } from '../../approvals/render-decision.ts';
import {
  aComment,
  aReview,
  DIGEST,
  HEAD,
  HOUR_MS,
  MINUTE_MS,
  OLD_HEAD,
  OTHER,
  PUBLISHED,
  someEvidence,
  somePeople,
} from './build.ts';

const decide = (extra: Partial<ApprovalEvidence> = {}) => decideApproval(someEvidence(extra));
const later = (minutes: number) => ({ submittedAt: PUBLISHED + minutes * MINUTE_MS });
const no = (extra = {}) => aComment({ state: 'changes-requested', reason: 'wrong VLAN', ...extra });

describe('an approval by a comment', () => {
  it('counts like a review', () => {
    expect(decide({ reviews: [aComment()] })).toMatchObject({ kind: 'granted', approval: { by: ['ana'] } });
  });

  it.each<{ what: string; extra: Partial<ApprovalEvidence>; why: RegExp }>([
    { what: 'the author', extra: { people: somePeople({ author: 'ana' }) }, why: /author/ },
    {
      what: 'a hand in the commits',
      extra: { people: somePeople({ hands: { known: true, value: new Set(['ana']) } }) },
      why: /wrote, committed or pushed/,
    },
    { what: 'a stranger', extra: { reviews: [aComment({ reviewer: 'zoe' })] }, why: /do not name/ },
    { what: 'anybody after it expired', extra: { now: PUBLISHED + 25 * HOUR_MS }, why: /expired/ },
  ])('does not count from $what', ({ extra, why }) => {
    const decision = decide({ reviews: [aComment()], ...extra });

    expect(decision.kind).toBe('waiting');
    expect(decision.verdicts[0]?.why).toMatch(why);
  });

  it.each([
    ['another digest', aComment({ digest: OTHER }), /names the plan p1:00000000, this one is p1:dddddddd/],
    ['no digest', (({ digest: _, ...rest }) => rest)(aComment()), /names no plan/],
    ['an older head', aComment({ commit: OLD_HEAD }), /of commit/],
    ['a plan that was not on show then', aComment({ submittedAt: PUBLISHED }), /before this plan was published/],
  ])('is void for %s', (_, comment, why) => {
    expect(decide({ reviews: [comment] })).toMatchObject({ kind: 'void', why: expect.stringMatching(why) });
  });

  it('is void where it is not known whose head it was of', () => {
    const { commit: _, ...comment } = aComment();

    expect(decide({ reviews: [comment] }).kind).toBe('void');
  });
});

describe('of what one person says in reviews and comments, the last counts:', () => {
  it.each([
    ['a no in a comment after a review', [aReview(), no(later(2))], 'rejected'],
    [
      'a no in a review after a comment',
      [aComment(), aReview({ state: 'changes-requested', ...later(2) })],
      'rejected',
    ],
    [
      'a yes in a comment after a no in a review',
      [aReview({ state: 'changes-requested' }), aComment(later(2))],
      'granted',
    ],
    ['a yes in a review after a no in a comment', [no(), aReview(later(2))], 'granted'],
    [
      'a review that was dismissed after a comment',
      [aComment(), aReview({ state: 'dismissed', ...later(2) })],
      'waiting',
    ],
    ['a comment for another plan after a review', [aReview(), aComment({ digest: OTHER, ...later(2) })], 'void'],
  ] as const)('%s', (_, reviews, kind) => {
    expect(decide({ reviews }).kind).toBe(kind);
    expect(decide({ reviews: reviews.toReversed() }).kind).toBe(kind);
  });

  it.each([
    ['review', aReview({ id: 9_001 }), no({ id: 9_000 })],
    ['comment', aComment({ id: 9_001 }), aReview({ id: 9_000, state: 'changes-requested' })],
  ])('within one second the no, where the yes in a %s has the higher number', (_, yes, refusal) => {
    expect(decide({ reviews: [yes, refusal] }).kind).toBe('rejected');
  });
});

describe('a no by a comment', () => {
  it('stands for whatever is on show, with its reason', () => {
    const decision = decide({ reviews: [aReview({ reviewer: 'bo' }), no({ commit: OLD_HEAD })] });

    expect(decision).toMatchObject({ kind: 'rejected', by: ['ana'] });
    expect(renderDecision(decision)).toContain('- `ana` rejects it in a comment: wrong VLAN');
  });

  it('quotes its reason so that it cannot do anything', () => {
    const [line = ''] = renderDecision(decide({ reviews: [no({ reason: '@acme/all </details> #1' })] }));

    expect(line.replaceAll(/`[^`]*`/g, '')).not.toMatch(/[@#<]/);
  });
});

it('the record says which verdicts were given in comments, and for which plan', () => {
  const stored = JSON.parse(verdictsJson(decide({ reviews: [aReview({ reviewer: 'bo' }), aComment()] })));

  expect(stored.verdicts).toMatchObject([
    { review: { reviewer: 'bo', said: 'review' } },
    { review: { reviewer: 'ana', said: 'comment', digest: DIGEST, commit: HEAD } },
  ]);
  expect(renderDecision(decide({ reviews: [aComment()] }))).toEqual([
    '- `ana` approves in a comment: counts for network',
  ]);
});
