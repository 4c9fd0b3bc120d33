import type { Forge } from '../forge/forge.ts';
import { code } from '../plans/safe-text.ts';
import { minuteOf } from '../plans/words.ts';
import type { Clock } from '../schemas/clock.ts';

/** Whether the schedule that makes sure of a pass still fires. */
export type ScheduleState =
  | { readonly kind: 'alive'; readonly lastAt: number; readonly url: string }
  | { readonly kind: 'late'; readonly lastAt: number; readonly url: string }
  | { readonly kind: 'never' };

export interface ScheduleQuestion {
  /** File in `.github/workflows/` that has the schedule, for example `pointsman.yml`. */
  readonly workflowFile: string;
  readonly withinMilliseconds: number;
}

const MARKER = '<!-- pointsman:alarm:schedule -->';

/**
 * Looks when the schedule fired last, and keeps one alarm issue open as long as that is too long ago. Whoever runs this was
 * started by something else than that schedule, or by its first run after a while, which closes the alarm.
 */
export async function checkSchedule(
  { forge, clock }: { readonly forge: Pick<Forge, 'latestScheduledRun' | 'raiseAlarm'>; readonly clock: Clock },
  question: ScheduleQuestion,
  signal: AbortSignal,
): Promise<ScheduleState> {
  const { workflowFile, withinMilliseconds } = question;
  const last = await forge.latestScheduledRun(workflowFile, signal);
  const late = last === undefined || clock.now() - last.startedAt > withinMilliseconds;
  const state: ScheduleState =
    last === undefined ? { kind: 'never' } : { kind: late ? 'late' : 'alive', lastAt: last.startedAt, url: last.url };
  await forge.raiseAlarm(MARKER, state.kind === 'alive' ? undefined : alarmFor(question, state), signal);
  return state;
}

function alarmFor(
  { workflowFile }: ScheduleQuestion,
  state: Exclude<ScheduleState, { readonly kind: 'alive' }>,
): { readonly title: string; readonly body: string } {
  const since =
    state.kind === 'never'
      ? `${code(workflowFile)} has never been started by its schedule.`
      : `${code(workflowFile)} was last started by its schedule at ${minuteOf(state.lastAt)}: ${state.url}`;
  return {
    title: 'Pointsman: the schedule does not fire',
    // Says nothing that changes with every look, or each would edit it.
    body: [
      MARKER,
      `${since}`,
      '',
      'Pushes, reviews and comments still start passes. What waits for nothing but time does not go on: retries, drift, expired leases, events GitHub lost.',
      '',
      '**What to do**',
      '',
      `1. On the Actions page, open the workflow and enable it if it says that it is disabled. GitHub disables schedules of public repositories after 60 days without activity.`,
      '2. See that its file is on the default branch and has its `schedule`.',
      '3. Look at githubstatus.com: schedules are late when Actions is busy.',
      '',
      'The next pass that its schedule starts closes this issue.',
    ].join('\n'),
  };
}
