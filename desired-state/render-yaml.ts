import { isBranch, isTree, type Json, type Tree } from '../schemas/json.ts';
import { isSecretName, referencedSecret } from './secret-references.ts';

/**
 * A map as the YAML of a fleet file: block maps in the order they have, lists and empty maps on one line, and a reference
 * to a secret (`secret:<name>`) as `{ secret: <name> }`. What any YAML reader, of 1.1 or 1.2, could take for something
 * else than the text it is stands in quotes: `on`, `0123`, `1:20`, dates.
 *
 * @returns Lines without their ends.
 */
export function renderYaml(tree: Tree, indent = ''): readonly string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const name = `${indent}${renderKey(key)}:`;
    return isBranch(value) ? [name, ...renderYaml(value, `${indent}  `)] : [`${name} ${renderLeaf(value as Json)}`];
  });
}

function renderKey(key: string): string {
  // As people write it: NVUE keeps SNMP communities as keys.
  return isReference(key) ? key : renderText(key);
}

function renderLeaf(leaf: Json): string {
  if (typeof leaf !== 'string') return isTree(leaf) ? '{}' : quoted(leaf);
  return isReference(leaf) ? `{ secret: ${leaf.slice('secret:'.length)} }` : renderText(leaf);
}

function isReference(text: string): boolean {
  return isSecretName(referencedSecret(text) ?? '');
}

/** Words, and addresses of three dots: nothing any reader takes for a number, a date or a word of YAML's own. */
const PLAIN = /^(?:[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z][A-Za-z0-9_./-]*)*|\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,3})?)$/;
/** Also `e1`, which a reader of YAML 1.1 takes for a number without digits. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf|e\d+)$/i;

function renderText(text: string): string {
  return PLAIN.test(text) && !RESERVED.test(text) ? text : quoted(text);
}

/** JSON is YAML too, once what is invisible is written out. */
function quoted(value: Json): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u00a0\u00ad\u0600-\u0605\u061c\u06dd\u070f\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff\ufff0-\uffff\ue000-\uf8ff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
