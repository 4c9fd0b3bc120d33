import type { Problem } from './problem.ts';
import { type Position, positionAt } from './yaml-document.ts';

const LONGEST_EXCERPT = 160;

/** Names under which secrets stand in settings and switch configurations. Rather too many than too few. */
const SECRET_NAME = /pass(?:word|phrase|wd)?|secret(?!s$)|token|community|private|shared|md5|hash|(?:^|[-_.])key$/i;

/** True when the value under this key may be a secret and must not be quoted. */
export function looksSecret(key: string | number | undefined): boolean {
  return typeof key === 'string' && SECRET_NAME.test(key);
}

/** A problem at a place in a text, with the line it stands on. */
export function problemAt(
  file: string,
  text: string,
  at: Position | number,
  what: Pick<Problem, 'code' | 'message' | 'hint'>,
): Problem {
  const position = typeof at === 'number' ? positionAt(text, at) : at;
  return { file, line: position.line, column: position.column, ...what, excerpt: excerptOf(text, position.line) };
}

/**
 * A line of a YAML file as it may be shown: cut to 160 characters, and with whatever may be a secret taken out. A line
 * below a key that looks secret shows nothing in a block of text, and its key in a map.
 *
 * @param line 1-based.
 */
export function excerptOf(text: string, line: number): string {
  const lines = text.split('\n');
  const raw = (lines[line - 1] ?? '').replace(/\r$/, '');
  const below = secretAbove(lines, line - 1);
  const masked = below === 'text' ? MASK : below === 'map' ? maskValue(raw) : maskMembers(raw);
  return masked.length > LONGEST_EXCERPT ? `${masked.slice(0, LONGEST_EXCERPT - 1)}…` : masked;
}

const MASK = '«not shown»';
const MEMBER = /(?<key>[\w.-]+|"[^"]*"|'[^']*')\s*:(?:\s+|$)/g;

function maskMembers(raw: string): string {
  for (const match of raw.matchAll(MEMBER)) {
    if (!looksSecret(match.groups?.['key'])) continue;
    const end = match.index + match[0].length;
    const value = raw.slice(end);
    // A reference is a name, and the very thing people have to see to correct it.
    if (value === '' || /^\{\s*(?:secret\s*:\s*[a-z0-9._/-]*\s*)?\}?\s*(?:#.*)?$/.test(value)) continue;
    return raw.slice(0, end) + MASK;
  }
  return raw;
}

function maskValue(raw: string): string {
  const key = /^\s*(?:- )*(?:[\w.-]+|"[^"]*"|'[^']*')\s*:(?=\s|$)/.exec(raw)?.[0];
  return key === undefined ? MASK : `${key} ${MASK}`;
}

/** What a line is part of, when a key above it looks secret: its text, or a map whose keys may be shown. */
function secretAbove(lines: readonly string[], index: number): 'text' | 'map' | undefined {
  let indent = indentOf(lines[index] ?? '');
  for (let above = index - 1; above >= 0 && indent > 0; above -= 1) {
    const candidate = lines[above] ?? '';
    if (candidate.trim() === '' || indentOf(candidate) >= indent) continue;
    indent = indentOf(candidate);
    const member = /^\s*(?:- )*(?<key>[\w.-]+|"[^"]*"|'[^']*')\s*:\s*(?<value>.*)$/.exec(candidate)?.groups;
    if (!looksSecret(member?.['key'])) continue;
    // An SNMP community is the key itself.
    const isMap = /^(?:#.*)?$/.test(member?.['value'] ?? '') && !/community/i.test(member?.['key'] ?? '');
    return isMap ? 'map' : 'text';
  }
  return undefined;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
