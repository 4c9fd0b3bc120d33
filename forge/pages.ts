import type { RawAnswer } from './classify-answer.ts';

/** As many as GitHub gives. */
export const PER_PAGE = 100;

/** The address of the next page by the Link header (RFC 8288); `elsewhere` when following it would take the token to another host. */
export function nextPage({ headers }: RawAnswer, api: string): string | undefined {
  const next = /<([^<>]+)>;\s*rel="next"/.exec(String(headers['link'] ?? ''))?.[1];
  if (!next) return undefined;
  return URL.canParse(next) && new URL(next).origin === new URL(api).origin ? next : 'elsewhere';
}

/**
 * One more item makes such a page a page with another one behind it, and leaves what it holds as it is. An entity tag of what
 * it holds would still fit, and the list would end early without a word.
 */
export function isFullLastPage({ data, headers }: RawAnswer): boolean {
  if (/rel="next"/.test(String(headers['link'] ?? ''))) return false;
  const lists = Array.isArray(data) ? [data] : Object.values(data ?? {});
  return lists.some((list) => Array.isArray(list) && list.length >= PER_PAGE);
}
