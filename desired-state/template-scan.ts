/**
 * Just enough of Jinja's syntax to know where text ends and tags begin: which templates a template names, and where its
 * lines of text are. The engine judges the rest.
 */

export interface TemplateSegment {
  readonly kind: 'text' | 'statement' | 'expression' | 'comment';
  /** Offsets in the source, end exclusive; with the delimiters. */
  readonly start: number;
  readonly end: number;
}

/** One `include`, `import`, `from` or `extends`. */
export interface TemplateReference {
  /** Absent when the name is computed. */
  readonly name?: string;
  /** Of the name's quote, or of the tag when the name is computed. */
  readonly offset: number;
  /** End of the quoted name, exclusive. */
  readonly end: number;
  readonly keyword: string;
}

const OPENINGS = { '{{': 'expression', '{%': 'statement', '{#': 'comment' } as const;
const CLOSINGS = { expression: '}}', statement: '%}', comment: '#}' } as const;

export function scanTemplate(source: string): readonly TemplateSegment[] {
  const segments: TemplateSegment[] = [];
  let at = 0;
  while (at < source.length) {
    const open = nextOpening(source, at);
    if (open > at) segments.push({ kind: 'text', start: at, end: open });
    if (open >= source.length) break;
    const kind = OPENINGS[source.slice(open, open + 2) as keyof typeof OPENINGS];
    const end = endOfTag(source, open + 2, kind);
    segments.push({ kind, start: open, end });
    at = end;
    if (kind === 'statement' && /^\{%[-+]?\s*raw\s*[-+]?%\}$/.test(source.slice(open, end))) {
      const rawEnd = /\{%[-+]?\s*endraw\b/.exec(source.slice(at));
      const textEnd = rawEnd ? at + rawEnd.index : source.length;
      if (textEnd > at) segments.push({ kind: 'text', start: at, end: textEnd });
      at = textEnd;
    }
  }
  return segments;
}

/** Every other template a template names, in order. */
export function templateReferences(source: string): readonly TemplateReference[] {
  return scanTemplate(source)
    .filter(({ kind }) => kind === 'statement')
    .flatMap(({ start, end }) => referenceIn(source.slice(start, end), start) ?? []);
}

const NAMES_ANOTHER = /^\{%[-+]?\s*(?<keyword>include|import|extends|from)\b\s*/;
const LITERAL = /^(?:"(?<double>[^"\\]*)"|'(?<single>[^'\\]*)')\s*(?:[-+]?%\}$|(?:as|import|ignore|with|without)\b)/;

function referenceIn(tag: string, start: number): TemplateReference | undefined {
  const head = NAMES_ANOTHER.exec(tag);
  if (!head) return undefined;
  const offset = start + head[0].length;
  const keyword = head.groups?.['keyword'] ?? '';
  const literal = LITERAL.exec(tag.slice(head[0].length));
  const name = literal?.groups?.['double'] ?? literal?.groups?.['single'];
  if (name === undefined) return { offset, end: offset, keyword };
  return { name, offset, end: offset + name.length + 2, keyword };
}

function nextOpening(source: string, from: number): number {
  for (let at = source.indexOf('{', from); at >= 0; at = source.indexOf('{', at + 1)) {
    if (source.slice(at, at + 2) in OPENINGS) return at;
  }
  return source.length;
}

function endOfTag(source: string, from: number, kind: 'expression' | 'statement' | 'comment'): number {
  const closing = CLOSINGS[kind];
  let quote = '';
  for (let at = from; at < source.length; at += 1) {
    const character = source[at] ?? '';
    if (quote !== '') {
      if (character === '\\') at += 1;
      else if (character === quote) quote = '';
    } else if (kind !== 'comment' && (character === '"' || character === "'")) {
      quote = character;
    } else if (source.startsWith(closing, at)) {
      return at + closing.length;
    }
  }
  return source.length;
}
