/**
 * Where a person would put a new key among those of a map: numbered ones where they count (`swp3` behind `swp2`), all others
 * at the end. A range stands behind every key of its family, because of two ranges that overlap the later one wins.
 *
 * @param keys In the order of the text.
 * @returns The index it gets.
 */
export function placeAmong(keys: readonly string[], key: string): number {
  const own = numbered(key);
  if (!own) return keys.length;
  const family = keys.flatMap((other, index) => {
    const read = numbered(other);
    return read?.prefix === own.prefix ? [{ index, number: read.number }] : [];
  });
  const last = family.at(-1);
  if (!last) return keys.length;
  const isCounting = family.every(({ number }, at) => at === 0 || number >= (family[at - 1]?.number ?? number));
  const next = family.find(({ number }) => number > own.number);
  return own.isRange || !isCounting || !next ? last.index + 1 : next.index;
}

function numbered(
  key: string,
): { readonly prefix: string; readonly number: number; readonly isRange: boolean } | undefined {
  const groups = /^(?<prefix>[a-z_]*)(?<number>\d+)(?<rest>.*)$/i.exec(key)?.groups;
  if (!groups) return undefined;
  return {
    prefix: groups['prefix'] ?? '',
    number: Number(groups['number']),
    isRange: /[-,]/.test(groups['rest'] ?? ''),
  };
}
