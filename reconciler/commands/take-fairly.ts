/**
 * As many as fit, each author's first before anybody's second: whoever writes a thousand commands waits for themselves, and
 * a word from somebody else is heard in the same pass.
 *
 * @param asked Oldest first.
 * @returns Oldest first.
 */
export function takeFairly<Asked extends { readonly comment: { readonly author: string } }>(
  asked: readonly Asked[],
  most: number,
): readonly Asked[] {
  const before = new Map<string, number>();
  const turns = asked.map((one) => {
    const author = one.comment.author.toLowerCase();
    const turn = before.get(author) ?? 0;
    before.set(author, turn + 1);
    return { one, turn };
  });
  const taken = new Set(turns.toSorted((a, b) => a.turn - b.turn).slice(0, most));
  return turns.filter((entry) => taken.has(entry)).map(({ one }) => one);
}
