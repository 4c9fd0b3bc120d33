/**
 * Which line of which template a line of output came from. The templates are rendered a second time with a mark at the
 * end of each line of their text; marks are private-use characters that come out where the line came out. Only when the
 * output without marks is the real output, byte for byte, are the marks believed: a template that measures or cuts its
 * own text loses its lines, never gets wrong ones.
 */
import { scanTemplate } from './template-scan.ts';

export interface TemplateLine {
  readonly template: string;
  /** 1-based. */
  readonly line: number;
}

export interface MarkedTemplates {
  readonly sources: ReadonlyMap<string, string>;
  /** By the number in a mark. */
  readonly lines: readonly TemplateLine[];
}

const OPEN = '\uE000';
const CLOSE = '\uE001';
const DIGIT_ZERO = 0xe010;
const MARK = /\uE000([\uE010-\uE019]+)\uE001/g;

export function markTemplates(sources: ReadonlyMap<string, string>): MarkedTemplates {
  const lines: TemplateLine[] = [];
  const marked = new Map<string, string>();
  for (const [template, source] of sources) {
    marked.set(
      template,
      markLines(source, (line) => writeMark(lines.push({ template, line }) - 1)),
    );
  }
  return { sources: marked, lines };
}

/**
 * @param truth What the unmarked templates rendered to.
 * @returns For each line of it (0-based) where it came from; `undefined` when the marks cannot be believed.
 */
export function readMarks(
  marked: string,
  truth: string,
  lines: readonly TemplateLine[],
): readonly (TemplateLine | undefined)[] | undefined {
  if (marked.replace(MARK, '') !== truth) return undefined;
  let next: TemplateLine | undefined;
  // A line without a mark is the upper part of something that ends further down.
  return marked
    .split('\n')
    .map((line) => [...line.matchAll(MARK)][0]?.[1])
    .reverse()
    .map((digits) => {
      if (digits !== undefined) next = lines[readDigits(digits)];
      return next;
    })
    .reverse();
}

function markLines(source: string, markFor: (line: number) => string): string {
  let marked = '';
  let line = 1;
  let trimmed = false;
  const segments = scanTemplate(source);
  for (const [index, { kind, start, end }] of segments.entries()) {
    const text = source.slice(start, end);
    // A tag may take what stands before it to another line of the template than the one it began on.
    const next = segments[index + 1];
    const tag = next && next.kind !== 'text' ? source.slice(next.start, next.start + 3) : '';
    const around = {
      afterTrim: trimmed,
      first: start === 0,
      beforeTag: tag !== '',
      trimsBefore: tag[2] === '-',
    };
    marked += kind === 'text' ? markText(text, line, around, markFor) : text;
    line += countLines(text);
    trimmed = kind !== 'text' && text.at(-3) === '-';
  }
  return marked;
}

function markText(
  text: string,
  firstLine: number,
  around: {
    readonly afterTrim: boolean;
    readonly first: boolean;
    readonly beforeTag: boolean;
    readonly trimsBefore: boolean;
  },
  markFor: (line: number) => string,
): string {
  const pieces = text.split('\n');
  return pieces
    .map((piece, index) => {
      const ends = index < pieces.length - 1;
      const content = piece.trimEnd();
      const rest = piece.slice(content.length);
      if (content !== '') return ends || around.beforeTag ? content + markFor(firstLine + index) + rest : piece;
      // Nothing but a tag stands before the end of this line. A tag that trims would trim no further than a mark.
      // Where the next tag takes this line end away, a mark would stick to what comes after it.
      const taken = around.trimsBefore && text.trim() === '';
      const afterTag = index === 0 && ends && !around.first && !around.afterTrim && !taken;
      return afterTag ? markFor(firstLine) + piece : piece;
    })
    .join('\n');
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}

function writeMark(number: number): string {
  const digits = [...String(number)].map((digit) => String.fromCharCode(DIGIT_ZERO + Number(digit)));
  return `${OPEN}${digits.join('')}${CLOSE}`;
}

function readDigits(digits: string): number {
  return Number([...digits].map((digit) => digit.charCodeAt(0) - DIGIT_ZERO).join(''));
}
