import { aliveCommand } from '../commands/alive.ts';
import { matrixCommand } from '../commands/matrix.ts';
import { planCommand } from '../commands/plan.ts';
import { reconcileCommand } from '../commands/reconcile.ts';
import { validateCommand } from '../commands/validate.ts';
import type { ExitCode, Io } from '../io.ts';
import { runCommand } from '../run-command.ts';
import type { ActionTask } from './read-order.ts';

/** The command a task names, as the command line would run it with `--json`. Never throws. */
export function performTask(io: Io, task: ActionTask, cache: string): Promise<ExitCode> {
  return runCommand(io, () => {
    switch (task.command) {
      case 'plan':
        return planCommand(io, undefined, undefined, {
          pr: task.pullRequest,
          fleet: '.',
          cache,
          json: true,
          ...reach(task.sites),
        });
      case 'reconcile':
        return reconcileCommand(io, { cache, json: true, ...reach(task.sites) });
      case 'matrix':
        return matrixCommand(io, { all: false, cache });
      case 'validate':
        return validateCommand(io, undefined, { ref: task.ref, fleet: '.', cache, json: true });
      case 'alive':
        return aliveCommand(io, { within: task.within, workflow: task.workflow, cache });
      default:
        return task satisfies never;
    }
  });
}

function reach(sites: readonly string[] | undefined): { readonly site?: readonly string[] } {
  return sites === undefined ? {} : { site: sites };
}
