import type { PullRequest } from '../../forge/forge.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import { runsOfCommit } from '../../ledger/run-name.ts';
import type { Plan } from '../../plans/plan.ts';
import type { ApprovalRules } from '../../schemas/fleet.ts';
import { stageNamed } from '../../workflows/all-workflows.ts';
import type { DeployWork } from '../deploy/deploy-work.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { runOfGate } from '../gates/gate-words.ts';
import { loadCommit } from '../load-commit.ts';
import { lastPublishedPlan } from '../publish-plan.ts';
import { loadRequest } from '../requests/load-request.ts';

/** What a pull request asks people to approve. */
export type Asking =
  | {
      readonly kind: 'asks';
      /** What is on show. */
      readonly plan: Plan;
      /** The run that is released by it; absent before the merge. */
      readonly run?: Run;
      /** The stage of the run that waits, where one does: an approval that ran out is asked for again by none. */
      readonly stage?: string;
    }
  | { readonly kind: 'nothing'; readonly why: string; readonly next: string };

/** @param pullRequest As the forge has it now. */
export async function findAsking(
  deps: Pick<ReconcilerDeps, 'settings'>,
  view: LedgerView,
  pullRequest: PullRequest,
): Promise<Asking> {
  const { number, state, base } = pullRequest;
  const gateOf = runOfGate(pullRequest, deps.settings);
  const open = await view.openRuns();
  const runs = open.filter((run) => (run.gate ?? run.pullRequest) === number && !isBatchWithoutPage(run, number));
  const moved = open.find((run) => run.pullRequest === number && run.gate !== undefined && run.parent === undefined);
  if (runs.length === 0 && moved) {
    return nothing(
      `what ${moved.name} would change now is asked in #${moved.gate}`,
      `Answer there, on #${moved.gate}.`,
    );
  }
  if (state === 'closed') return nothing('this pull request is closed', 'It asks for nothing any more.');
  if (runs.length === 0 && (state === 'merged' || gateOf !== undefined)) {
    const ended = await endedRun(view, pullRequest, gateOf);
    if (ended) return nothing(`${ended.name} has ended already, ${ended.status}`, NEW_REQUEST);
  }
  const branch = deps.settings.branch ?? 'main';
  if (runs.length === 0 && gateOf === undefined && base.branch !== branch) {
    return nothing(
      `it goes to ${base.branch}, and the fleet is what ${branch} says`,
      `Change its base to ${branch} first.`,
    );
  }
  const plan = await lastPublishedPlan(view, pullRequest);
  if (!plan) return nothing('no plan of its head is on show here', 'The next pass shows one, or says why it cannot.');
  if (!plan.devices.some(({ kind }) => kind === 'changing')) {
    return nothing('the plan that is on show changes nothing', 'There is nothing to approve.');
  }
  const waiting = runs.flatMap((run) => {
    const stage = waitingStage(run);
    return stage === undefined ? [] : [{ run, stage }];
  });
  const [first] = waiting;
  if (first) return { kind: 'asks', plan, ...first };
  const [run] = runs;
  return { kind: 'asks', plan, ...(run ? { run } : {}) };
}

const NEW_REQUEST = 'To change the switches again, merge another pull request.';

/** A batch is asked for on the page of its run, unless it has one of its own. */
function isBatchWithoutPage({ parent, gate }: Run, number: number): boolean {
  return parent !== undefined && gate !== number;
}

function nothing(why: string, next: string): Asking {
  return { kind: 'nothing', why, next };
}

async function endedRun(
  view: LedgerView,
  { mergeCommit }: PullRequest,
  gateOf: string | undefined,
): Promise<Run | undefined> {
  if (gateOf !== undefined) return view.run(gateOf);
  const names = mergeCommit === undefined ? [] : runsOfCommit(await view.runNames(), mergeCommit);
  const runs = await Promise.all(names.map((name) => view.run(name)));
  return runs.find((run) => run?.endedAt !== undefined);
}

/** Of the stages that people release, the one whose turn it is; nothing where all of them are behind. */
function waitingStage({ workflow, stages }: Run): string | undefined {
  return stages.find(
    ({ name, state }) =>
      stageNamed(workflow, name)?.waitsForApproval && (BEFORE.has(state) || state === 'PENDING_APPROVAL'),
  )?.name;
}

const BEFORE: ReadonlySet<string> = new Set(['NOT_STARTED', 'IN_PROGRESS']);

/** Whose rules decide, and what stands behind a page of ours. */
export interface DecidedBy {
  readonly rules: ApprovalRules;
  readonly behind?: DeployWork;
}

/**
 * As the pass decides by them: the rules of the commit before what is asked.
 *
 * @param tip Of the fleet's branch.
 * @throws {FleetInvalidError} What is asked is not valid any more.
 */
export async function readDecidedBy(
  deps: ReconcilerDeps,
  view: LedgerView,
  pullRequest: PullRequest,
  { plan, run }: Asking & { readonly kind: 'asks' },
  tip: string,
  signal: AbortSignal,
): Promise<DecidedBy> {
  const { repository, settings, forge } = deps;
  const between = run
    ? { before: run.base ?? (await repository.commitInfo(run.commit)).parents[0] ?? run.commit, after: run.commit }
    : { before: tip, after: await treeOfMerge(deps, pullRequest, tip, signal) };
  const name = run?.request ?? plan.request?.name;
  const input = { ...between, accessFrom: 'after' } as const;
  const { rulesBefore: rules } = await (name === undefined
    ? loadCommit(deps, view, input)
    : loadRequest(deps, view, { ...input, request: { name, path: `requests/${name}.yaml` } }));
  if (!run || runOfGate(pullRequest, settings) === undefined) return { rules };
  const { commit, workflow, pullRequest: merged } = run;
  const behind: DeployWork = {
    run: run.parent ?? run.name,
    workflow,
    commit,
    parent: between.before,
    ...(merged === undefined ? {} : { pullRequest: await forge.pullRequest(merged, signal) }),
  };
  return { rules, behind };
}

async function treeOfMerge(
  { repository }: Pick<ReconcilerDeps, 'repository'>,
  { number, head }: PullRequest,
  tip: string,
  signal: AbortSignal,
): Promise<string> {
  await repository.fetch([`refs/pull/${number}/head`], signal);
  const merged = await repository.mergeTrees(tip, head.commit);
  return merged.kind === 'merged' ? merged.tree : head.commit;
}
