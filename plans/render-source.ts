import type { Plan } from './plan.ts';
import { code } from './safe-text.ts';
import { shortCommit, shortDigest, spanOf } from './words.ts';

/** What a plan was made from. */
export function renderWhatFrom({ digest, source }: Plan): string {
  const { head, base, readFrom, readTo } = source;
  const made = `**Plan ${code(shortDigest(digest))}** of ${code(shortCommit(head))} onto ${code(shortCommit(base))}`;
  const read = readFrom === undefined ? [] : [`switches read ${spanOf(readFrom, readTo ?? readFrom)}`];
  return [made, ...read].join(' · ');
}
