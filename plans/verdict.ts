import type { BatchView, CommentContext, RunView } from './comment-context.ts';
import { careOf } from './group-devices.ts';
import { countOutcomes, outcomesOf } from './outcome-counts.ts';
import type { Plan } from './plan.ts';
import { count } from './words.ts';

/** The first thing anybody reads, as plain text: how it stands, in one line. */
export function verdictOf(plan: Plan, context: Pick<CommentContext, 'approval' | 'run' | 'movedTo'>): string {
  const { run, approval, movedTo } = context;
  if (run && isUnderWay(run)) return verdictOfRun(run);
  if (movedTo) return `Not applied: another approval is needed, in #${movedTo.pullRequest}`;
  return verdictOfPlan(plan, approval?.summary);
}

/** A run that waits for its approval has nothing to tell yet that the plan does not. */
function isUnderWay({ devices, lease, status, hold, batches = [] }: RunView): boolean {
  return (
    lease !== undefined ||
    hold !== undefined ||
    status !== 'RUNNING' ||
    devices.some(({ outcome }) => outcome) ||
    batches.some(({ state }) => state !== 'waiting')
  );
}

function verdictOfPlan({ groups, devices, batches = [] }: Plan, approval: string | undefined): string {
  const changing = devices.filter(({ kind }) => kind === 'changing').length;
  const blocked = devices.filter(({ kind }) => kind === 'blocked').length;
  const care = groups.filter((group) => careOf(group) > 0).reduce((sum, group) => sum + group.devices.length, 0);
  const parts = [
    changing > 0
      ? `${count(changing, 'device changes', 'devices change')}${batches.length > 1 ? ` in ${count(batches.length, 'batch', 'batches')}` : ''}`
      : blocked > 0
        ? 'no change'
        : 'nothing changes',
    ...(care > 0 ? [`${care} ${care === 1 ? 'needs' : 'need'} care`] : []),
    ...(blocked > 0 ? [`${blocked} blocked`] : []),
    ...(changing > 0 && approval !== undefined ? [approval] : []),
  ];
  return `Plan: ${parts.join(', ')}`;
}

const ENDED_AS: Readonly<Record<RunView['status'], string>> = {
  RUNNING: 'Applying',
  PAUSED: 'Paused',
  COMPLETED: 'Applied',
  REJECTED: 'Rejected',
  FAILED: 'Failed',
  TERMINATED: 'Terminated',
  TIMED_OUT: 'Timed out',
};

function verdictOfRun(run: RunView): string {
  const { status } = run;
  const { counts, of } = outcomesOf(run);
  const parts = [...countOutcomes(counts)];
  const open = of - Object.values(counts).reduce((sum, number) => sum + number, 0);
  if (open > 0) parts.push(`${open} ${status === 'RUNNING' || status === 'PAUSED' ? 'to go' : 'not reached'}`);
  if (of === 0) return `${stateOfRun(run)}: no device was touched`;
  return `${stateOfRun(run)}: ${parts.join(', ')}, of ${count(of, 'device')}`;
}

/** `Applying`, `Held`, `Stopped after batch 3 of 9`: a run that goes on is not always at work. */
function stateOfRun({ status, stages, hold, batches = [] }: RunView): string {
  if (status !== 'RUNNING') return ENDED_AS[status];
  const at = (...states: readonly BatchView['state'][]) => batches.find(({ state }) => states.includes(state));
  const batch = (found: BatchView | undefined, how: string) =>
    found ? ` ${how}batch ${found.number} of ${batches.length}` : '';
  const running = at('running');
  if (running) return `Applying${batch(running, '')}`;
  if (stages.some(({ state }) => state === 'FAILED')) return `Stopped${batch(at('failed'), 'after ')}`;
  const asks = at('asks');
  if (asks) return `Waiting for an approval${batch(asks, 'before ')}`;
  if (hold || at('held')) return `Held${batch(at('held') ?? at('waiting'), 'before ')}`;
  return ENDED_AS.RUNNING;
}
