import { type ErrorDocument, PointsmanError } from '../schemas/errors.ts';
import { advanceDeploy } from './deploy/advance-deploy.ts';
import type { Advance } from './deploy/deploy-work.ts';
import { fleetRef, type ReconcilerDeps } from './deps.ts';
import { findDueWork, startAll } from './due-work.ts';
import { BranchMissingError } from './errors.ts';
import { type PlannedPullRequest, planPullRequest } from './plan-pull-request.ts';

/** What one pass found and did. */
export interface PassReport {
  readonly runs: readonly Advance[];
  readonly pullRequests: readonly PlannedPullRequest[];
  /** What could not be done now. One thing that fails never hides another. */
  readonly failures: readonly { readonly about: string; readonly error: ErrorDocument }[];
}

/**
 * One sweep: look at the branch, the pull requests and the ledger, advance everything that is due as far as it can go,
 * record, return. Nothing is remembered between passes but what is on the ledger, so it may be killed at any moment.
 */
export async function runPass(deps: ReconcilerDeps, signal: AbortSignal): Promise<PassReport> {
  const ref = fleetRef(deps.settings);
  const tip = (await deps.repository.fetch([ref], signal)).get(ref);
  if (!tip) throw new BranchMissingError({ ref });
  const view = await startLedger(deps, tip, signal);

  const failures: { about: string; error: ErrorDocument }[] = [];
  const attempt = async <T>(about: string, what: () => Promise<T>): Promise<readonly T[]> => {
    try {
      return [await what()];
    } catch (error) {
      if (!(error instanceof PointsmanError)) throw error;
      deps.log.warn({ about, code: error.code }, 'left for the next pass');
      failures.push({ about, error: error.toJSON() });
      return [];
    }
  };

  // In the order of the branch: a later commit builds on an earlier one.
  const runs: Advance[] = [];
  const [due = []] = await attempt('the merged commits', async () => {
    const found = await findDueWork(deps, view, tip, signal);
    await startAll(deps, found, signal);
    return found;
  });
  for (const work of due) runs.push(...(await attempt(work.run, () => advanceDeploy(deps, work, signal))));

  const pullRequests: PlannedPullRequest[] = [];
  const [open = []] = await attempt('the open pull requests', async () => {
    const base = deps.settings.branch ?? 'main';
    return (await deps.forge.openPullRequests(signal)).filter((one) => one.base.branch === base);
  });
  for (const pullRequest of open) {
    pullRequests.push(
      ...(await attempt(`pull request #${pullRequest.number}`, () => planPullRequest(deps, pullRequest, tip, signal))),
    );
  }
  return { runs, pullRequests, failures };
}

/** What was merged before the ledger began is taken as it is: switches are not changed for history. */
export async function startLedger(deps: ReconcilerDeps, tip: string, signal: AbortSignal) {
  return deps.ledger.append(async (view) => {
    if ((await view.startedAtCommit()) !== undefined) return undefined;
    return { title: 'start the ledger', started: { commit: tip } };
  }, signal);
}
