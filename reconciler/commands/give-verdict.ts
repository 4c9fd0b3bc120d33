import type { Statement } from '../../approvals/approval.ts';
import { mayCommand } from '../../approvals/command-permissions.ts';
import type { Command } from '../../approvals/commands.ts';
import { summarizeDecision } from '../../approvals/render-decision.ts';
import type { PullRequest, PullRequestComment } from '../../forge/forge.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { Plan } from '../../plans/plan.ts';
import { shortDigest } from '../../plans/words.ts';
import { decideFor } from '../decide-for.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { type Answer, refused } from './answer.ts';
import { type Asking, findAsking, readDecidedBy } from './asking-page.ts';
import { makeRecord } from './command-record.ts';
import type { Controls } from './control-runs.ts';
import { findRuns } from './find-runs.ts';
import { SCOPE_OF_PLANNING, scopeOfPlan } from './scope.ts';
import { makeStatement } from './spoken-verdicts.ts';

export type VerdictCommand = Command & { readonly verb: 'approve' | 'reject' };

/** Who gives a verdict where, and what the fleet's branch is at. */
export interface Giving {
  /** As the forge has it now. */
  readonly pullRequest: PullRequest;
  readonly controls: Pick<Controls, 'asker' | 'permissions'>;
  readonly tip: string;
}

/**
 * An approval or a rejection by a comment. It is put on record where it counts, and from there on it is a verdict like a review:
 * the next look at what is asked, in the same pass, decides with it. Nothing else is done here.
 */
export async function giveVerdict(
  deps: ReconcilerDeps,
  comment: PullRequestComment,
  command: VerdictCommand,
  giving: Giving,
  signal: AbortSignal,
): Promise<Answer> {
  const { pullRequest } = giving;
  const view = await deps.ledger.view(signal);
  const about = await whatItIsAbout(deps, view, command, giving);
  if (about.kind === 'refused') return about.answer;
  const { asking } = about;
  const refusal = command.verb === 'approve' ? whyOfAnother(command.digest, asking.plan) : undefined;
  if (refusal) return refusal;

  const { digest } = asking.plan;
  const proposed = makeStatement(
    {
      comment: comment.id,
      by: comment.author,
      saidAt: comment.createdAt,
      ...(command.verb === 'approve' ? { digest } : {}),
      ...('reason' in command && command.reason !== undefined ? { reason: command.reason } : {}),
    },
    await view.publications(pullRequest.number),
  );
  const answer = await weigh(deps, view, asking, proposed, giving, signal);
  if (answer.verdict === 'refused') return answer;
  // The whole digest, so that what counts later cannot be another plan that begins alike.
  const meant: Command = command.verb === 'approve' ? { verb: 'approve', digest } : command;
  const record = makeRecord(comment, meant, { verdict: 'done', why: answer.why }, deps.clock.now());
  await deps.ledger.append(async (current) => {
    if ((await current.commands(pullRequest.number)).has(comment.id)) return undefined;
    return {
      title: `#${pullRequest.number}: ${command.verb} by ${comment.author}`,
      commands: new Map([[pullRequest.number, [record]]]),
    };
  }, signal);
  return answer;
}

type About =
  | { readonly kind: 'asks'; readonly asking: Asking & { readonly kind: 'asks' } }
  | { readonly kind: 'refused'; readonly answer: Answer };

