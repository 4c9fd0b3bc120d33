import { minuteOf } from '../../plans/words.ts';
import { checkSchedule, type ScheduleState } from '../../reconciler/check-schedule.ts';
import { composeReconciler } from '../compose.ts';
import type { RemoteOptions } from '../connect.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { parseDuration } from '../parse-duration.ts';

/** `pointsman alive`: whether the schedule still fires. 0: it does; 1: it does not, and an alarm issue is open. */
export async function aliveCommand(
  io: Io,
  { within, workflow, ...remote }: RemoteOptions & { readonly within: string; readonly workflow: string },
): Promise<ExitCode> {
  const withinMilliseconds = parseDuration(within, '--within');
  if (!/^[^/\\]+\.ya?ml$/.test(workflow)) {
    throw new UsageError({
      problem: `--workflow is ${JSON.stringify(workflow)}`,
      next: 'Give the name of a file in .github/workflows, for example pointsman.yml.',
    });
  }
  const deps = await composeReconciler(io, remote);
  const state = await checkSchedule(deps, { workflowFile: workflow, withinMilliseconds }, io.signal);
  io.out(deps.redact(`${wordsFor(state, workflow, within)}\n`));
  return state.kind === 'alive' ? 0 : 1;
}

function wordsFor(state: ScheduleState, workflow: string, within: string): string {
  switch (state.kind) {
    case 'alive':
      return `Alive: the schedule of ${workflow} fired at ${minuteOf(state.lastAt)}.`;
    case 'late':
      return `Not alive: the schedule of ${workflow} fired last at ${minuteOf(state.lastAt)}, more than ${within} ago. An alarm issue is open.`;
    case 'never':
      return `Not alive: the schedule of ${workflow} has never fired. An alarm issue is open.`;
    default:
      return state satisfies never;
  }
}
