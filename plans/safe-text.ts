/**
 * Text from switches, fleets and users on its way into a page that other people, and a forge's own machinery, read. All of
 * it is taken for hostile: it must not be able to hide, to pass for our words, to notify or link anybody, or to break out
 * of its place. What goes in comes out readable, never dropped in silence.
 *
 * Inside code a forge reads nothing: no mention, reference, link, image, HTML or closing keyword. So foreign text stands in
 * code, always; only words that cannot be anything else stand bare.
 */

/** Control, format (bidi, zero-width, tags), line separators, odd spaces, lone surrogates, fillers, variation selectors. */
const INVISIBLE = /(?! )(?:[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Zs}]|\p{Default_Ignorable_Code_Point})/gu;

/** Shows what the eye would miss: each such character becomes `⟨U+202E⟩`. Nothing is dropped. */
export function visible(text: string): string {
  return text.replace(
    INVISIBLE,
    (character) => `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );
}

/** Whether {@link visible} had something to show in a text that was made with it. */
export function showsInvisible(text: string): boolean {
  return /⟨U\+[0-9A-F]{4,6}⟩/.test(text);
}

/** A code span on one line, its fence longer than any in the text. Never empty. */
export function code(text: string): string {
  const line = oneLine(text);
  if (line === '') return '` `';
  const fence = '`'.repeat(longestRun(line) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** {@link code} for a table cell. A pipe would end the cell even there, so it is shown as `│`. */
export function cellCode(text: string): string {
  return code(text.replaceAll('|', '│'));
}

/** A sentence that may quote foreign text: plain words stand bare, everything else in code. On one line. */
export function prose(text: string): string {
  const pieces: { readonly bare: boolean; readonly words: string[] }[] = [];
  for (const word of oneLine(text).split(' ')) {
    if (word === '') continue;
    const last = pieces.at(-1);
    // Our own sentences have words in code already; marks around marks would show.
    const inCode = /^`(?<inner>[^`]+)`(?<ending>[.,;:!?]?)$/.exec(word)?.groups;
    if (inCode) {
      pieces.push({ bare: false, words: [`${inCode['inner']}${inCode['ending']}`] });
      continue;
    }
    const bare = isPlain(word) && (last !== undefined || !BEGINS_LIST.test(word));
    if (last && last.bare === bare) last.words.push(word);
    else pieces.push({ bare, words: [word] });
  }
  return pieces.map(({ bare, words }) => (bare ? words.join(' ') : codeWithin(words.join(' ')))).join(' ');
}

/** {@link prose} for a table cell. */
export function cellProse(text: string): string {
  return prose(text.replaceAll('|', '│'));
}

/** For places that are HTML and not Markdown (`<summary>`). */
export function htmlCode(text: string): string {
  return `<code>${oneLine(text).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`)}</code>`;
}

/** A fenced block that nothing in `lines` can end. */
export function fenced(language: string, lines: readonly string[]): readonly string[] {
  const safe = lines.map(oneLine);
  const fence = '`'.repeat(Math.max(3, ...safe.map((line) => longestRun(line) + 1)));
  return [`${fence}${language}`, ...safe, fence];
}

/**
 * @param label Our own words.
 * @param url Where the forge told us something is. Anything but http(s) is not linked.
 */
export function link(label: string, url: string): string {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return label;
  // In angle brackets a parenthesis cannot end it; what could is percent-encoded.
  return `[${label}](<${new URL(url).href.replace(/[<>\s|]/g, encodeURIComponent)}>)`;
}

/** Keeps the head and the tail of a long text, on one line, and says how much is missing. */
export function cutMiddle(text: string, mostCharacters: number): string {
  // Measured as it will be shown.
  const shown = oneLine(text);
  if (shown.length <= mostCharacters) return shown;
  const head = Math.ceil(mostCharacters * 0.7);
  const tail = Math.max(0, mostCharacters - head);
  const hidden = shown.length - head - tail;
  return `${shown.slice(0, head).toWellFormed()} … ${hidden} characters left out … ${shown.slice(shown.length - tail).toWellFormed()}`;
}

/** In a sentence, the punctuation that ends a word stays outside of the code. */
function codeWithin(text: string): string {
  const ending = /(?<=[^.,;:!?])[.,;:!?]$/.exec(text)?.[0] ?? '';
  return `${code(text.slice(0, text.length - ending.length))}${ending}`;
}

function oneLine(text: string): string {
  return visible(text.replace(/\r\n|[\n\r\t]/g, ' '));
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/** A word no forge sees anything in: letters and digits, with hyphens, dots, slashes and apostrophes between and punctuation around. */
const PLAIN_WORD = /^[("'“‘]*[\p{Script=Latin}\d]+(?:['’.,/-][\p{Script=Latin}\d]+)*[)"'”’.,;:!?…]*$|^[–—…·/-]$/u;
/** Words a forge would link: hosts, references to issues, commits. */
const LINKED = /(?<![\p{Script=Latin}\d])(?:www\.|gh-\d|[0-9a-f]{7,40}(?![\p{Script=Latin}\d]))/iu;
/** At the beginning of a line these are no words. */
const BEGINS_LIST = /^(?:-|\d+[.)])$/;

function isPlain(word: string): boolean {
  return PLAIN_WORD.test(word) && !LINKED.test(word);
}
