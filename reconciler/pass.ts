import type { PullRequest } from '../forge/forge.ts';
import type { LedgerView } from '../ledger/ledger.ts';
import { type ErrorDocument, PointsmanError } from '../schemas/errors.ts';
import { advance } from './advance.ts';
import type { Attempt } from './attempt.ts';
import { isFromFork, type PlanAgain } from './commands/plan-again.ts';
import { type CommandReport, runCommands } from './commands/run-commands.ts';
import type { Advance } from './deploy/deploy-work.ts';
import { fleetRef, type ReconcilerDeps } from './deps.ts';
import { findScheduledWork, type LeftOut, type Scheduled } from './due-schedules.ts';
import { findDueWork, startAll } from './due-work.ts';
import { endWanted } from './end-wanted.ts';
import { startedEnforcing } from './enforce/start-enforcing.ts';
import { BranchMissingError, UnforeseenError } from './errors.ts';
import { closeEndedGates } from './gates/close-gates.ts';
import { runOfGate } from './gates/gate-words.ts';
import { holdOrLetGo } from './hold-automation.ts';
import { checkMergeQueue } from './merge-queue.ts';
import { notPlanned, type PlannedPullRequest, planPullRequest } from './plan-pull-request.ts';
import { EVERYWHERE, isInReach } from './shards.ts';
import { readTipRules } from './tip-rules.ts';
import type { Work } from './work.ts';

/** What one pass found and did. */
export interface PassReport {
  readonly commands: readonly CommandReport[];
  readonly runs: readonly Advance[];
  /** Times of schedules that were not made use of. */
  readonly leftOut: readonly LeftOut[];
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
  const rules = await readTipRules(deps.repository, tip);

  const failures: { about: string; error: ErrorDocument }[] = [];
  const attempt: Attempt = async (about, what) => {
    try {
      return [await what()];
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PointsmanError)) throw error;
      deps.log.warn({ about, code: error.code }, 'left for the next pass');
      failures.push({ about, error: error.toJSON() });
      return [];
    }
  };
  // A bug met while looking is told like any other failure: it must not keep others from being looked at. One met while a
  // switch may be changed ends the pass, because nobody knows what it means.
  const look = <T>(about: string, what: () => Promise<T>): Promise<readonly T[]> =>
    attempt(about, async () => {
      try {
        return await what();
      } catch (error) {
        if (signal.aborted || error instanceof PointsmanError) throw error;
        deps.log.error({ about, err: error }, 'a bug');
        throw new UnforeseenError({ about }, { cause: error });
      }
    });

  // First, because what they ask (a pause, an end) is about what would be done next. One kind of process is enough for them.
  const commands =
    deps.reach.kind === 'sites' ? [] : await attempt('the commands in comments', () => heed(deps, view, tip, signal));
  for (const command of commands.flat().filter((report) => report.kind === 'left')) {
    failures.push({ about: `a command on pull request #${command.pullRequest}`, error: command.error });
  }

  // In the order of the branch: a later commit builds on an earlier one.
  const runs: Advance[] = [];
  const leftOut: LeftOut[] = [];
  const scheduled = async (find: () => Promise<Scheduled>): Promise<readonly Work[]> => {
    const [found = { due: [], leftOut: [] }] = await attempt('the schedules', find);
    leftOut.push(...found.leftOut);
    return found.due;
  };
  const before = (await endWanted(deps, await deps.ledger.view(signal), attempt, signal)).view;
  const [due = []] = await attempt('the merged commits', async () => {
    const found = [
      ...(await findDueWork(deps, before, tip, signal)),
      ...(await scheduled(() => findScheduledWork(deps, before, rules, signal))),
    ];
    await startAll(deps, found, signal);
    return found;
  });
  const mine = due.filter(({ shard = EVERYWHERE }) => isInReach(deps.reach, shard));
  for (const work of await holdOrLetGo(deps, before, rules.automation, mine, attempt, signal))
    runs.push(...(await attempt(work.run, () => advance(deps, rules, work, signal))));

  // What a check for drift found is taken back at once, where a rule says so.
  const [begun = []] = await attempt('drift that rules take back', () => startedEnforcing(deps, due, signal));
  for (const work of await holdOrLetGo(deps, await deps.ledger.view(signal), rules.automation, begun, attempt, signal))
    runs.push(...(await attempt(work.run, () => advance(deps, rules, work, signal))));

  const [open = []] = await attempt('the open pull requests', () => deps.forge.openPullRequests(signal));
  // Once more: somebody may have wanted it while switches were being changed.
  const { view: after, ended } = await endWanted(deps, await deps.ledger.view(signal), attempt, signal);
  for (const { name, status } of ended) {
    const index = runs.findIndex(({ run }) => run === name);
    if (index >= 0) runs[index] = { kind: 'ended', run: name, status };
  }
  await attempt('the gates of runs that ended', () => closeEndedGates(deps, after, open, signal));
  const pullRequests: PlannedPullRequest[] = [];
  for (const pullRequest of open) {
    if ((await isGateOfOpenRun(deps, after, pullRequest)) || isSpokenFor(deps, pullRequest, open)) continue;
    const about = `pull request #${pullRequest.number}`;
    const looked = await look(about, () => lookAtPullRequest(deps, after, pullRequest, tip, signal));
    pullRequests.push(...looked.filter((found) => found !== undefined));
  }
  if (deps.reach.kind !== 'sites') await look('the merge queue', () => checkMergeQueue(deps, tip, signal));
  return { commands: commands.flat(), runs, leftOut, pullRequests, failures };
}

