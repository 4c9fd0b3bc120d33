import { REQUESTS } from '../desired-state/fleet-layout.ts';
import type { PullRequest } from '../forge/forge.ts';
import type { FileChange, ObjectId } from '../git/repository.ts';
import type { LedgerView } from '../ledger/ledger.ts';
import type { Run } from '../ledger/run.ts';
import { runNameFor } from '../ledger/run-name.ts';
import { workflowNamed } from '../workflows/all-workflows.ts';
import { configurationDeploy } from '../workflows/configuration-deploy.ts';
import type { DeployWork, RequestOfWork } from './deploy/deploy-work.ts';
import { started } from './deploy/run-events.ts';
import type { ReconcilerDeps } from './deps.ts';
import { findRequestedWork, type Merged, requestFiles } from './due-requests.ts';
import { FleetInvalidError, TooFarBehindError } from './errors.ts';
import { loadCommit, rolloutOf, workflowOfRollout } from './load-commit.ts';
import { type AskedFor, readAskedFor } from './read/asked-for.ts';
import { startedReading } from './read/reading-events.ts';
import { readSettings } from './read-settings.ts';
import { EVERYWHERE } from './shards.ts';
import { isReadWork, type ReadWork, type Work } from './work.ts';

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
): Promise<readonly Work[]> {
  const ledgerStart = await view.startedAtCommit();
  if (ledgerStart === undefined) return [];
  const commits = await deps.repository.firstParents(tip, { from: ledgerStart, limit: LOOK_BACK });
  const known = new Set((await view.runNames()).map(commitDigits));
  const newestKnown = commits.findLastIndex((commit) => known.has(commit.slice(0, DIGITS)));
  const fresh = commits.slice(newestKnown + 1);
  if (fresh.length === LOOK_BACK) throw new TooFarBehindError({ tip, lookedBack: LOOK_BACK });

  // A batch is gone on with by the run it is of.
  const runs = (await view.openRuns()).filter(({ parent }) => parent === undefined);
  const open = await Promise.all(runs.map((run) => workOf(deps, run, signal)));
  const position = new Map(commits.map((commit, index) => [commit, index]));
  const before = fresh[0] === undefined ? undefined : ((await firstParentOf(deps, fresh[0])) ?? ledgerStart);
  return [
    ...open.toSorted((a, b) => (position.get(a.commit) ?? -1) - (position.get(b.commit) ?? -1)),
    ...(before === undefined ? [] : await newWork(deps, fresh, before, signal)),
  ];
}

/** Writes down what is due before any of it is worked on, where it is more than one thing: then their order is on record. */
export async function startAll(deps: ReconcilerDeps, due: readonly Work[], signal: AbortSignal): Promise<void> {
  if (due.length < 2 && due.every(({ shard }) => shard === undefined)) return;
  await deps.ledger.append(async (view) => {
    const fresh: Work[] = [];
    for (const work of due) if (!(await view.run(work.run))) fresh.push(work);
    if (fresh.length === 0) return undefined;
    const at = deps.clock.now();
    return {
      title: `start ${fresh.length} runs`,
      events: new Map(
        fresh.map((work) => [work.run, [isReadWork(work) ? startedReading(at, work) : started(at, work)]]),
      ),
    };
  }, signal);
}

/** What a run that is on the ledger was started for. */
export async function workOf(deps: ReconcilerDeps, run: Run, signal: AbortSignal): Promise<Work> {
  const { name, workflow, commit, pullRequest, gate, shard, enforces, request: asked } = run;
  const request = asked === undefined ? undefined : { name: asked, path: `${REQUESTS}${asked}.yaml` };
  const known = {
    ...{ run: name, workflow, commit },
    ...(request ? { request } : {}),
    ...(shard === undefined ? {} : { shard }),
    ...(pullRequest === undefined ? {} : { pullRequest: await deps.forge.pullRequest(pullRequest, signal) }),
  };
  if (workflowNamed(workflow)?.kind === 'read') return readWorkOf(deps, run, known);
  return {
    ...known,
    parent: run.base ?? (await firstParentOf(deps, commit)) ?? commit,
    ...(enforces ? { enforces } : {}),
    ...(gate === undefined ? {} : { gate: await deps.forge.pullRequest(gate, signal) }),
  };
}

async function readWorkOf(
  { repository }: ReconcilerDeps,
  { schedule, scheduledFor, reason, evenWhenPaused }: Run,
  known: Omit<ReadWork, 'targets'> & { readonly request?: RequestOfWork },
): Promise<ReadWork> {
  const by = schedule === undefined ? {} : { schedule };
  const asked = await readAskedFor(repository, { ...known, ...by }).catch(nothingWhereInvalid);
  return {
    ...known,
    ...by,
    targets: asked?.targets,
    ...(scheduledFor === undefined ? {} : { scheduledFor }),
    ...(reason === undefined ? {} : { reason }),
    ...(asked?.notBefore === undefined ? {} : { notBefore: asked.notBefore }),
    ...(evenWhenPaused ? { evenWhenPaused } : {}),
  };
}

