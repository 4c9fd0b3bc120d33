import type { PullRequest } from '../forge/forge.ts';
import type { ObjectId } from '../git/repository.ts';
import type { LedgerView } from '../ledger/ledger.ts';
import type { Run } from '../ledger/run.ts';
import { runNameFor } from '../ledger/run-name.ts';
import { configurationDeploy } from '../workflows/configuration-deploy.ts';
import type { DeployWork } from './deploy/deploy-work.ts';
import { started } from './deploy/run-events.ts';
import type { ReconcilerDeps } from './deps.ts';
import { TooFarBehindError } from './errors.ts';

/** Commits looked back over; more between two passes is a reason to ask a person. */
const LOOK_BACK = 1_000;

/** Files whose change can reach a switch. */
const CONCERNS_SWITCHES = /^(pointsman\.yaml$|desired-state\/)/;

/**
 * The changes on the fleet's branch that still have to reach the switches, oldest first: runs that have not ended, then
 * commits newer than every run.
 *
 * No commit older than a run is without one: {@link startAll} starts what is due together, before any of it is advanced.
 */
export async function findDueWork(
  deps: ReconcilerDeps,
  view: LedgerView,
  tip: ObjectId,
  signal: AbortSignal,
): Promise<readonly DeployWork[]> {
  const ledgerStart = await view.startedAtCommit();
  if (ledgerStart === undefined) return [];
  const commits = await deps.repository.firstParents(tip, { from: ledgerStart, limit: LOOK_BACK });
  const known = new Set((await view.runNames()).map(commitDigits));
  const newestKnown = commits.findLastIndex((commit) => known.has(commit.slice(0, DIGITS)));
  const fresh = commits.slice(newestKnown + 1);
  if (fresh.length === LOOK_BACK) throw new TooFarBehindError({ tip, lookedBack: LOOK_BACK });

  const open = await Promise.all((await view.openRuns()).map((run) => workOf(deps, run, signal)));
  const position = new Map(commits.map((commit, index) => [commit, index]));
  const before = fresh[0] === undefined ? undefined : ((await firstParentOf(deps, fresh[0])) ?? ledgerStart);
  return [
    ...open.toSorted((a, b) => (position.get(a.commit) ?? -1) - (position.get(b.commit) ?? -1)),
    ...(before === undefined ? [] : await newWork(deps, fresh, before, signal)),
  ];
}

/** Writes down what is due before any of it is worked on, where it is more than one thing: then their order is on record. */
export async function startAll(deps: ReconcilerDeps, due: readonly DeployWork[], signal: AbortSignal): Promise<void> {
  if (due.length < 2) return;
  await deps.ledger.append(async (view) => {
    const fresh: DeployWork[] = [];
    for (const work of due) if (!(await view.run(work.run))) fresh.push(work);
    if (fresh.length === 0) return undefined;
    const at = deps.clock.now();
    return {
      title: `start ${fresh.length} runs`,
      events: new Map(fresh.map((work) => [work.run, [started(at, work)]])),
    };
  }, signal);
}

/** What a run that is on the ledger was started for. */
async function workOf(deps: ReconcilerDeps, run: Run, signal: AbortSignal): Promise<DeployWork> {
  const parent = run.base ?? (await firstParentOf(deps, run.commit)) ?? run.commit;
  const { name, commit, pullRequest, gate } = run;
  return {
    run: name,
    commit,
    parent,
    ...(pullRequest === undefined ? {} : { pullRequest: await deps.forge.pullRequest(pullRequest, signal) }),
    ...(gate === undefined ? {} : { gate: await deps.forge.pullRequest(gate, signal) }),
  };
}

/** One piece of work for each pull request, also where a rebase put several commits of it on the branch. */
async function newWork(
  deps: ReconcilerDeps,
  fresh: readonly ObjectId[],
  before: ObjectId,
  signal: AbortSignal,
): Promise<readonly DeployWork[]> {
  const work: DeployWork[] = [];
  for (const [index, commit] of fresh.entries()) {
    const parent = fresh[index - 1] ?? before;
    if (!(await concernsSwitches(deps, parent, commit))) continue;
    const pullRequest = await deps.forge.mergedBy(commit, deps.settings.branch ?? 'main', signal);
    const last = work.at(-1);
    const continues = pullRequest !== undefined && last?.pullRequest?.number === pullRequest.number;
    if (continues) work.pop();
    work.push(newPiece(commit, continues ? last.parent : parent, pullRequest));
  }
  return work;
}

function newPiece(commit: ObjectId, parent: ObjectId, pullRequest: PullRequest | undefined): DeployWork {
  const { name: workflow } = configurationDeploy;
  if (!pullRequest) return { run: runNameFor({ workflow, commit }), commit, parent };
  return { run: runNameFor({ workflow, commit, pullRequest: pullRequest.number }), commit, parent, pullRequest };
}

const DIGITS = 12;

/** Run names end in the first digits of their commit. */
function commitDigits(name: string): string {
  return name.slice(-DIGITS);
}

async function concernsSwitches(deps: ReconcilerDeps, parent: ObjectId, commit: ObjectId): Promise<boolean> {
  const changed = await deps.repository.changedFiles(parent, commit);
  return changed.some(({ path }) => CONCERNS_SWITCHES.test(path));
}

async function firstParentOf(deps: ReconcilerDeps, commit: ObjectId): Promise<ObjectId | undefined> {
  return (await deps.repository.commitInfo(commit)).parents[0];
}
