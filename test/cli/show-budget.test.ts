import { expect, it } from 'vitest';
import { showBudget } from '../../cli/show-budget.ts';

const resetsAt = Date.UTC(2026, 10, 21, 10, 5);

it.each([
  [{ sent: 0, unchanged: 0 }, ''],
  [{ sent: 1, unchanged: 0 }, 'GitHub: 1 request\n'],
  [
    { sent: 14, unchanged: 9, remaining: 4991, limit: 5000, resetsAt },
    'GitHub: 14 requests, 9 of them free because nothing had changed; 4,991 of 5,000 left until 10:05 UTC\n',
  ],
  [{ sent: 1200, unchanged: 0, remaining: 0, limit: 5000 }, 'GitHub: 1,200 requests; 0 of 5,000 left\n'],
])('%o is shown as %s', (budget, shown) => {
  expect(showBudget(budget)).toBe(shown);
});
