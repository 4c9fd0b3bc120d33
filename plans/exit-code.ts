import type { Plan } from './plan.ts';

/** What `pointsman plan` exits with: 0 nothing would change, 2 something would, 3 something is blocked. */
export function exitCodeOf(plan: Plan): 0 | 2 | 3 {
  if (plan.devices.some(({ kind }) => kind === 'blocked')) return 3;
  return plan.groups.length > 0 ? 2 : 0;
}
