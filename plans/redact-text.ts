import { FINGERPRINT } from './fingerprint.ts';

/** Shorter values occur in innocent text too often. */
const SHORTEST = 4;
const REDACTED = '«redacted»';

/**
 * The last net under everything that leaves memory: takes known secret values out of a text, also where they were written
 * as base64, JSON or part of a URL. Masking comes first; this catches what an error message quoted.
 *
 * @param canaries Values, in any order. Those under 4 characters are left alone.
 */
export function redactText(text: string, canaries: readonly string[]): string {
  return createRedactor(() => canaries)(text);
}

/**
 * {@link redactText} for many texts: what it looks for is worked out anew only when there are other values.
 *
 * @param canaries Asked each time; the list may have grown.
 */
export function createRedactor(canaries: () => readonly string[]): (text: string) => string {
  let known: readonly string[] = [];
  let forms: readonly string[] = [];
  let pattern = /(?!)/g;
  return (text) => {
    const now = canaries();
    if (now.length !== known.length || now.some((value, index) => value !== known[index])) {
      known = [...now];
      // Longest first: a value that holds another is taken out whole.
      forms = [...new Set(known.filter((value) => value.length >= SHORTEST).flatMap(formsOf))].sort(
        (a, b) => b.length - a.length,
      );
      pattern = new RegExp(`${NOT_SECRET}|(${forms.map(escapeForPattern).join('|')})`, 'g');
    }
    if (!forms.some((form) => text.includes(form))) return text;
    return text.replace(pattern, (found, secret: string | undefined) => (secret === undefined ? found : REDACTED));
  };
}

/** Whether something in a text stands for a secret, so that the text is not the one that was. */
export function holdsMask(text: string): boolean {
  return MASK.test(text);
}

const MASK = new RegExp(`${FINGERPRINT}|${REDACTED}`);

/** Hashes stay as they are: a secret of four digits would tear holes into a digest that says nothing about it. */
const NOT_SECRET = `p1:[0-9a-f]{64}|${FINGERPRINT}`;

function formsOf(value: string): readonly string[] {
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(safeForUri(value)), ...base64Of(value)];
}

/** A lone surrogate is no text a URL can hold. */
function safeForUri(value: string): string {
  return value.toWellFormed();
}

/** Below this many characters a piece of base64 is found in innocent text too often. */
const SHORTEST_BASE64 = 8;

/** As a whole, and as it looks inside the base64 of a longer text (`user:password`), at each of the three offsets. */
function base64Of(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const whole = [bytes.toString('base64'), bytes.toString('base64url')];
  const inside = [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    // Characters that also hold bits of a neighbour are unknown.
    const from = Math.ceil((offset * 8) / 6);
    const to = Math.floor((padded.length * 8) / 6);
    return [padded.toString('base64').slice(from, to), padded.toString('base64url').slice(from, to)];
  });
  return [...whole, ...inside.filter((piece) => piece.length >= SHORTEST_BASE64)];
}

function escapeForPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
