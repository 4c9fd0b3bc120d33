import type { RequestBudget } from '../forge/forge.ts';

/** Requests of all passes together. Each pass has a forge of its own, which counts from nothing. */
export interface BudgetSum {
  /** What the forge of the next pass counts. */
  add(counted: () => RequestBudget): void;
  sum(): RequestBudget;
}

export function createBudgetSum(): BudgetSum {
  let before: RequestBudget = { sent: 0, unchanged: 0 };
  let current: () => RequestBudget = () => ({ sent: 0, unchanged: 0 });

  /** What the forge last said of its limit holds until it says otherwise. */
  function sum(): RequestBudget {
    const now = current();
    return { ...before, ...now, sent: before.sent + now.sent, unchanged: before.unchanged + now.unchanged };
  }

  return {
    add(counted) {
      before = sum();
      current = counted;
    },
    sum,
  };
}
