import type { ObjectId } from '../git/repository.ts';
import type { LedgerView } from '../ledger/ledger.ts';
import { runNameFor } from '../ledger/run-name.ts';
import { configurationDeploy } from '../workflows/configuration-deploy.ts';
import type { DeployWork } from './deploy/deploy-work.ts';
import type { ReconcilerDeps } from './deps.ts';

/** Commits looked back over. A fleet that merges more between two passes is told in the log, and the oldest wait for nothing. */
const LOOK_BACK = 1_000;

/** Files whose change can reach a switch. */
const CONCERNS_SWITCHES = /^(pointsman\.yaml$|desired-state\/)/;

/**
 * The commits on the fleet's branch that still have to reach the switches, oldest first: those since the ledger was
 * started that have no run, and those whose run has not ended.
 */
export async function findDueWork(
  deps: ReconcilerDeps,
  view: LedgerView,
  tip: ObjectId,
  signal: AbortSignal,
): Promise<readonly DeployWork[]> {
  const start = await view.startedAtCommit();
  if (start === undefined) return [];
  const commits = await deps.repository.firstParents(tip, { from: start, limit: LOOK_BACK });
  const known = commitDigits(await view.runNames());
  const open = new Map((await view.openRuns()).map((run) => [run.commit, run]));

  const work: DeployWork[] = [];
  for (const [index, commit] of commits.entries()) {
    const running = open.get(commit);
    if (!running && known.has(commit.slice(0, DIGITS))) continue;
    const parent = commits[index - 1] ?? (await firstParentOf(deps, commit)) ?? start;
    if (!running && !(await concernsSwitches(deps, parent, commit))) continue;
    const pullRequest = await deps.forge.mergedBy(commit, branchOf(deps), signal);
    work.push({
      run: runNameFor({
        workflow: configurationDeploy.name,
        commit,
        ...(pullRequest ? { pullRequest: pullRequest.number } : {}),
      }),
      commit,
      parent,
      ...(pullRequest ? { pullRequest } : {}),
    });
  }
  return work;
}

const DIGITS = 12;

function commitDigits(runNames: readonly string[]): ReadonlySet<string> {
  return new Set(runNames.map((name) => name.slice(-DIGITS)));
}

async function concernsSwitches(deps: ReconcilerDeps, parent: ObjectId, commit: ObjectId): Promise<boolean> {
  const changed = await deps.repository.changedFiles(parent, commit);
  return changed.some(({ path }) => CONCERNS_SWITCHES.test(path));
}

async function firstParentOf(deps: ReconcilerDeps, commit: ObjectId): Promise<ObjectId | undefined> {
  return (await deps.repository.commitInfo(commit)).parents[0];
}

function branchOf(deps: ReconcilerDeps): string {
  return deps.settings.branch ?? 'main';
}
