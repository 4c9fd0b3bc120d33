import type { CommentContext } from './comment-context.ts';
import type { CommentDetail } from './comment-detail.ts';
import type { Plan, PlannedRequest } from './plan.ts';
import { code, cutMiddle, prose } from './safe-text.ts';
import { count, minuteOf } from './words.ts';

/** The file that asks for a plan: why, for how many switches, and what it says of when. */
export function renderRequest(
  { request, workflow, devices }: Plan,
  { sentence }: Pick<CommentDetail, 'sentence'>,
): readonly string[] {
  if (!request) return [];
  const facts = [`Its targets are ${count(devices.length, 'device')}`, ...whenInWords(request)];
  return [
    `**Request ${code(request.name)}** for ${code(workflow)}: ${prose(cutMiddle(request.reason, sentence))}`,
    '',
    facts.join(' · '),
    '',
  ];
}

function whenInWords(request: PlannedRequest): readonly string[] {
  const { backTo, notBefore, schedule, outsideWindows, evenWhenPaused } = request;
  return [
    ...(backTo === undefined ? [] : [`back to ${prose(backTo)}`]),
    ...(notBefore === undefined ? [] : [`not before ${minuteOf(notBefore)}`]),
    ...(schedule === undefined ? [] : [`by the schedule ${code(schedule)}`]),
    ...(outsideWindows ? ['**does not wait for maintenance windows**'] : []),
    ...(evenWhenPaused ? ['**done though automation is paused**'] : []),
  ];
}

/** Sites named in a sentence; how each stands is in the simulation. */
const SITES_NAMED = 3;

/** Where nothing would begin now, and why. */
export function renderOutlook(
  { closed = [] }: Pick<CommentContext, 'closed'>,
  { sentence }: Pick<CommentDetail, 'sentence'>,
): readonly string[] {
  if (closed.length === 0) return [];
  const shown = closed
    .slice(0, SITES_NAMED)
    .map(({ site, why }) => `${code(site)}, which is ${prose(cutMiddle(why, Math.min(sentence, 200)))}`);
  const more = closed.length - shown.length;
  const rest = more > 0 ? `; and ${count(more, 'more site')}` : '';
  return [`**Nothing would begin now** at ${shown.join('; ')}${rest}`, ''];
}
