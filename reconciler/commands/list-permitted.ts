import { type Asker, type CommandScope, mayCommand } from '../../approvals/command-permissions.ts';
import { COMMAND_USAGE, type CommandVerb } from '../../approvals/commands.ts';
import type { PullRequest } from '../../forge/forge.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import { isPaused } from '../../ledger/legal-moves.ts';
import { code } from '../../plans/safe-text.ts';
import { shortDigest } from '../../plans/words.ts';
import type { Permissions, PermittedVerb } from '../../schemas/fleet.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { lastPublishedPlan } from '../publish-plan.ts';
import type { Answer } from './answer.ts';
import { findAsking } from './asking-page.ts';
import { decideRetry } from './decide-retry.ts';
import { isFromFork } from './plan-again.ts';
import { SCOPE_OF_PLANNING, scopeOfPlan, scopeOfRun, scopeOfSites } from './scope.ts';

const MOST_RUNS = 5;

/** What somebody may do on a pull request as things stand, written out so that it can be copied. */
export async function listPermitted(
  deps: Pick<ReconcilerDeps, 'settings'>,
  view: LedgerView,
  pullRequest: PullRequest,
  { asker, permissions }: { readonly asker: Asker; readonly permissions: Permissions | undefined },
): Promise<Answer> {
  const possible: readonly Possible[] = [
    ...planningOf(deps, pullRequest),
    ...(await explainingOf(view, pullRequest)),
    ...(await verdictsOf(deps, view, pullRequest)),
    ...(await runsOf(view)),
    { verb: 'help', as: 'help', text: COMMAND_USAGE.help.form, scope: scopeOfSites([]) },
  ];
  const may = possible.filter(({ as, scope }) => mayCommand(as, asker, scope, permissions).kind === 'permitted');
  return {
    verdict: 'done',
    why: 'this is what you may do here now',
    lines: may.map(({ verb, text }) => `- ${code(text)}: ${COMMAND_USAGE[verb].does}`),
  };
}

interface Possible {
  readonly verb: CommandVerb;
  /** What the rules call it. */
  readonly as: PermittedVerb;
  readonly text: string;
  readonly scope: CommandScope;
}

function planningOf(deps: Pick<ReconcilerDeps, 'settings'>, pullRequest: PullRequest): readonly Possible[] {
  const { state, base, head } = pullRequest;
  if (state !== 'open' || base.branch !== (deps.settings.branch ?? 'main')) return [];
  const scope = SCOPE_OF_PLANNING;
  if (!isFromFork(pullRequest, deps)) return [{ verb: 'plan', as: 'plan', text: '/pointsman plan', scope }];
  return [{ verb: 'plan', as: 'plan_fork', text: `/pointsman plan ${head.commit}`, scope }];
}

async function explainingOf(view: LedgerView, pullRequest: PullRequest): Promise<readonly Possible[]> {
  const devices = (await lastPublishedPlan(view, pullRequest))?.devices ?? [];
  const [first] = devices;
  if (!first) return [];
  const text = devices.length === 1 ? `/pointsman explain ${first.device}` : COMMAND_USAGE.explain.form;
  return [{ verb: 'explain', as: 'explain', text, scope: scopeOfSites([first.site]) }];
}

async function verdictsOf(
  deps: Pick<ReconcilerDeps, 'settings'>,
  view: LedgerView,
  pullRequest: PullRequest,
): Promise<readonly Possible[]> {
  const asking = await findAsking(deps, view, pullRequest);
  if (asking.kind === 'nothing' || (asking.run && asking.stage === undefined)) return [];
  const scope = scopeOfPlan(asking.plan);
  return [
    { verb: 'approve', as: 'approve', text: `/pointsman approve ${shortDigest(asking.plan.digest)}`, scope },
    { verb: 'reject', as: 'reject', text: '/pointsman reject', scope },
  ];
}

/** Batches are left to the run they are of. */
async function runsOf(view: LedgerView): Promise<readonly Possible[]> {
  const open = (await view.openRuns()).filter((run) => run.parent === undefined && !run.endWanted);
  return open.slice(0, MOST_RUNS).flatMap((run) => {
    const again = decideRetry(run, undefined, { by: '', now: 0 }).kind === 'move' ? (['retry'] as const) : [];
    const verbs = [...again, isPaused(run.status) ? 'resume' : 'pause', 'terminate'] as const;
    const scope = scopeOfRun(run);
    return verbs.map((verb) => ({ verb, as: verb, text: `/pointsman ${verb} ${run.name}`, scope }));
  });
}
