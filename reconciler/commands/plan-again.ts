import type { PullRequest } from '../../forge/forge.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { runOfGate } from '../gates/gate-words.ts';
import type { PlannedPullRequest } from '../plan-pull-request.ts';
import { type Answer, refused } from './answer.ts';

/** Plans a pull request again, whatever plan is on show. `forkHead`: the head of a fork that may be planned, whole. */
export type PlanAgain = (
  pullRequest: PullRequest,
  options: { readonly forkHead?: string },
) => Promise<PlannedPullRequest>;

/** Whether a pull request's head lies in another repository, or in one that is gone. */
export function isFromFork({ head }: PullRequest, { settings }: Pick<ReconcilerDeps, 'settings'>): boolean {
  return head.repository !== settings.forge.repository;
}

/**
 * Plans the pull request as it is now. What comes from a fork is planned only with the commit that somebody looked at:
 * where the head has moved since, nothing is.
 *
 * @param commit Beginning of the head's commit, at least 12 digits.
 * @param pullRequest As the forge has it now.
 */
export async function planCommand(
  deps: Pick<ReconcilerDeps, 'settings'>,
  pullRequest: PullRequest,
  commit: string | undefined,
  planAgain: PlanAgain,
): Promise<Answer> {
  const { head } = pullRequest;
  const refusal = whyNotPlanned(deps, pullRequest);
  if (refusal) return refusal;
  const fork = isFromFork(pullRequest, deps);
  if (fork && commit === undefined) {
    return refused(
      'it comes from a fork, and is planned only by the commit that was looked at',
      'Read what its head changes, then write',
      `/pointsman plan ${head.commit}`,
    );
  }
  if (commit !== undefined && !head.commit.startsWith(commit)) {
    return refused(
      `the head of this pull request is not ${commit}: it is ${head.commit} now`,
      'Look at what changed, then write',
      `/pointsman plan ${head.commit}`,
    );
  }
  return answerOf(await planAgain(pullRequest, fork ? { forkHead: head.commit } : {}));
}

function whyNotPlanned({ settings }: Pick<ReconcilerDeps, 'settings'>, pullRequest: PullRequest): Answer | undefined {
  const { state, base } = pullRequest;
  const branch = settings.branch ?? 'main';
  if (runOfGate(pullRequest, { forge: settings.forge }) !== undefined) {
    return refused('this pull request only asks for an approval', 'Every pass asks its switches again by itself.');
  }
  if (state === 'merged') {
    return refused('this pull request is merged', 'Every pass asks its switches again by itself.');
  }
  if (state === 'closed') return refused('this pull request is closed', 'Reopen it first.');
  if (base.branch === branch) return undefined;
  return refused(
    `it goes to ${base.branch}, and the fleet is what ${branch} says`,
    `Change its base to ${branch} first.`,
  );
}

function answerOf(planned: PlannedPullRequest): Answer {
  switch (planned.kind) {
    case 'planned':
    case 'current':
      return { verdict: 'done', why: `the plan ${planned.plan.digest.slice(0, 15)} is on show`, quiet: true };
    case 'requested':
      return { verdict: 'done', why: 'what its requests would do is on show', quiet: true };
    case 'invalid': {
      const count = planned.problems.length;
      return refused(
        `the fleet at this head has ${count} ${count === 1 ? 'problem' : 'problems'}, so no switch was asked`,
        'The comment with the plan names every one of them.',
      );
    }
    case 'skipped':
      return refused(planned.why, 'Write it again when that has changed.');
  }
}
