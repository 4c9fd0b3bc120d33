import { isTree, type Tree, type TreePath } from '../../schemas/json.ts';

/**
 * The places a 400 names, in the switch's words.
 *
 * Shape relied on: `{ validation: { selected_errors: [ { error, instanceLocation } ] } }`; every other key is ignored.
 */
export function refusalsOf(json: unknown): readonly { readonly location: string; readonly words: string }[] {
  const validation = isTree(json) ? (json as { validation?: unknown }).validation : undefined;
  const errors = isTree(validation) ? (validation as { selected_errors?: unknown }).selected_errors : undefined;
  if (!Array.isArray(errors)) return [];
  return errors.filter(isTree).map((entry: Tree) => ({
    location: textOf(entry['instanceLocation']) ?? '',
    words: textOf(entry['error']) ?? textOf(entry['message']) ?? 'refused',
  }));
}

/** The most telling words of an error body, or `undefined` when there are none. */
export function wordsOf(json: unknown): string | undefined {
  const refusals = refusalsOf(json);
  if (refusals.length > 0) {
    return refusals.map(({ location, words }) => (location ? `${location}: ${words}` : words)).join('; ');
  }
  if (!isTree(json)) return undefined;
  return textOf(json['detail']) ?? textOf(json['message']) ?? textOf(json['title']);
}

/**
 * Where in a tree the switch means. It writes JSON pointers (`/interface/swp1/mtu`) at staging and dotted paths
 * (`vrf.default.router.bgp`) at apply; a dot may also be part of a key (`10.0.0.1`, `swp1.100`), so the longest keys the
 * tree has win.
 *
 * @param tree What was sent. Without it every dot separates.
 */
export function locate(location: string, tree: Tree | undefined): TreePath {
  if (location.startsWith('/') || location.startsWith('#')) {
    const pointer = decodePercent(location.replace(/^#/, ''));
    return pointer
      .split('/')
      .slice(1)
      .filter((element) => element !== '')
      .map((element) => element.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  const path: string[] = [];
  let node: unknown = tree;
  let rest = location === '' ? [] : location.split('.');
  while (rest.length > 0) {
    const here = node;
    let length = 1;
    for (let longer = rest.length; longer > 1; longer -= 1) {
      if (isTree(here) && Object.hasOwn(here, rest.slice(0, longer).join('.'))) {
        length = longer;
        break;
      }
    }
    const key = rest.slice(0, length).join('.');
    path.push(key);
    node = isTree(here) && Object.hasOwn(here, key) ? here[key] : undefined;
    rest = rest.slice(length);
  }
  return path;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A stray percent sign: the switch did not encode it.
  }
}
