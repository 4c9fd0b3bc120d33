import type { Change } from '../schemas/change.ts';
import type { Leaf, TreePath } from '../schemas/json.ts';
import { isTextPath } from '../schemas/text-form.ts';
import { isFingerprint } from './fingerprint.ts';
import { visible } from './safe-text.ts';

/**
 * A change in the words of a switch's own command line, as a diff: a value that becomes another is the old line going and
 * the new one coming, so that what is unset altogether can be told from it.
 *
 * @returns `+ set …` or `- unset …`; for a change of value `- set …` with the old one, then `+ set …`. Lines of text stand
 *   without these words.
 */
export function renderChange(change: Change): readonly string[] {
  // A line of text is there or it is not; what a tree says of a value are words of its own.
  const [unset, set] = isTextPath(change.path) ? ['', ''] : ['unset ', 'set '];
  if (change.kind === 'unset') return [`- ${unset}${renderPlace(change.path, change.from)}`];
  const now = `+ ${set}${renderPlace(change.path, change.to)}`;
  return change.from === undefined ? [now] : [`- ${set}${renderPlace(change.path, change.from)}`, now];
}

/** A change of a line of text without the sections above it, indented as deep as it stands in them. */
export function renderLine(change: Change): readonly string[] {
  const isSecret = change.path.at(-1) === SECRET_OF_LINE;
  const words = change.path.at(isSecret ? -2 : -1) ?? '';
  const depth = change.path.length - (isSecret ? 3 : 2);
  const line = (sign: string, leaf: Leaf) =>
    [`${sign}${' '.repeat(Math.max(0, depth))}${visible(words)}`, renderLeaf(leaf)]
      .filter((part) => part !== '')
      .join(' ');
  if (change.kind === 'unset') return [line('-', change.from)];
  const now = line('+', change.to);
  return change.from === undefined ? [now] : [line('-', change.from), now];
}

/** A path as words: `interface swp1 link mtu`; of lines of text, from the section down: `frr.conf: router bgp 65001 > bgp router-id 10.0.0.1`. */
export function renderPath(path: TreePath): string {
  if (!isTextPath(path)) return path.map(renderWord).join(' ');
  const [file = '', ...lines] = path;
  const shown = lines.filter((line) => line !== SECRET_OF_LINE).map(visible);
  return `${visible(file.slice(file.lastIndexOf('/') + 1))}: ${shown.join(' > ')}`;
}

/** Under which the last word of a line stands where it is a secret. */
export const SECRET_OF_LINE = '<secret>';

function renderPlace(path: TreePath, leaf: Leaf): string {
  const value = renderLeaf(leaf);
  return value === '' ? renderPath(path) : `${renderPath(path)} ${value}`;
}

/** An empty map says all it has to say by being there. */
function renderLeaf(leaf: Leaf): string {
  if (typeof leaf === 'string') return renderWord(leaf);
  if (typeof leaf === 'object' && leaf !== null && !Array.isArray(leaf)) return '';
  return visible(JSON.stringify(leaf));
}

/** Bare where that is unmistakable, otherwise quoted as JSON: no text can look like two words or like nothing. */
function renderWord(text: string): string {
  const bare = isFingerprint(text) || (/^[\w./:@%+,=-]+$/.test(text) && !/^(?:true|false|null)$/.test(text));
  return bare ? text : visible(JSON.stringify(text));
}
