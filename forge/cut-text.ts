/**
 * The text, or as much of its beginning as fits with an ellipsis behind it.
 *
 * @param longest In UTF-16 units, which are never fewer than the characters GitHub counts. No surrogate pair is cut in two.
 */
export function cutText(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const end = longest - 1;
  const splits = /[\uD800-\uDBFF]/.test(text[end - 1] ?? '');
  return `${text.slice(0, splits ? end - 1 : end)}…`;
}
