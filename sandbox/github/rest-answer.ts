/** What a REST call is answered with, before paging and headers. */
export type RestAnswer =
  | { readonly kind: 'body'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'empty'; readonly status: number }
  /** A list that is cut into pages; `wrap` when GitHub puts it into an object. */
  | {
      readonly kind: 'list';
      readonly items: readonly unknown[];
      readonly wrap?: (page: readonly unknown[], total: number) => unknown;
      /** GitHub turns the pages of this list by a cursor instead of by number. */
      readonly cursorOf?: (item: unknown) => string;
    };

export function ok(body: unknown, status = 200): RestAnswer {
  return { kind: 'body', status, body };
}

export function pages(items: readonly unknown[]): RestAnswer {
  return { kind: 'list', items };
}

export interface Page {
  readonly body: unknown;
  /** Value of the Link header; absent when there is one page. */
  readonly link?: string;
}

/**
 * One page of a list.
 *
 * @param largest Items a page may have, whatever is asked; 100 at GitHub.
 *
 * Source: GitHub's REST documentation, "Using pagination": `per_page` is 30 unless given and at most 100; `Link` names the
 * pages around this one and is absent when there is nothing to turn to.
 */
export function cutPage(list: Extract<RestAnswer, { kind: 'list' }>, url: URL, largest: number): Page {
  const perPage = Math.min(largest, Math.max(1, Number(url.searchParams.get('per_page')) || 30));
  return list.cursorOf ? cutByCursor(list, list.cursorOf, url, perPage) : cutByNumber(list, url, perPage);
}

function cutByNumber(list: Extract<RestAnswer, { kind: 'list' }>, url: URL, perPage: number): Page {
  const page = Math.max(1, Number(url.searchParams.get('page')) || 1);
  const last = Math.max(1, Math.ceil(list.items.length / perPage));
  const items = list.items.slice((page - 1) * perPage, page * perPage);
  const to = (number: number, rel: string) => linkTo(url, { page: String(number) }, rel);
  const links = [
    ...(page > 1 ? [to(page - 1, 'prev')] : []),
    ...(page < last ? [to(page + 1, 'next'), to(last, 'last')] : []),
    ...(page > 1 ? [to(1, 'first')] : []),
  ];
  return { body: wrapped(list, items), ...(links.length > 0 ? { link: links.join(', ') } : {}) };
}

function cutByCursor(
  list: Extract<RestAnswer, { kind: 'list' }>,
  cursorOf: (item: unknown) => string,
  url: URL,
  perPage: number,
): Page {
  const after = url.searchParams.get('after');
  const from = after ? list.items.findIndex((item) => cursorOf(item) === after) + 1 : 0;
  const items = list.items.slice(from, from + perPage);
  const more = from + perPage < list.items.length;
  const link = more ? linkTo(url, { after: cursorOf(items.at(-1)) }, 'next') : undefined;
  return { body: wrapped(list, items), ...(link ? { link } : {}) };
}

function wrapped(list: Extract<RestAnswer, { kind: 'list' }>, page: readonly unknown[]): unknown {
  return list.wrap ? list.wrap(page, list.items.length) : page;
}

function linkTo(url: URL, parameters: Readonly<Record<string, string>>, rel: string): string {
  const to = new URL(url);
  for (const [name, value] of Object.entries(parameters)) to.searchParams.set(name, value);
  return `<${to}>; rel="${rel}"`;
}
