/** Markdown as GitHub shows it, from text that may hold anything. */
import type { Manner } from './manner.ts';

/** Text that stands for itself wherever it is put in a line or a table cell. */
export function plain(text: string): string {
  return (
    text
      .replace(/\s*\n\s*/g, ' ')
      .replace(/[\\`*[\]|~]/g, '\\$&')
      // An underscore inside a word is no emphasis, and names of stages are easier to read without backslashes.
      .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
  );
}

/** A name or a hash in a code span, in a line or a table cell. */
export function code(text: string): string {
  const shown = text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = '`'.repeat(longest + 1);
  return longest > 0 ? `${ticks} ${shown} ${ticks}` : `${ticks}${shown}${ticks}`;
}

/** How sentences are written on a page. */
export const markdown: Manner = { code, plain, strong: (text) => `**${text}**` };

/** Lines verbatim, whatever backticks they hold. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text.trimEnd()}\n${fence}`;
}

/** @param path From the root of the ledger. @param from Folder of the page, from the root; empty for the root itself. */
export function link(label: string, path: string, from: string): string {
  const up = from === '' ? '' : '../'.repeat(from.split('/').length);
  return `[${label}](${up}${path.split('/').map(encodeURIComponent).join('/')})`;
}

/** A table without the columns that say nothing in any row. */
export function tableOfUsed(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = head.map((_, column) => rows.some((row) => (row[column] ?? '') !== ''));
  const keep = (cells: readonly string[]) => cells.filter((_, column) => used[column]);
  return table(keep(head), rows.map(keep));
}

/** @param rows Cells that are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** @returns `2026-11-20 10:03:20`, UTC. */
export function utc(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ');
}

/** @returns `3 min 20 s`; the two largest units, nothing smaller than a second. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const parts = [
    { unit: 'd', size: 86_400 },
    { unit: 'h', size: 3600 },
    { unit: 'min', size: 60 },
    { unit: 's', size: 1 },
  ].map(({ unit, size }, index, units) => {
    const whole = index === 0 ? seconds : seconds % (units[index - 1]?.size ?? 1);
    return { unit, amount: Math.floor(whole / size) };
  });
  const first = parts.findIndex(({ amount }) => amount > 0);
  if (first === -1) return 'under 1 s';
  return parts
    .slice(first, first + 2)
    .filter(({ amount }) => amount > 0)
    .map(({ unit, amount }) => `${amount} ${unit}`)
    .join(' ');
}

/** @returns `leaf-01, leaf-02, leaf-03 and 9 more` */
export function someOf(names: readonly string[], shown = 3): string {
  const rest = names.length - shown;
  return rest > 0 ? `${names.slice(0, shown).join(', ')} and ${rest} more` : names.join(', ');
}

/** The beginning of a digest, to tell it from others on the same page: `p1:5f0c2a9b11de`. The whole of it stands where it is decided. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 'p1:'.length + 12);
}
