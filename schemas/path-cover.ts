import type { TreePath } from './json.ts';

/**
 * Places in a configuration, as people write them: `service.ntp`, `interface.*.description`. A part may hold `*`, which stands
 * for any characters of one key, and what stands below such a place belongs to it.
 *
 * @returns Whether the path is at or below one of them. What stands above is not: taking it away takes more away.
 */
export function covers(places: readonly string[], path: TreePath): boolean {
  return places.some((place) => {
    const parts = place.split('.');
    return parts.length <= path.length && parts.every((part, index) => matchesKey(part, path[index] ?? ''));
  });
}

/**
 * Why a place is too wide to be decided about for good: it names nothing but the top of a configuration. `undefined` for one
 * that is narrow.
 */
export function whyTooWide(place: string): string | undefined {
  const [top = '', ...below] = place.split('.');
  if (top === '' || top.includes('*')) return 'its first part has to be a name without *';
  if (below.length === 0) return `it is all of ${top}`;
  return below.some((part) => part !== '' && !part.includes('*')) ? undefined : `it can be all of ${top}`;
}

function matchesKey(part: string, key: string): boolean {
  if (!part.includes('*')) return part === key;
  const pattern = part.split('*').map((text) => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`, 's').test(key);
}
