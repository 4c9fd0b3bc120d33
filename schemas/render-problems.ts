import type { Problem } from './problem.ts';

/**
 * Problems as people read them in a terminal or a comment: place and message, the line with a caret below it, the hint.
 * Plain text; ends without a line break.
 */
export function renderProblems(problems: readonly Problem[]): string {
  return problems.map(renderProblem).join('\n\n');
}

/** By file, then line, then column: the order people walk through a repository in. */
export function inFileOrder(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort(
    (a, b) =>
      compare(a.file, b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0) ||
      compare(a.code, b.code),
  );
}

function renderProblem({ file, line, column, message, hint, excerpt }: Problem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const lines = [`${place}: ${message}`];
  if (excerpt !== undefined && line !== undefined) {
    const gutter = `${line} | `;
    lines.push(`  ${gutter}${excerpt}`);
    if (column !== undefined && column <= excerpt.length + 1) {
      // Tabs are kept so that the caret stands below its character whatever their width.
      const before = excerpt.slice(0, column - 1).replace(/[^\t]/g, ' ');
      lines.push(`  ${' '.repeat(gutter.length - 2)}| ${before}^`);
    }
  }
  if (hint !== undefined) lines.push(`  ${hint}`);
  return lines.join('\n');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
