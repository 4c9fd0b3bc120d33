import type { People, Requirement, Statement } from '../../approvals/approval.ts';
import type { ApprovalEvidence } from '../../approvals/decide-approval.ts';

export const DIGEST = `p1:${'d'.repeat(64)}`;
export const OTHER = `p1:${'0'.repeat(64)}`;
export const HEAD = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334';
export const OLD_HEAD = '77e0f12a3b4c5d6e7f8091a2b3c4d5e6f7081929';

/** The moment the plan was published. */
export const PUBLISHED = Date.UTC(2026, 10, 20, 10, 0, 0);
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

export const network: Requirement = {
  rule: { name: 'network', approvals: 1, by: { teams: ['acme/noc'] } },
  name: 'network',
  approvals: 1,
  teams: ['acme/noc'],
  users: [],
};

let lastId = 0;

/** Ana approves the head one minute after the plan was published, unless told otherwise. */
export function aReview(extra: Partial<Statement> = {}): Statement {
  lastId += 1;
  return {
    id: lastId,
    reviewer: 'ana',
    reviewerIsBot: false,
    said: 'review',
    state: 'approved',
    commit: HEAD,
    submittedAt: PUBLISHED + MINUTE_MS,
    ...extra,
  };
}

/** Ana approves the plan by a comment, unless told otherwise. */
export function aComment(extra: Partial<Statement> = {}): Statement {
  return aReview({ said: 'comment', ...(extra.state === 'changes-requested' ? {} : { digest: DIGEST }), ...extra });
}

export function somePeople(extra: Partial<People> = {}): People {
  return {
    author: 'eve',
    hands: { known: true, value: new Set(['eve', 'carl']) },
    teams: new Map([['acme/noc', { known: true, value: new Set(['ana', 'bo', 'carl', 'eve']) }]]),
    permissions: new Map([
      ['max', { known: true, value: 'maintain' }],
      ['mia', { known: true, value: 'admin' }],
      ['wim', { known: true, value: 'write' }],
    ]),
    ...extra,
  };
}

/** Evidence that grants, unless told otherwise. */
export function someEvidence(extra: Partial<ApprovalEvidence> = {}): ApprovalEvidence {
  return {
    plan: { digest: DIGEST, head: HEAD },
    publications: [{ digest: DIGEST, head: HEAD, publishedAt: PUBLISHED }],
    reviews: [aReview()],
    requirements: [network],
    people: somePeople(),
    expiresAfterHours: 24,
    now: PUBLISHED + HOUR_MS,
    ...extra,
  };
}
