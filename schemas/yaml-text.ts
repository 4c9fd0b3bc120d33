import { isTree, type Json } from './json.ts';

/** How a text writes what could be written in several ways. */
export interface YamlManner {
  /** Words that YAML 1.1 takes for booleans (`on`, `no`) stand without quotes: 1.2 reads them as text. */
  readonly plainWords: boolean;
}

/**
 * A text as a YAML scalar. What any reader of YAML, of 1.1 or 1.2, could take for something else than the text it is stands
 * in quotes: `on`, `0123`, `1:20`, dates.
 */
export function renderYamlText(text: string, manner: YamlManner = { plainWords: false }): string {
  return isPlainYaml(text) || (manner.plainWords && WORD.test(text)) ? text : renderYamlQuoted(text);
}

/** True when a text may stand without quotes wherever it is. */
export function isPlainYaml(text: string): boolean {
  return PLAIN.test(text) && !RESERVED.test(text);
}

/** A value on one line, as people write one: `{ mtu: 9216, members: [swp1, swp2] }`. */
export function renderYamlFlow(value: Json, manner?: YamlManner): string {
  if (typeof value === 'string') return renderYamlText(value, manner);
  if (Array.isArray(value)) return `[${value.map((item: Json) => renderYamlFlow(item, manner)).join(', ')}]`;
  if (!isTree(value)) return renderYamlQuoted(value);
  const members = Object.entries(value).map(
    ([key, member]) => `${renderYamlText(key)}: ${renderYamlFlow(member as Json, manner)}`,
  );
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** JSON is YAML too, once what is invisible is written out. */
export function renderYamlQuoted(value: Json): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u00a0\u00ad\u0600-\u0605\u061c\u06dd\u070f\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff\ufff0-\uffff\ue000-\uf8ff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Words, and addresses of three dots: nothing any reader takes for a number, a date or a word of YAML's own. */
const PLAIN = /^(?:[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z][A-Za-z0-9_./-]*)*|\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,3})?)$/;
/** Also `e1`, which a reader of YAML 1.1 takes for a number without digits. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf|e\d+)$/i;
/** Those of them that are text to YAML 1.2. */
const WORD = /^(?:y|n|yes|no|on|off)$/i;
