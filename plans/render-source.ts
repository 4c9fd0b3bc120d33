import type { Plan } from './plan.ts';
import { code } from './safe-text.ts';
import { shortCommit, shortDigest, spanOf } from './words.ts';

/** What a plan was made from, and with that how long it is good for. */
export function renderWhatFrom({ digest, source, groups }: Plan): string {
  const { head, base, readFrom, readTo } = source;
  const made = `**Plan ${code(shortDigest(digest))}** of ${code(shortCommit(head))} onto ${code(shortCommit(base))}`;
  const read = readFrom === undefined ? [] : [`switches read ${spanOf(readFrom, readTo ?? readFrom)}`];
  const valid = groups.length === 0 ? [] : ['valid as long as this head and what would change stay as they are'];
  return [made, ...read, ...valid].join(' · ');
}
