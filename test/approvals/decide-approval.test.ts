import { describe, expect, it } from 'vitest';
import type { ApprovalEvidence } from '../../approvals/decide-approval.ts';
import { decideApproval } from '../../approvals/decide-approval.ts';
import { DEFAULT_REQUIREMENT } from '../../approvals/requirements-for.ts';
import {
  aReview,
  DIGEST,
  HEAD,
  HOUR_MS,
  MINUTE_MS,
  network,
  OLD_HEAD,
  OTHER,
  PUBLISHED,
  someEvidence,
  somePeople,
} from './build.ts';

const decide = (extra: Partial<ApprovalEvidence> = {}) => decideApproval(someEvidence(extra));
const shown = (digest: string, minutes: number) => ({
  digest,
  head: HEAD,
  publishedAt: PUBLISHED + minutes * MINUTE_MS,
});

describe('decideApproval() grants', () => {
  it('an approval of this plan, at this head, by somebody the rules name', () => {
    expect(decide()).toMatchObject({
      kind: 'granted',
      approval: { digest: DIGEST, by: ['ana'], expiresAt: PUBLISHED + MINUTE_MS + 24 * HOUR_MS },
      verdicts: [{ countsFor: ['network'] }],
    });
  });

  it.each<{ what: string; extra: Partial<ApprovalEvidence> }>([
    {
      what: 'after a comment of the same reviewer',
      extra: { reviews: [aReview(), aReview({ state: 'commented', submittedAt: PUBLISHED + 2 * MINUTE_MS })] },
    },
    {
      what: 'after the reviewer’s own request for changes',
      extra: { reviews: [aReview({ state: 'changes-requested', submittedAt: PUBLISHED }), aReview()] },
    },
    {
      what: 'whatever order the reviews come in',
      extra: {
        reviews: [aReview({ submittedAt: PUBLISHED + 2 * MINUTE_MS }), aReview({ state: 'changes-requested' })],
      },
    },
    {
      what: 'when somebody without a say asks for changes',
      extra: { reviews: [aReview(), aReview({ reviewer: 'zoe', state: 'changes-requested' })] },
    },
    { what: 'when the same plan was shown again', extra: { publications: [shown(DIGEST, 0), shown(DIGEST, 30)] } },
    { what: 'when another plan was shown before', extra: { publications: [shown(OTHER, -5), shown(DIGEST, 0)] } },
    {
      what: 'when a plan came back before the approval',
      extra: { publications: [shown(DIGEST, -9), shown(OTHER, -5), shown(DIGEST, 0)] },
    },
    { what: 'a moment before it expires', extra: { now: PUBLISHED + MINUTE_MS + 24 * HOUR_MS - 1 } },
    {
      what: 'to a user the rule names, whose login is written otherwise',
      extra: { requirements: [{ ...network, teams: [], users: ['ANA'] }] },
    },
    {
      what: 'to a named user though a team cannot be read',
      extra: { requirements: [{ ...network, users: ['ana'] }], people: somePeople({ teams: new Map() }) },
    },
    {
      what: 'one review for every rule that names the reviewer',
      extra: { requirements: [network, { ...network, name: 'second' }] },
    },
  ])('$what', ({ extra }) => {
    expect(decide(extra).kind).toBe('granted');
  });

  it('until the first of the counted approvals expires', () => {
    const requirements = [{ ...network, approvals: 2 }];
    const reviews = [
      aReview({ submittedAt: PUBLISHED + 5 * MINUTE_MS }),
      aReview({ reviewer: 'bo', submittedAt: PUBLISHED + 2 * MINUTE_MS }),
    ];

    expect(decide({ requirements, reviews })).toMatchObject({
      kind: 'granted',
      approval: { by: ['bo', 'ana'], expiresAt: PUBLISHED + 2 * MINUTE_MS + 24 * HOUR_MS },
    });
  });

  it('by the default rule to two people who maintain the repository', () => {
    const reviews = [aReview({ reviewer: 'max' }), aReview({ reviewer: 'mia' })];

    expect(decide({ requirements: [DEFAULT_REQUIREMENT], reviews }).kind).toBe('granted');
  });
});

