import type { Publication } from '../schemas/publication.ts';

/**
 * Whether a reviewer who spoke at `reviewedAt` had exactly this plan before their eyes, and nothing else has been shown
 * since: it was published strictly before, and every other plan strictly before that. A plan that was replaced and came
 * back has to be approved again. Within one second of the forge's clock nothing is known about order.
 *
 * @param reviewedAt Milliseconds since the epoch, by the forge's clock.
 * @returns `undefined` when so, otherwise why not.
 */
export function whyNotShownBefore(
  digest: string,
  publications: readonly Publication[],
  reviewedAt: number,
): string | undefined {
  const own = publications.filter((publication) => publication.digest === digest).map(inSeconds);
  if (own.length === 0) return 'this plan was never published';
  const others = publications.filter((publication) => publication.digest !== digest);
  const lastOther = Math.max(Number.NEGATIVE_INFINITY, ...others.map(inSeconds));
  const reviewed = secondOf(reviewedAt);
  const standing = own.filter((at) => at > lastOther);
  if (standing.length === 0) return 'another plan was published after this one';
  if (standing.some((at) => at < reviewed)) return undefined;
  return own.some((at) => at < reviewed)
    ? 'another plan was published since, before this one came back'
    : 'it was given before this plan was published';
}

function inSeconds({ publishedAt }: Publication): number {
  return secondOf(publishedAt);
}

/** Forges tell time in whole seconds. */
function secondOf(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