/** What a verdict on a page would be about, where whoever gives it may give one. */
export async function whatItIsAbout(
  deps: Pick<ReconcilerDeps, 'settings'>,
  view: LedgerView,
  command: { readonly verb: VerdictCommand['verb']; readonly run?: string },
  { pullRequest, controls: { asker, permissions } }: Giving,
): Promise<About> {
  const not = (answer: Answer): About => ({ kind: 'refused', answer });
  const asking = await findAsking(deps, view, pullRequest);
  const scope = asking.kind === 'asks' ? scopeOfPlan(asking.plan) : SCOPE_OF_PLANNING;
  const permission = mayCommand(command.verb, asker, scope, permissions);
  if (permission.kind === 'refused') return not(refused(permission.why, WHO_DECIDES));
  if (asking.kind === 'nothing') return not(refused(asking.why, asking.next));
  if (command.run !== undefined) {
    const found = await findRuns(view, command.run, pullRequest.number);
    if (found.kind === 'none') return not(refused(found.why, found.next));
    const [run] = found.runs;
    if (run.name !== asking.run?.name) {
      const page = run.gate ?? run.pullRequest;
      const where = page === undefined ? 'nowhere yet' : `on #${page}`;
      return not(
        refused(
          `${run.name} is not what is asked here, it is asked ${where}`,
          'A verdict is given where it is asked for.',
        ),
      );
    }
  }
  return { kind: 'asks', asking };
}

const WHO_DECIDES =
  'Who may is decided by permissions.yaml of the base branch, or by the permission on the repository. A review counts by approvals.yaml alone.';

/** Whether a verdict would count, and what would come of it. */
export async function weigh(
  deps: ReconcilerDeps,
  view: LedgerView,
  asking: Asking & { readonly kind: 'asks' },
  proposed: Statement,
  { pullRequest, tip }: Giving,
  signal: AbortSignal,
): Promise<Answer> {
  const { plan, run, stage } = asking;
  const decidedBy = await readDecidedBy(deps, view, pullRequest, asking, tip, signal);
  const about = { pullRequest, plan, ...decidedBy, ...(stage === undefined ? {} : { stage }) };
  if (run && stage === undefined) {
    const { kind } = await decideFor(deps, view, about, signal);
    if (kind === 'granted') {
      const why = `${run.name} waits for no approval: ${run.stages.map(({ name, state }) => `${name} ${state}`).join(', ')}`;
      return refused(why, 'To end it, write', `/pointsman terminate ${run.name}`);
    }
  }
  const decision = await decideFor(deps, view, { ...about, proposed }, signal);
  const own = decision.verdicts.find(({ review }) => review === proposed);
  const isNo = proposed.state === 'changes-requested';
  const counts = isNo
    ? decision.kind === 'rejected' && decision.by.includes(proposed.reviewer)
    : (own?.countsFor.length ?? 0) > 0;
  if (!counts) {
    const why = own?.why ?? 'it does not count';
    return refused(
      `${isNo ? 'a rejection' : 'an approval'} of ${proposed.reviewer} does not count: ${why}`,
      ...whatWorks(isNo, run?.name),
    );
  }
  const what = shortDigest(plan.digest);
  if (isNo) {
    const then = run
      ? 'no switch is touched, and the run ends'
      : 'nothing is changed until whoever rejected it approves it';
    return { verdict: 'done', why: `${what} is rejected: ${then}` };
  }
  return {
    verdict: 'done',
    why: `the approval of ${what} counts for ${own?.countsFor.map((name) => `“${name}”`).join(', ')}; ${summarizeDecision(decision)}`,
  };
}

function whatWorks(isNo: boolean, run: string | undefined): readonly [string] | readonly [string, string] {
  if (!isNo) return ['approvals.yaml of the base branch says whose approval counts.'];
  if (run === undefined) return ['approvals.yaml of the base branch says whose rejection counts.'];
  return [
    'approvals.yaml of the base branch says whose rejection counts. Who may end runs can write',
    `/pointsman terminate ${run}`,
  ];
}

/** Somebody named another plan than the one on show: they had something else before their eyes. */
function whyOfAnother(named: string, { digest }: Plan): Answer | undefined {
  if (digest.startsWith(named)) return undefined;
  return refused(
    `${shortDigest(named)} is not the plan that is on show here, so this approval is void`,
    'Look at what the plan says now, then write',
    `/pointsman approve ${shortDigest(digest)}`,
  );
}
