/** What GitHub's REST API answers for reactions. Source: its description 2022-11-28. */
import { type BodyContext, isoTime, nodeId, userOf } from './people-bodies.ts';
import { REACTIONS, type Reaction } from './state.ts';

export function givenTo({ state }: BodyContext, comment: number): readonly Reaction[] {
  return state.reactions.filter((reaction) => reaction.comment === comment);
}

export function reactionBody(context: BodyContext, reaction: Reaction) {
  return {
    id: reaction.id,
    node_id: nodeId('REA', reaction.id),
    user: userOf(context, reaction.author),
    content: reaction.content,
    created_at: isoTime(reaction.at),
  };
}

/** How many of each, as it hangs on what they were given to. */
export function reactionsBody(given: readonly Reaction[], url: string) {
  const counts = REACTIONS.map((content) => [content, given.filter((one) => one.content === content).length]);
  return { url, total_count: given.length, ...Object.fromEntries(counts) };
}
