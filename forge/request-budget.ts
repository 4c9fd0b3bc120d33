import type { RequestBudget } from './forge.ts';

/**
 * What an answer says about the hour. Only of REST: what is left for GraphQL is counted apart.
 *
 * Source: GitHub's documentation, "Rate limits for the REST API".
 */
export function budgetIn(headers: Headers): Pick<RequestBudget, 'remaining' | 'limit' | 'resetsAt'> {
  if ((headers.get('x-ratelimit-resource') ?? 'core') !== 'core') return {};
  const remaining = numberIn(headers, 'x-ratelimit-remaining');
  const limit = numberIn(headers, 'x-ratelimit-limit');
  const reset = numberIn(headers, 'x-ratelimit-reset');
  return {
    ...(remaining === undefined ? {} : { remaining }),
    ...(limit === undefined ? {} : { limit }),
    ...(reset === undefined ? {} : { resetsAt: reset * 1000 }),
  };
}

function numberIn(headers: Headers, name: string): number | undefined {
  const value = Number(headers.get(name) ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}
