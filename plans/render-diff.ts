import type { ChangeMark } from '../schemas/change.ts';
import { isTextPath } from '../schemas/text-form.ts';
import type { CommentDetail } from './comment-detail.ts';
import type { DiffGroup, PlannedChange } from './plan.ts';
import { renderChange, renderLine, SECRET_OF_LINE } from './render-change.ts';
import { cutMiddle, visible } from './safe-text.ts';
import { count } from './words.ts';

/** The lines of a `diff` block and what was left out of it. */
export interface RenderedDiff {
  readonly lines: readonly string[];
  readonly hiddenLines: number;
  readonly cutLines: boolean;
}

const MARK_WORDS: Readonly<Record<ChangeMark['kind'], string>> = {
  management: 'touches management',
  disruptive: 'disruptive',
};

/** By `careOf`, to be followed by a count of devices. */
export const CARE_WORDS = ['', 'disruptive, ', 'touches management, '] as const;

/** `disruptive: the BGP ASN changes: FRR restarts`. */
export function renderMark({ kind, reason }: ChangeMark): string {
  return `${MARK_WORDS[kind]}: ${reason}`;
}

/**
 * All changes of a group. What touches management comes first, then what is disruptive, each under a line that says so in
 * words; within that the order of the digest. Lines of text stand below the sections they are in, as in their file.
 */
export function renderDiff({ changes }: Pick<DiffGroup, 'changes'>, detail: CommentDetail): RenderedDiff {
  const ordered = [2, 1, 0].flatMap((care) => changes.filter((planned) => careOfChange(planned) === care));
  // Never builds what is only going to be cut.
  const enough = detail.diffLines === Number.POSITIVE_INFINITY ? ordered.length : Math.ceil(detail.diffLines);
  const needsCut = ordered.length > enough;
  const head = renderRow(ordered.slice(0, enough), detail);
  const tail = needsCut ? renderRow(ordered.slice(-enough), detail) : [];

  const kept = keepEnds(head, tail, needsCut, detail.diffLines);
  if (!kept) return { lines: head, hiddenLines: 0, cutLines: head.some(isCut) };
  const total = ordered.reduce((sum, planned, index) => sum + linesOf(planned, ordered[index - 1]), 0);
  const hiddenLines = total - kept.head.length - kept.tail.length;
  const lines = [...kept.head, `# … ${count(hiddenLines, 'line')} not shown here …`, ...kept.tail];
  return { lines: detail.diffLines === 0 ? [] : lines, hiddenLines, cutLines: lines.some(isCut) };
}

function keepEnds(head: readonly string[], tail: readonly string[], needsCut: boolean, most: number) {
  if (!needsCut && head.length <= most) return undefined;
  const first = Math.ceil(most * 0.7);
  const last = most - first;
  const from = needsCut ? tail : head;
  return { head: head.slice(0, first), tail: last === 0 ? [] : from.slice(-last) };
}

function careOfChange({ marks }: PlannedChange): 0 | 1 | 2 {
  if (marks.some(({ kind }) => kind === 'management')) return 2;
  return marks.length > 0 ? 1 : 0;
}

function renderRow(row: readonly PlannedChange[], detail: CommentDetail): readonly string[] {
  return row.flatMap((planned, index) => [
    ...sectionsAbove(planned, row[index - 1]).map((line) => cutMiddle(line, detail.diffColumns)),
    ...renderPlanned(planned, detail),
  ]);
}

/** The sections a line of text stands in, as far as the line before it has not shown them. */
function sectionsAbove({ change: { path } }: PlannedChange, before: PlannedChange | undefined): readonly string[] {
  if (!isTextPath(path)) return [];
  const above = path.slice(0, path.at(-1) === SECRET_OF_LINE ? -2 : -1);
  const shown = before?.change.path ?? [];
  const firstNew = above.findIndex((section, depth) => section !== shown[depth]);
  if (firstNew < 0) return [];
  return above
    .slice(firstNew)
    .map((section, index) =>
      firstNew + index === 0 ? `# ${visible(section)}` : ` ${' '.repeat(firstNew + index - 1)}${visible(section)}`,
    );
}

function renderPlanned({ change, marks, origin }: PlannedChange, detail: CommentDetail): readonly string[] {
  const rendered = isTextPath(change.path) ? renderLine(change) : renderChange(change);
  const lines = rendered.map((line) => cutMiddle(line, detail.diffColumns));
  const last = lines.at(-1) ?? '';
  const noted = detail.origins && origin !== undefined ? `${last}  # ${shortOrigin(origin)}` : last;
  // An exclamation mark is what diff highlighters take for "changed", so the line stands out.
  return [...marks.map((mark) => `! ${visible(renderMark(mark))}`), ...lines.slice(0, -1), noted];
}

function linesOf(planned: PlannedChange, before: PlannedChange | undefined): number {
  const { change, marks } = planned;
  return (
    sectionsAbove(planned, before).length + marks.length + (change.kind === 'set' && change.from !== undefined ? 2 : 1)
  );
}

/** Everything configured stands below `desired-state/`; what follows tells the places apart. */
function shortOrigin(origin: string): string {
  return visible(origin.replace(/^desired-state\//, ''));
}

function isCut(line: string): boolean {
  return / … \d+ characters left out … /.test(line);
}
