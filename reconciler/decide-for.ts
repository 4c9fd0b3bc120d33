import type { ApprovalDecision, People, Statement } from '../approvals/approval.ts';
import { decideApproval } from '../approvals/decide-approval.ts';
import { requirementsFor } from '../approvals/requirements-for.ts';
import type { PullRequest } from '../forge/forge.ts';
import type { LedgerView } from '../ledger/ledger.ts';
import type { Plan } from '../plans/plan.ts';
import type { ApprovalRules } from '../schemas/fleet.ts';
import { statementOf } from './commands/spoken-verdicts.ts';
import type { DeployWork } from './deploy/deploy-work.ts';
import type { ReconcilerDeps } from './deps.ts';
import { readProposals } from './drift/read-proposals.ts';
import { readPeople } from './people.ts';

/** `approvals.yaml` says otherwise where it wants to. */
const DEFAULT_EXPIRY_HOURS = 24;
const STAGE = 'perform_configuration_diff';

export interface Deciding {
  /** Whose reviews are asked. */
  readonly pullRequest: PullRequest;
  readonly plan: Plan;
  /** Of the base branch, never of the pull request. */
  readonly rules: ApprovalRules;
  /** The stage it releases; the one that asks the switches unless given. */
  readonly stage?: string;
  /** What a gate is about: who had a hand in that must not release it. */
  readonly behind?: DeployWork;
  /** The moment approvals have to be unexpired at; now unless given. */
  readonly at?: number;
  /** What somebody is about to say, to see whether it would count. */
  readonly proposed?: Statement;
}

/** Reads every review, every verdict in comments and everything known of the people, and decides. */
export async function decideFor(
  deps: Pick<ReconcilerDeps, 'forge' | 'clock' | 'repository' | 'settings' | 'author'>,
  view: LedgerView,
  { pullRequest, plan, rules, behind, at = deps.clock.now(), stage = STAGE, proposed }: Deciding,
  signal: AbortSignal,
): Promise<ApprovalDecision> {
  const requirements = requirementsFor(plan, stage, rules);
  const [reviewed, publications, commands] = await Promise.all([
    deps.forge.reviews(pullRequest.number, signal),
    view.publications(pullRequest.number),
    view.commands(pullRequest.number),
  ]);
  const reviews: readonly Statement[] = [
    ...reviewed.map((review) => ({ ...review, said: 'review' as const })),
    ...[...commands.values()].flatMap((record) => statementOf(record, publications) ?? []),
    ...(proposed ? [proposed] : []),
  ];
  const people = reviews.some(isVerdict)
    ? await readPeople(
        deps,
        { pullRequest, reviews, requirements, isProposal: await readProposals(view), ...(behind ? { behind } : {}) },
        signal,
      )
    : nobodyRead(pullRequest);
  return decideApproval({
    plan: { digest: plan.digest, head: pullRequest.head.commit },
    publications,
    reviews,
    requirements,
    people,
    expiresAfterHours: expiryHoursOf(rules),
    now: at,
  });
}

/** Only of verdicts is it asked who gave them. Most open pull requests have none yet, and every pass looks at all of them. */
function isVerdict({ state }: Statement): boolean {
  return state === 'approved' || state === 'changes-requested';
}

/** What is not known counts as *no*, should anybody ask after all. */
function nobodyRead({ author }: PullRequest): People {
  const hands = { known: false, why: 'nobody has given a verdict yet' } as const;
  return { author, hands, teams: new Map(), permissions: new Map() };
}

/** Hours an approval counts for. */
export function expiryHoursOf({ expires_after_hours: hours }: ApprovalRules): number {
  return hours ?? DEFAULT_EXPIRY_HOURS;
}
