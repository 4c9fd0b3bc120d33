/**
 * Where something belongs in a sorted list: the first index whose item does not come before it. A run may hold thousands
 * of devices and as many events about them, so looking through all of them for each would cost the square.
 *
 * @param comesBefore True for items that stand before the wanted place, then false for all others.
 */
export function placeIn<Item>(list: readonly Item[], comesBefore: (item: Item) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comesBefore(list[middle] as Item)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Order of UTF-16 code units: the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