async function heed(
  deps: ReconcilerDeps,
  view: LedgerView,
  base: string,
  signal: AbortSignal,
): Promise<readonly CommandReport[]> {
  const planAgain: PlanAgain = (pullRequest, { forkHead }) =>
    planPullRequest(deps, { pullRequest, base, again: true, ...(forkHead === undefined ? {} : { forkHead }) }, signal);
  return runCommands(deps, view, { tip: base, planAgain }, signal);
}

/**
 * Checks belong to a commit and not to a pull request. Where several have one head, those that would say less of it (from a
 * fork, to another base) say nothing: they would take the verdict off the one that goes to the fleet's branch.
 */
function isSpokenFor(deps: ReconcilerDeps, pullRequest: PullRequest, open: readonly PullRequest[]): boolean {
  const weight = (one: PullRequest): number =>
    one.base.branch !== (deps.settings.branch ?? 'main') ? 0 : isFromFork(one, deps) ? 1 : 2;
  const own = weight(pullRequest);
  return open.some((other) => other.head.commit === pullRequest.head.commit && weight(other) > own);
}

/** Anybody may name a branch as we name ours; only what a run waits for is a gate. */
async function isGateOfOpenRun(
  { settings }: Pick<ReconcilerDeps, 'settings'>,
  view: LedgerView,
  pullRequest: PullRequest,
): Promise<boolean> {
  const name = runOfGate(pullRequest, settings);
  const run = name === undefined ? undefined : await view.run(name);
  // One that is not on record yet was opened by a process that died, or is still at it.
  return run !== undefined && (run.gate ?? pullRequest.number) === pullRequest.number;
}

/** @returns `undefined` for one that is no business of ours: it goes to another branch, and no plan was ever shown there. */
async function lookAtPullRequest(
  deps: ReconcilerDeps,
  view: LedgerView,
  pullRequest: PullRequest,
  base: string,
  signal: AbortSignal,
): Promise<PlannedPullRequest | undefined> {
  if (pullRequest.base.branch === (deps.settings.branch ?? 'main')) {
    return planPullRequest(deps, { pullRequest, base }, signal);
  }
  if ((await view.publications(pullRequest.number)).length === 0) return undefined;
  const tree = pullRequest.head.commit;
  return notPlanned(deps, { pullRequest, base }, { reason: 'other-base', tree, devices: [] }, signal);
}

/** What was merged before the ledger began is taken as it is: switches are not changed for history. */
export async function startLedger(deps: ReconcilerDeps, tip: string, signal: AbortSignal) {
  return deps.ledger.append(async (view) => {
    if ((await view.startedAtCommit()) !== undefined) return undefined;
    return { title: 'start the ledger', started: { commit: tip } };
  }, signal);
}
