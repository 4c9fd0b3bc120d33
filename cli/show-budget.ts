import type { RequestBudget } from '../forge/forge.ts';

/**
 * One line on what was asked of the forge: `GitHub: 14 requests, 9 of them free because nothing had changed; 4,991 of 5,000
 * left until 10:00 UTC`.
 *
 * @returns Nothing when nothing was asked.
 */
export function showBudget({ sent, unchanged, remaining, limit, resetsAt }: RequestBudget): string {
  if (sent === 0) return '';
  const requests = sent === 1 ? '1 request' : `${grouped(sent)} requests`;
  const free = unchanged === 0 ? '' : `, ${grouped(unchanged)} of them free because nothing had changed`;
  if (remaining === undefined || limit === undefined) return `GitHub: ${requests}${free}\n`;
  const until = resetsAt === undefined ? '' : ` until ${new Date(resetsAt).toISOString().slice(11, 16)} UTC`;
  return `GitHub: ${requests}${free}; ${grouped(remaining)} of ${grouped(limit)} left${until}\n`;
}

function grouped(number: number): string {
  return number.toLocaleString('en-US');
}
