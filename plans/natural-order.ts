/**
 * Orders names as people count: `swp2` before `swp10`. A total order that depends on nothing but the two texts. The
 * platform's collation would do for display, but it changes with ICU, and this order goes into digests.
 *
 * @returns Negative when `a` comes first, 0 only for equal texts.
 */
export function compareNaturally(a: string, b: string): number {
  if (a === b) return 0;
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (isDigit(a, i) && isDigit(b, j)) {
      const [from, other] = [skipZeros(a, i), skipZeros(b, j)];
      [i, j] = [endOfDigits(a, from), endOfDigits(b, other)];
      // As text: a run of digits may be longer than a number can hold.
      const difference = i - from - (j - other) || compareText(a.slice(from, i), b.slice(other, j));
      if (difference !== 0) return difference;
    } else {
      const difference = a.charCodeAt(i) - b.charCodeAt(j);
      if (difference !== 0) return difference;
      i += 1;
      j += 1;
    }
  }
  // `swp01` and `swp1` count the same and are not the same.
  return a.length - i - (b.length - j) || compareText(a, b);
}

/** Element by element; a path comes before what lies below it. */
export function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const difference = compareNaturally(a[index] as string, b[index] as string);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

function skipZeros(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 48) at += 1;
  return at;
}

function endOfDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text, at)) at += 1;
  return at;
}

/** By UTF-16 code unit, as JavaScript's `<` does. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
