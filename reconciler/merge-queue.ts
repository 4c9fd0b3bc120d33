import type { MergeGroup } from '../forge/forge.ts';
import type { Repository } from '../git/repository.ts';
import { PointsmanError } from '../schemas/errors.ts';
import { checkReady, readyVerdict } from './checks.ts';
import { decideFor } from './decide-for.ts';
import type { ReconcilerDeps } from './deps.ts';
import { FleetInvalidError } from './errors.ts';
import { loadCommit } from './load-commit.ts';
import { lastPublishedPlan } from './publish-plan.ts';
import { readRequests } from './requests/load-asked.ts';
import { requestOfChange, requestsIn } from './requests/request-of-change.ts';

/**
 * Says of every entry of the merge queue whether it is ready, decided anew: the fleet as it would be is valid, and the plan of
 * the pull request is approved. No switch is asked; whether they still would change as approved is asked before they do.
 */
export async function checkMergeQueue(deps: ReconcilerDeps, tip: string, signal: AbortSignal): Promise<void> {
  let first: PointsmanError | undefined;
  for (const group of await deps.forge.mergeGroups(deps.settings.branch ?? 'main', signal)) {
    try {
      await checkReady(deps, group.commit, await verdictOf(deps, group, tip, signal), undefined, signal);
    } catch (error) {
      // One entry never holds up those behind it.
      if (!(error instanceof PointsmanError)) throw error;
      deps.log.warn({ branch: group.branch, code: error.code }, 'entry of the merge queue left for the next pass');
      first ??= error;
    }
  }
  if (first) throw first;
}

async function verdictOf(
  deps: ReconcilerDeps,
  { branch, commit }: MergeGroup,
  tip: string,
  signal: AbortSignal,
): Promise<ReturnType<typeof readyVerdict>> {
  // Source: GitHub names an entry `gh-readonly-queue/<base>/pr-<number>-<commit it builds on>`.
  const number = Number(/\/pr-(\d+)-[0-9a-f]+$/.exec(branch)?.[1]);
  if (!Number.isInteger(number))
    return { conclusion: 'failure', title: 'this entry of the queue names no pull request' };
  const ref = `refs/heads/${branch}`;
  if ((await deps.repository.fetch([ref], signal)).get(ref) !== commit) {
    return { conclusion: 'failure', title: 'the entry moved while we looked' };
  }
  const view = await deps.ledger.view(signal);
  try {
    const loaded = await loadCommit(deps, view, { before: tip, after: commit, accessFrom: 'before' });
    const pullRequest = await deps.forge.pullRequest(number, signal);
    const plan = await lastPublishedPlan(view, pullRequest);
    if (!plan) {
      return loaded.subjects.length === 0 && !(await asksForChanges(deps.repository, commit))
        ? { conclusion: 'success', title: 'nothing to change' }
        : { conclusion: 'failure', title: `no plan of #${number} at this head was shown` };
    }
    const decision = await decideFor(deps, view, { pullRequest, plan, rules: loaded.rulesBefore }, signal);
    return readyVerdict({ kind: 'plan', plan, decision });
  } catch (error) {
    if (!(error instanceof FleetInvalidError)) throw error;
    const { problems } = error.details;
    const source = { head: commit, base: tip, tree: commit };
    return readyVerdict({ kind: 'invalid', invalid: { source, problems } });
  }
}

/** Whether a request that an entry brings changes switches. Of the entry alone: those before it in the queue have plans of their own. */
async function asksForChanges(repository: Repository, commit: string): Promise<boolean> {
  const [before] = (await repository.commitInfo(commit)).parents;
  if (before === undefined) return false;
  const changes = await repository.changedFiles(before, commit);
  const asked = requestOfChange(changes, await readRequests(repository, commit, requestsIn(changes)));
  return asked.kind === 'deploy' || asked.kind === 'refused';
}
