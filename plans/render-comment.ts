import type { CommentContext } from './comment-context.ts';
import type { InvalidFleet, Plan } from './plan.ts';

/** Our comment on a pull request is found again by this, in its first line. */
export const STICKY_MARKER = 'pointsman:plan';

/** The one comment on a pull request. */
export function renderComment(subject: Plan | InvalidFleet, context: CommentContext): string {
  const digest = 'digest' in subject ? subject.digest : 'none';
  return `<!-- ${STICKY_MARKER} v1 pr=${context.pullRequest} digest=${digest} -->\n`;
}
