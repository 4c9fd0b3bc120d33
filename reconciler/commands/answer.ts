import type { PullRequestComment } from '../../forge/forge.ts';
import { code, cutMiddle, link, prose } from '../../plans/safe-text.ts';

/** What came of a command, before anybody is told. */
export interface Answer {
  readonly verdict: 'done' | 'refused';
  /** One sentence in plain text, without its full stop: what was done, or why not. */
  readonly why: string;
  /** What would work, as a sentence; with a command to copy it ends where that follows. */
  readonly next?: string;
  readonly copy?: string;
  /** Markdown that is shown below, made safe already. */
  readonly lines?: readonly string[];
  /** It is on its way: what came of it is told when it has. */
  readonly pending?: true;
  /** A reaction says it all: the page itself shows what came of it. */
  readonly quiet?: true;
}

export function refused(why: string, next?: string, copy?: string): Answer {
  return {
    verdict: 'refused',
    why,
    ...(next === undefined ? {} : { next }),
    ...(copy === undefined ? {} : { copy }),
  };
}

/** Of our reply to one comment; whole, so that the number of one comment is not the beginning of another's. */
export function replyMarker(comment: number): string {
  return `<!-- pointsman:command ${comment} -->`;
}

/** Our reply to a command: verdict, what was asked by whom, why, what would work. */
export function renderReply({ id, author, body, url }: PullRequestComment, answer: Answer): string {
  const asked = cutMiddle(body.split(/\r\n|\n|\r/, 1)[0] ?? '', LONGEST_QUOTE);
  const heading = `**${answer.verdict === 'done' ? 'Done' : 'Refused'}:** ${code(asked)}, asked by ${code(author)} in ${link('this comment', url)}`;
  const parts = [
    replyMarker(id),
    heading,
    prose(sentence(answer.why)),
    ...(answer.lines ? [answer.lines.join('\n')] : []),
    [
      ...(answer.next === undefined ? [] : [prose(answer.next)]),
      ...(answer.copy === undefined ? [] : [code(answer.copy)]),
    ].join(' '),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const LONGEST_QUOTE = 120;

/** A name at the beginning stays as it is written. */
function sentence(text: string): string {
  const begun = /^[a-z’]+(?= )/.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
  return `${begun}.`;
}