/** Its run says what is wrong with it. */
function nothingWhereInvalid(error: unknown): AskedFor | undefined {
  if (error instanceof FleetInvalidError) return undefined;
  throw error;
}

/**
 * What each pull request asks for, also where a rebase put several commits of it on the branch: one deploy of what it changes,
 * and what its requests say.
 */
async function newWork(
  deps: ReconcilerDeps,
  fresh: readonly ObjectId[],
  before: ObjectId,
  signal: AbortSignal,
): Promise<readonly Work[]> {
  const merges: Merged[] = [];
  for (const [index, commit] of fresh.entries()) {
    const changes = await deps.repository.changedFiles(fresh[index - 1] ?? before, commit);
    if (!concernsSwitches(changes) && requestFiles(changes).length === 0) continue;
    const pullRequest = await mergedBy(commit);
    const last = merges.at(-1);
    const continues = pullRequest !== undefined && last?.pullRequest?.number === pullRequest.number;
    if (continues) merges.pop();
    const parent = continues ? last.parent : await baseOf(index, pullRequest);
    merges.push({ commit, parent, ...(pullRequest ? { pullRequest } : {}) });
  }
  const parts = await Promise.all(merges.map((merged) => workOfMerge(deps, merged)));
  return parts.flat();

  function mergedBy(commit: ObjectId): Promise<PullRequest | undefined> {
    return deps.forge.mergedBy(commit, deps.settings.branch ?? 'main', signal);
  }

  /**
   * The commit before the first of a pull request. A rebase may have put others of its commits before, and rules that one of
   * these brought would otherwise be taken for those of the base.
   */
  async function baseOf(index: number, pullRequest: PullRequest | undefined): Promise<ObjectId> {
    let first = index;
    while (pullRequest && first > 0) {
      const earlier = fresh[first - 1];
      if (earlier === undefined || (await mergedBy(earlier))?.number !== pullRequest.number) break;
      first--;
    }
    return fresh[first - 1] ?? before;
  }
}

async function workOfMerge(deps: ReconcilerDeps, merged: Merged): Promise<readonly Work[]> {
  const changes = await deps.repository.changedFiles(merged.parent, merged.commit);
  const { works, isBroken } = await findRequestedWork(deps, merged, requestFiles(changes));
  if (!concernsSwitches(changes) && !isBroken) return works;
  const piece = { ...merged, ...(await carriedOutBy(deps, merged.parent)) };
  return [...partsOf(piece, await shardsOf(deps, piece)), ...works];
}

/** What carries out a change is said by the settings before it, as everything about how it is rolled out. */
async function carriedOutBy(
  { repository }: Pick<ReconcilerDeps, 'repository'>,
  base: ObjectId,
): Promise<Pick<DeployWork, 'workflow' | 'about'>> {
  try {
    const rollout = rolloutOf(await readSettings(repository, base));
    const { timeoutSeconds } = rollout;
    const about = timeoutSeconds === undefined ? {} : { about: { timeoutSeconds } };
    return { workflow: workflowOfRollout(rollout).name, ...about };
  } catch (error) {
    // Settings that are not valid say nothing; where the change mends them, it is carried out in the plainest way.
    if (error instanceof FleetInvalidError) return { workflow: configurationDeploy.name };
    throw error;
  }
}

/** One run for each shard a commit concerns. */
function partsOf(piece: Omit<DeployWork, 'run'>, shards: readonly string[]): readonly DeployWork[] {
  const { workflow, commit, pullRequest } = piece;
  const origin = {
    workflow,
    commit,
    ...(pullRequest ? { pullRequest: pullRequest.number } : {}),
  };
  return shards.map((shard) =>
    shard === EVERYWHERE
      ? { ...piece, run: runNameFor(origin) }
      : { ...piece, shard, run: runNameFor({ ...origin, shard }) },
  );
}

/** Whose switches a commit would change. Looked into only where some site has a runner of its own. */
async function shardsOf(
  deps: ReconcilerDeps,
  { commit, parent }: Pick<DeployWork, 'commit' | 'parent'>,
): Promise<readonly string[]> {
  if ((await deps.repository.findText(commit, 'runner:', 'desired-state/sites')).length === 0) return [EVERYWHERE];
  try {
    const { subjects, shardOf } = await loadCommit(deps, undefined, {
      before: parent,
      after: commit,
      accessFrom: 'after',
    });
    const shards = new Set(subjects.map(({ site }) => shardOf(site)));
    return shards.size === 0 ? [EVERYWHERE] : [...shards].sort();
  } catch (error) {
    if (error instanceof FleetInvalidError) return [EVERYWHERE]; // The run says what is wrong with it.
    throw error;
  }
}

const DIGITS = 12;

/** Run names end in the first digits of their commit. */
function commitDigits(name: string): string {
  return name.slice(-DIGITS);
}

function concernsSwitches(changes: readonly FileChange[]): boolean {
  return changes.some(({ path }) => CONCERNS_SWITCHES.test(path));
}

async function firstParentOf(deps: ReconcilerDeps, commit: ObjectId): Promise<ObjectId | undefined> {
  return (await deps.repository.commitInfo(commit)).parents[0];
}
