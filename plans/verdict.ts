import type { CommentContext, RunView } from './comment-context.ts';
import { careOf } from './group-devices.ts';
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
function isUnderWay({ devices, lease, status }: RunView): boolean {
  return lease !== undefined || status !== 'RUNNING' || devices.some(({ outcome }) => outcome);
}

function verdictOfPlan({ groups, devices }: Plan, approval: string | undefined): string {
  const changing = devices.filter(({ kind }) => kind === 'changing').length;
  const blocked = devices.filter(({ kind }) => kind === 'blocked').length;
  const care = groups.filter((group) => careOf(group) > 0).reduce((sum, group) => sum + group.devices.length, 0);
  const parts = [
    changing > 0 ? count(changing, 'device changes', 'devices change') : blocked > 0 ? 'no change' : 'nothing changes',
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

/** The order people need it in: what went wrong, and how badly, before what went well. */
const OUTCOME_WORDS = {
  unknown: 'in an unknown state',
  faulty: 'applied with errors',
  reverted: 'reverted',
  untouched: 'untouched',
  applied: 'applied',
  'in-sync': 'already as intended',
} as const;

function verdictOfRun({ status, devices }: RunView): string {
  const parts = Object.entries(OUTCOME_WORDS).flatMap(([kind, words]) => {
    const number = devices.filter(({ outcome }) => outcome?.kind === kind).length;
    return number > 0 ? [`${number} ${words}`] : [];
  });
  const open = devices.filter(({ outcome }) => !outcome).length;
  if (open > 0) parts.push(`${open} ${status === 'RUNNING' || status === 'PAUSED' ? 'to go' : 'not reached'}`);
  if (devices.length === 0) return `${ENDED_AS[status]}: no device was touched`;
  return `${ENDED_AS[status]}: ${parts.join(', ')}, of ${count(devices.length, 'device')}`;
}