describe('decideApproval() does not count', () => {
  it.each<{ what: string; extra: Partial<ApprovalEvidence>; why: RegExp }>([
    { what: 'the author', extra: { people: somePeople({ author: 'Ana' }) }, why: /author/ },
    {
      what: 'a hand in the commits',
      extra: { people: somePeople({ hands: { known: true, value: new Set(['ANA']) } }) },
      why: /wrote, committed or pushed/,
    },
    {
      what: 'anybody while the hands are unknown',
      extra: { people: somePeople({ hands: { known: false, why: 'page 2 did not arrive' } }) },
      why: /page 2 did not arrive/,
    },
    { what: 'a bot', extra: { reviews: [aReview({ reviewerIsBot: true })] }, why: /bot/ },
    { what: 'somebody outside the team', extra: { reviews: [aReview({ reviewer: 'zoe' })] }, why: /do not name/ },
    {
      what: 'a member of a team that cannot be read',
      extra: { people: somePeople({ teams: new Map([['acme/noc', { known: false, why: 'forbidden' }]]) }) },
      why: /could not be read: forbidden/,
    },
    {
      what: 'a member of a team that was not read',
      extra: { people: somePeople({ teams: new Map() }) },
      why: /were not read/,
    },
    {
      what: 'a permission below maintain',
      extra: { requirements: [DEFAULT_REQUIREMENT], reviews: [aReview({ reviewer: 'wim' })] },
      why: /do not name/,
    },
    {
      what: 'a permission that was not read',
      extra: { requirements: [DEFAULT_REQUIREMENT] },
      why: /permission was not read/,
    },
    {
      what: 'a permission that could not be read',
      extra: {
        requirements: [DEFAULT_REQUIREMENT],
        people: somePeople({ permissions: new Map([['ana', { known: false, why: 'gone' }]]) }),
      },
      why: /could not be read: gone/,
    },
    { what: 'an approval that was dismissed', extra: { reviews: [aReview({ state: 'dismissed' })] }, why: /dismissed/ },
    {
      what: 'an approval before a dismissed one',
      extra: { reviews: [aReview(), aReview({ state: 'dismissed' })] },
      why: /replaced/,
    },
    {
      what: 'an expired approval',
      extra: { now: PUBLISHED + MINUTE_MS + 24 * HOUR_MS },
      why: /expired after 24 hours/,
    },
  ])('$what', ({ extra, why }) => {
    const decision = decide(extra);

    expect(decision.kind).toBe('waiting');
    expect(decision.verdicts[0]).toMatchObject({ countsFor: [], why: expect.stringMatching(why) });
  });

  it('one person twice', () => {
    const decision = decide({
      requirements: [{ ...network, approvals: 2 }],
      reviews: [aReview(), aReview({ reviewer: 'Ana' })],
    });

    expect(decision).toMatchObject({ kind: 'waiting', missing: [{ missing: 1 }] });
  });

  it('an approval for one rule towards another of the same name', () => {
    const other = { ...network, teams: ['acme/core'] };
    const teams = new Map([...somePeople().teams, ['acme/core', { known: true as const, value: new Set(['bo']) }]]);

    expect(decide({ requirements: [network, other], people: somePeople({ teams }) })).toMatchObject({
      kind: 'waiting',
      missing: [{ requirement: { teams: ['acme/core'] }, missing: 1 }],
    });
  });

  it('nothing as enough: no requirement is taken for the default one, and none for zero approvals', () => {
    expect(decide({ requirements: [] })).toMatchObject({
      kind: 'waiting',
      missing: [{ requirement: { rule: 'default' }, missing: 2 }],
    });
    expect(decide({ requirements: [{ ...network, approvals: 0 }], reviews: [] }).kind).toBe('waiting');
  });
});

