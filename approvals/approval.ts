/** The words of this room. `decideApproval` turns evidence into a {@link ApprovalDecision}; nothing else can. */
import type { PullRequestReview } from '../forge/forge.ts';
import type { ApprovalRule } from '../schemas/fleet.ts';

/** Something that may not be possible to find out; then why. It counts as *no*. */
export type Known<T> = { readonly known: true; readonly value: T } | { readonly known: false; readonly why: string };

/** Who had a hand in the pull request, and who may say what. */
export interface People {
  readonly author: string;
  /** Logins of authors, committers and pushers of all commits. Unknown when any of them has no account the forge knows. */
  readonly hands: Known<ReadonlySet<string>>;
  /** Members by `org/team`. A team that is not here counts as unreadable. */
  readonly teams: ReadonlyMap<string, Known<ReadonlySet<string>>>;
  /** `admin`, `maintain`, `write`, `triage`, `read`, `none` by login, for reviewers. */
  readonly permissions: ReadonlyMap<string, Known<string>>;
}

/** What is asked, decided from `approvals.yaml` of the base branch by `requirementsFor`. Never empty. */
export interface Requirement {
  readonly rule: ApprovalRule | 'default';
  readonly name: string;
  readonly approvals: number;
  readonly teams: readonly string[];
  readonly users: readonly string[];
  /** Only for the default rule: this permission or more. */
  readonly permission?: 'maintain';
}

/** What somebody said of a plan: in a review, or by a command in a comment, which counts like one. */
export interface Statement extends PullRequestReview {
  readonly said: 'review' | 'comment';
  /** Of the plan it names. A review names none: it is of what was on show. */
  readonly digest?: string;
  /** In their own words. */
  readonly reason?: string;
}

/** A statement and whether it counts. */
export interface Verdict {
  readonly review: Statement;
  /** Names of the requirements it counts for. Empty: it does not count, and `why` says why. */
  readonly countsFor: readonly string[];
  readonly why?: string;
}

declare const granted: unique symbol;

/**
 * Proof that what `digest` names may be done. Only `decideApproval` makes one, and for drift that a rule of `automation.yaml`
 * takes back `decideStandingApproval`. The deploy takes nothing else: skipping the check does not compile.
 */
export interface Approval {
  readonly digest: string;
  readonly by: readonly string[];
  /** When the first of the counted reviews stops counting, milliseconds since the epoch. */
  readonly expiresAt: number;
  /** No person gave it: a rule of `automation.yaml`, as it stood at this commit of the fleet's branch. */
  readonly standing?: { readonly rule: string; readonly commit: string };
  readonly [granted]: true;
}

export type ApprovalDecision =
  | { readonly kind: 'granted'; readonly approval: Approval; readonly verdicts: readonly Verdict[] }
  | {
      readonly kind: 'waiting';
      readonly missing: readonly { readonly requirement: Requirement; readonly missing: number }[];
      readonly verdicts: readonly Verdict[];
    }
  | { readonly kind: 'rejected'; readonly by: readonly string[]; readonly verdicts: readonly Verdict[] }
  /** There was an approval, of something else than what would happen now. */
  | { readonly kind: 'void'; readonly why: string; readonly verdicts: readonly Verdict[] };
