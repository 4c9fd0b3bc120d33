import { isBranch, isTree, type Json, type Tree } from '../schemas/json.ts';
import { renderYamlQuoted, renderYamlText } from '../schemas/yaml-text.ts';
import { isSecretName, referencedSecret } from './secret-references.ts';

/**
 * A map as the YAML of a fleet file: block maps in the order they have, lists and empty maps on one line, and a reference
 * to a secret (`secret:<name>`) as `{ secret: <name> }`. Texts are quoted as in `schemas/yaml-text.ts`.
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
  return isReference(key) ? key : renderYamlText(key);
}

function renderLeaf(leaf: Json): string {
  if (typeof leaf !== 'string') return isTree(leaf) ? '{}' : renderYamlQuoted(leaf);
  return isReference(leaf) ? `{ secret: ${leaf.slice('secret:'.length)} }` : renderYamlText(leaf);
}

function isReference(text: string): boolean {
  return isSecretName(referencedSecret(text) ?? '');
}
