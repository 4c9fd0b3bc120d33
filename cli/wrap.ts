/** No line of what people read is longer, so that it fits into half a screen and into a mail. */
export const LINE_WIDTH = 96;

/**
 * Text in lines of at most `width` columns. A word that is longer stands on a line of its own, whole: it is a
 * name or an address, and somebody wants to copy it.
 *
 * @param first What the first line begins with, for example `- `; the others are indented as far.
 */
export function wrap(text: string, first = '', width = LINE_WIDTH): readonly string[] {
  const indent = ' '.repeat(first.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && first.length + longer.length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((content, index) => `${index === 0 ? first : indent}${content}`.trimEnd());
}

/** The beginning of a line that is too long, and a sign that there was more. */
export function cut(line: string, width = LINE_WIDTH): string {
  return line.length <= width ? line : `${line.slice(0, width - 1).toWellFormed()}…`;
}

/**
 * Columns as wide as their widest cell, two spaces between them. The last one is wrapped below itself.
 *
 * @param indent Before every line.
 */
export function columns(rows: readonly (readonly string[])[], indent = ''): readonly string[] {
  const last = Math.max(0, ...rows.map((row) => row.length)) - 1;
  const widths = Array.from({ length: last }, (_, column) =>
    Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.flatMap((row) => {
    const before = widths.map((width, column) => `${(row[column] ?? '').padEnd(width)}  `).join('');
    return wrap(row[last] ?? '', `${indent}${before}`);
  });
}
