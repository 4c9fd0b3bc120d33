import { shortDigest } from '../plans/words.ts';
import type { Publication } from '../schemas/publication.ts';
import type { Approval, ApprovalDecision, People, Requirement, Statement, Verdict } from './approval.ts';
import { inOrder, latestVerdicts, sameLogin } from './latest-verdicts.ts';
import { has, mayApprove } from './may-approve.ts';
import { DEFAULT_REQUIREMENT } from './requirements-for.ts';
import { whyNotShownBefore } from './shown-before.ts';

/** Everything a decision is made from. */
export interface ApprovalEvidence {
  readonly plan: {
    readonly digest: string;
    /** Head commit of the pull request the plan was made from. */
    readonly head: string;
  };
  /** Of every plan ever shown on this pull request, in any order. */
  readonly publications: readonly Publication[];
  /** Every review ever submitted and every verdict given by a command, in any order. */
  readonly reviews: readonly Statement[];
  /** From `requirementsFor`. None at all is taken for the default one. */
  readonly requirements: readonly Requirement[];
  readonly people: People;
  /** Greater than 0. */
  readonly expiresAfterHours: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const HOUR_MS = 3_600_000;

/**
 * Whether exactly this plan may be carried out, decided from evidence alone.
 *
 * A yes is counted strictly: latest verdict, this head, this plan on show before and no other since, not expired, by
 * somebody the rules name who had no hand in the change. A no is counted generously: it stands whatever head it was given
 * for and whoever wrote the commits, and also where we cannot establish that the reviewer may decide. So knowing less never
 * turns a no into a yes.
 */
export function decideApproval(evidence: ApprovalEvidence): ApprovalDecision {
  const requirements = evidence.requirements.length > 0 ? evidence.requirements : [DEFAULT_REQUIREMENT];
  const latest = latestVerdicts(evidence.reviews);
  const judged = inOrder(evidence.reviews).map((review) =>
    judge(review, latest.has(review), { ...evidence, requirements }),
  );
  const verdicts = judged.map(({ verdict }) => verdict);

  const rejecting = judged.filter(({ rejects }) => rejects);
  if (rejecting.length > 0) return { kind: 'rejected', by: rejecting.map(reviewerOf), verdicts };

  const counted = judged.filter(({ countsFor = [] }) => countsFor.length > 0);
  const missing = requirements.flatMap((requirement) => {
    const given = counted.filter(({ countsFor = [] }) => countsFor.includes(requirement)).length;
    // A rule that asks for nobody asks for one.
    const lacking = Math.max(1, requirement.approvals) - given;
    return lacking > 0 ? [{ requirement, missing: lacking }] : [];
  });
  if (missing.length === 0)
    return {
      kind: 'granted',
      approval: grant(
        evidence,
        counted.map(({ verdict }) => verdict),
      ),
      verdicts,
    };

  const otherwise = judged.find(({ ofSomethingElse }) => ofSomethingElse);
  if (counted.length === 0 && otherwise) {
    return {
      kind: 'void',
      why: `the approval of ${reviewerOf(otherwise)} does not hold: ${otherwise.verdict.why}`,
      verdicts,
    };
  }
  return { kind: 'waiting', missing, verdicts };
}

interface Judged {
  readonly verdict: Verdict;
  /** The requirements themselves: two rules may carry one name. */
  readonly countsFor?: readonly Requirement[];
  readonly rejects?: true;
  /** It would count, had it been given for this plan at this head. */
  readonly ofSomethingElse?: true;
}

type Asked = ApprovalEvidence & { readonly requirements: readonly Requirement[] };

function judge(review: Statement, isLatest: boolean, evidence: Asked): Judged {
  const not = (why: string): Judged => ({ verdict: { review, countsFor: [], why } });
  if (review.state === 'commented') return not('a comment is no verdict');
  if (!isLatest) return not('replaced by what the same person said later');
  if (review.state === 'dismissed') return not('dismissed');
  if (review.state === 'changes-requested') return judgeNo(review, evidence);

  const whyNot = whyNotImpartial(review, evidence.people);
  if (whyNot !== undefined) return not(whyNot);
  const rights = rightsOf(review.reviewer, evidence);
  if (rights.countsFor.length === 0) return not(rights.why);
  if (evidence.now >= review.submittedAt + evidence.expiresAfterHours * HOUR_MS) {
    return not(`expired after ${evidence.expiresAfterHours} hours`);
  }
  const mismatch = whyOfSomethingElse(review, evidence);
  if (mismatch !== undefined) return { ...not(mismatch), ofSomethingElse: true };
  return { verdict: { review, countsFor: rights.countsFor.map(({ name }) => name) }, countsFor: rights.countsFor };
}

function judgeNo(review: Statement, { people, requirements }: Asked): Judged {
  const answers = requirements.map((requirement) => mayApprove(review.reviewer, requirement, people));
  if (answers.every((answer) => answer.known && !answer.value)) {
    return {
      verdict: { review, countsFor: [], why: 'asks for changes: does not count, the rules do not name this person' },
    };
  }
  return { verdict: { review, countsFor: [], why: whyRejected(review) }, rejects: true };
}

function whyRejected({ said, reason }: Statement): string {
  if (said === 'review') return 'asks for changes';
  return `rejects it in a comment${reason === undefined ? '' : `: ${reason}`}`;
}

/** Four eyes: nobody approves what they had a hand in. */
function whyNotImpartial({ reviewer, reviewerIsBot }: Statement, { author, hands }: People): string | undefined {
  if (reviewerIsBot) return 'given by a bot';
  if (sameLogin(reviewer) === sameLogin(author)) return 'given by the author of the pull request';
  if (!hands.known) return `who else had a hand in this change could not be established: ${hands.why}`;
  return has(hands.value, reviewer) ? 'given by somebody who wrote, committed or pushed a commit of it' : undefined;
}

function rightsOf(
  reviewer: string,
  { requirements, people }: Asked,
): { readonly countsFor: readonly Requirement[]; readonly why: string } {
  const answers = requirements.map((requirement) => ({ requirement, may: mayApprove(reviewer, requirement, people) }));
  const countsFor = answers.flatMap(({ requirement, may }) => (may.known && may.value ? [requirement] : []));
  const unclear = answers.map(({ may }) => may).find((may) => !may.known);
  return { countsFor, why: unclear?.known === false ? unclear.why : 'the rules do not name this person' };
}

function whyOfSomethingElse(
  { said, commit, submittedAt, digest }: Statement,
  { plan, publications }: Asked,
): string | undefined {
  if (digest !== undefined && digest !== plan.digest) {
    return `it names the plan ${shortDigest(digest)}, this one is ${shortDigest(plan.digest)}`;
  }
  if (said === 'comment' && digest === undefined) return 'it names no plan';
  // A comment is of the head whose plan it names, where that was on show.
  if (commit === undefined && said === 'review') return 'the forge does not say which commit was looked at';
  if (commit !== undefined && commit !== plan.head) {
    return `it is of commit ${short(commit)}, this plan is of ${short(plan.head)}`;
  }
  const notShown = whyNotShownBefore(plan.digest, publications, submittedAt);
  return notShown ?? (commit === undefined ? 'which commit was looked at is not known' : undefined);
}

function grant({ plan, expiresAfterHours }: ApprovalEvidence, counted: readonly Verdict[]): Approval {
  const given = counted.map(({ review }) => review.submittedAt);
  const approval: Pick<Approval, 'digest' | 'by' | 'expiresAt'> = {
    digest: plan.digest,
    by: counted.map(({ review }) => review.reviewer),
    expiresAt: Math.min(...given) + expiresAfterHours * HOUR_MS,
  };
  // The one place an approval is made: every condition above has been checked.
  return approval as Approval;
}

function reviewerOf({ verdict }: Judged): string {
  return verdict.review.reviewer;
}

function short(commit: string): string {
  return commit.slice(0, 7);
}
