import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Known, People, Requirement, Statement } from '../../approvals/approval.ts';
import { type ApprovalEvidence, decideApproval } from '../../approvals/decide-approval.ts';
import { DEFAULT_REQUIREMENT } from '../../approvals/requirements-for.ts';
import { DIGEST, HEAD, HOUR_MS, network, OLD_HEAD, OTHER, PUBLISHED } from './build.ts';

/** Mostly as it is when all goes well: properties about a yes say nothing where there is none. */
const mostly = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(usual, ...others) });

const login = fc.constantFrom('ana', 'bo', 'carl', 'eve');
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Known<T>> =>
  value.chain((known) => mostly<Known<T>>({ known: true, value: known }, { known: false, why: 'unread' }));
const members = fc
  .subarray(['ana', 'bo', 'carl', 'eve'], { minLength: 2 })
  .map((names): ReadonlySet<string> => new Set(names));

const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  fc
    .record({
      approvals: mostly(1, 2),
      teams: mostly(['acme/noc'], ['acme/core'], []),
      users: fc.subarray(['ana', 'bo']),
    })
    .map((asked) => ({ ...network, ...asked })),
  fc.constant({ ...DEFAULT_REQUIREMENT, approvals: 1 }),
);

const review: fc.Arbitrary<Omit<Statement, 'id'>> = fc
  .record({
    reviewer: login,
    reviewerIsBot: mostly(false, true),
    said: mostly<Statement['said']>('review', 'comment'),
    digest: mostly(DIGEST, OTHER),
    state: mostly<Statement['state']>('approved', 'changes-requested', 'commented', 'dismissed'),
    commit: mostly(HEAD, OLD_HEAD),
    submittedAt: fc.integer({ min: -1, max: 20 }).map((seconds) => PUBLISHED + seconds * 1_000),
  })
  .map(({ digest, ...rest }) => (rest.said === 'comment' ? { ...rest, digest } : rest));

const people: fc.Arbitrary<People> = fc.record({
  author: mostly('eve', 'ana'),
  hands: maybe(mostly<ReadonlySet<string>>(new Set(['eve']), new Set(['eve', 'carl']), new Set(['ana']))),
  teams: fc
    .record({ 'acme/noc': maybe(members), 'acme/core': maybe(members) })
    .map((teams) => new Map(Object.entries(teams))),
  permissions: fc
    .record({ ana: maybe(mostly('maintain', 'write')), bo: maybe(mostly('admin', 'read')) })
    .map((known) => new Map(Object.entries(known))),
});

const evidence: fc.Arbitrary<ApprovalEvidence> = fc.record({
  plan: fc.constant({ digest: DIGEST, head: HEAD }),
  publications: fc.array(
    fc.record({
      digest: mostly(DIGEST, OTHER),
      head: fc.constant(HEAD),
      publishedAt: fc.integer({ min: -3, max: 3 }).map((seconds) => PUBLISHED + seconds * 1_000),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  reviews: fc.array(review, { maxLength: 5 }).map((reviews) => reviews.map((each, id) => ({ ...each, id }))),
  requirements: fc.array(requirement, { minLength: 1, maxLength: 2 }),
  people,
  expiresAfterHours: fc.constant(1),
  now: mostly(PUBLISHED + 30_000, PUBLISHED + HOUR_MS + 5_000),
});

const grants = (given: ApprovalEvidence) => decideApproval(given).kind === 'granted';
const unread = { known: false, why: 'unread' } as const;

/** Whatever `change` does to evidence, it never turns a no into a yes. */
function neverHelps(change: (given: ApprovalEvidence, who: string) => ApprovalEvidence): void {
  fc.assert(
    fc.property(evidence, login, (given, who) => {
      if (!grants(given)) expect(grants(change(given, who))).toBe(false);
    }),
    { numRuns: 3_000 },
  );
}

const withPeople = (given: ApprovalEvidence, extra: Partial<People>): ApprovalEvidence => ({
  ...given,
  people: { ...given.people, ...extra },
});

describe('knowing less never turns a no into a yes:', () => {
  it('who had a hand in it', () => neverHelps((given) => withPeople(given, { hands: unread })));

  it('the members of a team', () =>
    neverHelps((given) =>
      withPeople(given, { teams: new Map([...given.people.teams].map(([team]) => [team, unread])) }),
    ));

  it('which teams there are', () => neverHelps((given) => withPeople(given, { teams: new Map() })));

  it('somebody’s permission', () =>
    neverHelps((given, who) =>
      withPeople(given, { permissions: new Map([...given.people.permissions, [who, unread]]) }),
    ));

  it('what was published', () =>
    neverHelps((given) => ({ ...given, publications: given.publications.filter(({ digest }) => digest !== DIGEST) })));

  it('which commit was looked at', () =>
    neverHelps((given) => ({ ...given, reviews: given.reviews.map(({ commit: _, ...each }) => each) })));

  it('which plan a comment names', () =>
    neverHelps((given) => ({
      ...given,
      reviews: given.reviews.map(({ digest: _, ...each }) => each),
    })));
});

describe('what else never turns a no into a yes:', () => {
  it('one more author', () =>
    neverHelps((given, who) => {
      const { hands } = given.people;
      return hands.known ? withPeople(given, { hands: { known: true, value: new Set([...hands.value, who]) } }) : given;
    }));

  it('another author of the pull request, when the old one stays a hand', () =>
    neverHelps((given, who) => {
      const { hands, author } = given.people;
      return hands.known
        ? withPeople(given, { author: who, hands: { known: true, value: new Set([...hands.value, author]) } })
        : given;
    }));

  it('one more plan shown', () =>
    neverHelps((given) => ({
      ...given,
      publications: [...given.publications, { digest: OTHER, head: HEAD, publishedAt: PUBLISHED + 5_000 }],
    })));

  it('one more rule', () =>
    neverHelps((given, who) => ({ ...given, requirements: [...given.requirements, { ...network, users: [who] }] })));

  it('time', () => neverHelps((given) => ({ ...given, now: given.now + HOUR_MS })));

  it('one more request for changes', () =>
    neverHelps((given, who) => ({
      ...given,
      // By somebody who said nothing else: taking one's own no back is another matter.
      reviews: given.reviews.some(({ reviewer }) => reviewer === who)
        ? given.reviews
        : [
            ...given.reviews,
            {
              id: 99,
              reviewer: who,
              reviewerIsBot: false,
              said: 'review',
              state: 'changes-requested',
              commit: HEAD,
              submittedAt: PUBLISHED + 9_000,
            },
          ],
    })));
});

it('a decision does not depend on the order anything is given in', () => {
  fc.assert(
    fc.property(evidence, (given) => {
      const turned = { ...given, reviews: given.reviews.toReversed(), publications: given.publications.toReversed() };

      expect(decideApproval(turned)).toEqual(decideApproval(given));
    }),
  );
});

it('evidence of this kind grants often enough for these properties to mean something', () => {
  const granted = fc.sample(evidence, { numRuns: 3_000, seed: 1 }).filter(grants).length;

  expect(granted).toBeGreaterThan(600);
});
