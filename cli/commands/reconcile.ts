import { count } from '../../plans/words.ts';
import { tally } from '../../reconciler/deploy/apply-stage.ts';
import { type PassReport, runPass } from '../../reconciler/pass.ts';
import { composeReconciler, type ReachOptions } from '../compose.ts';
import type { ExitCode, Io } from '../io.ts';
import { withProgress } from '../progress.ts';
import { renderErrorDocument } from '../render-error.ts';
import { requireRunners } from '../require-runners.ts';
import { showBudget } from '../show-budget.ts';

/**
 * `pointsman reconcile`: one pass. 0: nothing failed; 1: something could not be done now; 3: something waits for a person.
 * Away from a terminal it is quiet until its report: what happens meanwhile is on the ledger and in the log.
 */
export async function reconcileCommand(io: Io, options: ReachOptions & { readonly json: boolean }): Promise<ExitCode> {
  const { report, text, spent } = await withProgress(io, async (progress) => {
    const deps = await composeReconciler(io, options, (line) => progress.show(line));
    await requireRunners(deps, options.site, io.signal);
    const report = await runPass(deps, io.signal);
    const budget = deps.forge.budget();
    deps.log.info({ ...budget }, 'requests to github counted');
    const shown = options.json ? `${JSON.stringify({ ...report, budget }, undefined, 2)}\n` : renderPass(report);
    return { report, text: deps.redact(shown), spent: options.json ? '' : showBudget(budget) };
  });
  io.out(text);
  io.say(spent);
  return exitCodeOfPass(report);
}

function exitCodeOfPass({ commands, runs, failures }: PassReport): ExitCode {
  if (commands.some(({ kind }) => kind === 'left')) return 1;
  if (failures.length > 0 || runs.some((run) => run.kind === 'ended' && run.status !== 'COMPLETED')) return 1;
  if (runs.some((run) => run.kind === 'waiting' && run.failed)) return 1;
  return runs.some(({ kind }) => kind === 'waiting') ? 3 : 0;
}

function renderPass({ commands, runs, leftOut, pullRequests, failures }: PassReport): string {
  const lines = [
    ...commands.map((command) =>
      command.kind === 'left'
        ? `#${command.pullRequest}: a command of ${command.by} could not be dealt with: ${command.error.message}`
        : `#${command.pullRequest}: a command of ${command.by} was ${command.kind}: ${command.why}`,
    ),
    ...runs.map((run) =>
      run.kind === 'ended'
        ? `${run.run}: ${run.status.toLowerCase()} (pointsman show ${run.run})`
        : `${run.run}: waits, ${run.why}${run.next === undefined ? '' : `\n  next: ${run.next}`}`,
    ),
    ...leftOut.map(({ schedule, why }) => `schedule ${schedule}: ${why}`),
    ...pullRequests.map((found) => {
      switch (found.kind) {
        case 'planned':
          return `#${found.number}: planned, ${tally(found.plan.devices.map(({ kind }) => kind))}`;
        case 'current':
          return `#${found.number}: the plan that is shown still stands`;
        case 'requested':
          return `#${found.number}: ${count(found.simulations.length, 'request')} that only read, nothing to plan`;
        case 'invalid':
          return `#${found.number}: ${count(found.problems.length, 'problem')}, see the comment there`;
        case 'skipped':
          return `#${found.number}: not planned, ${found.why}`;
        default:
          return found satisfies never;
      }
    }),
  ];
  const failed = failures.map(
    ({ about, error }) => `${about}\n  ${renderErrorDocument(error).trimEnd().replaceAll('\n', '\n  ')}`,
  );
  if (lines.length + failed.length === 0) return 'Nothing is due.\n';
  return `${[...lines, ...failed].join('\n')}\n`;
}