describe('decideApproval() voids an approval', () => {
  it.each<{ what: string; extra: Partial<ApprovalEvidence>; why: RegExp }>([
    {
      what: 'of an older head',
      extra: { reviews: [aReview({ commit: OLD_HEAD })] },
      why: /of commit 77e0f12, this plan is of a1b2c3d/,
    },
    {
      what: 'whose commit the forge does not say',
      extra: { reviews: [(({ commit: _, ...review }) => review)(aReview())] },
      why: /does not say which commit/,
    },
    {
      what: 'given before the plan was published',
      extra: { reviews: [aReview({ submittedAt: PUBLISHED - 1 })] },
      why: /before this plan was published/,
    },
    {
      what: 'given in the second the plan was published in',
      extra: { reviews: [aReview({ submittedAt: PUBLISHED + 999 })] },
      why: /before this plan was published/,
    },
    { what: 'of a plan that was never published', extra: { publications: [shown(OTHER, 0)] }, why: /never published/ },
    {
      what: 'of a plan that was replaced',
      extra: { publications: [shown(DIGEST, 0), shown(OTHER, 5)] },
      why: /another plan was published after/,
    },
    {
      what: 'of a plan that was replaced and came back',
      extra: { publications: [shown(DIGEST, 0), shown(OTHER, 5), shown(DIGEST, 9)] },
      why: /published since/,
    },
    {
      what: 'of a plan that came back in the second of the approval',
      extra: { publications: [shown(DIGEST, -9), shown(OTHER, -5), shown(DIGEST, 1)] },
      why: /published since/,
    },
    {
      what: 'of a plan published in the same second as another',
      extra: { publications: [shown(DIGEST, 0), shown(OTHER, 0)] },
      why: /another plan was published after/,
    },
  ])('$what', ({ extra, why }) => {
    expect(decide(extra)).toMatchObject({
      kind: 'void',
      why: expect.stringMatching(why),
      verdicts: [{ countsFor: [] }],
    });
  });

  it('only where it would have counted: a stale approval of an outsider is none', () => {
    expect(decide({ reviews: [aReview({ reviewer: 'zoe', commit: OLD_HEAD })] }).kind).toBe('waiting');
  });

  it('and goes on waiting as soon as one approval holds', () => {
    const reviews = [aReview({ commit: OLD_HEAD }), aReview({ reviewer: 'bo' })];

    expect(decide({ requirements: [{ ...network, approvals: 2 }], reviews })).toMatchObject({
      kind: 'waiting',
      missing: [{ missing: 1 }],
    });
  });
});

describe('decideApproval() rejects', () => {
  const no = aReview({ reviewer: 'bo', state: 'changes-requested' });

  it.each<{ what: string; extra: Partial<ApprovalEvidence> }>([
    { what: 'when somebody who may approve asks for changes, whoever approves', extra: { reviews: [aReview(), no] } },
    { what: 'whatever head the request was made on', extra: { reviews: [aReview(), { ...no, commit: OLD_HEAD }] } },
    {
      what: 'however old the request is',
      extra: { reviews: [aReview(), { ...no, submittedAt: PUBLISHED - 99 * HOUR_MS }] },
    },
    {
      what: 'after the reviewer’s own approval',
      extra: {
        reviews: [
          { ...aReview(), reviewer: 'bo' },
          { ...no, submittedAt: PUBLISHED + 2 * MINUTE_MS },
        ],
      },
    },
    {
      what: 'though the reviewer only commented since',
      extra: {
        reviews: [aReview(), no, { ...no, id: 9_999, state: 'commented', submittedAt: PUBLISHED + 9 * MINUTE_MS }],
      },
    },
    { what: 'though the reviewer pushed to the branch', extra: { reviews: [aReview(), { ...no, reviewer: 'carl' }] } },
    {
      what: 'when it is not known whether the reviewer may',
      extra: {
        reviews: [aReview(), no],
        requirements: [{ ...network, users: ['ana'] }],
        people: somePeople({ teams: new Map() }),
      },
    },
  ])('$what', ({ extra }) => {
    expect(decide(extra)).toMatchObject({
      kind: 'rejected',
      verdicts: expect.arrayContaining([expect.objectContaining({ why: 'asks for changes' })]),
    });
  });

  it('by name', () => {
    expect(decide({ reviews: [aReview(), no] })).toMatchObject({ by: ['bo'] });
  });
});
