import type { Identity } from '../../schemas/device.ts';
import { isBranch, isTree, type Json, type Tree } from '../../schemas/json.ts';
import type { NvuePlatform } from './facts.ts';
import { compareKeys } from './tree.ts';

/** What a masked secret looks like. */
const MASKED = /«secret:/;

/**
 * The list form that `nv config show` writes and `nv config replace` loads. Nothing in it says when it was made, so that a
 * backup changes when the switch does and not otherwise. Strings that YAML 1.1 or 1.2 could take for something else are
 * quoted, keys that are numbers too.
 *
 * @param tree Masked.
 */
export function renderStartupYaml(facts: NvuePlatform, tree: Tree, identity: Identity): string {
  const { hostname, serial, model, version } = identity;
  const masked = maskedIn(tree);
  const head = [
    `# ${hostname}, ${model || 'unknown model'}, serial ${serial}, ${facts.systemName} ${version}`,
    '# Running configuration. To load it on the switch: nv config replace <this file>, then nv config diff, nv config apply.',
    ...(masked > 0
      ? [
          `# ${masked} ${masked === 1 ? 'secret is' : 'secrets are'} masked ("«secret:…»", marked below).`,
          '# Put the real values in before loading.',
        ]
      : []),
  ].map((line) => `${singleLine(line)}\n`);
  const header = {
    header: {
      model,
      'nvue-api-version': 'nvue_v1',
      'rev-id': '1.0',
      version: `${facts.systemName} ${version}`,
    },
  };
  return `${head.join('')}${renderItem(header)}${renderItem({ set: tree })}`;
}

function renderItem(entry: Tree): string {
  const [first, ...rest] = renderMap(entry, '  ');
  return `${[`- ${(first ?? '').trimStart()}`, ...rest].join('\n')}\n`;
}

function renderMap(tree: Tree, indent: string): string[] {
  return Object.entries(tree)
    .sort(([a], [b]) => compareKeys(a, b))
    .flatMap(([key, value]) => {
      const name = `${indent}${renderText(key)}:`;
      const mark = MASKED.test(key) ? ' # masked' : '';
      if (isBranch(value)) return [`${name}${mark}`, ...renderMap(value, `${indent}  `)];
      return [`${name} ${renderLeaf(value as Json)}${mark || (isMasked(value as Json) ? ' # masked' : '')}`];
    });
}

/** Lists and what is in them are written as JSON, which is YAML too. */
function renderLeaf(leaf: Json): string {
  if (typeof leaf === 'string') return renderText(leaf);
  return isTree(leaf) ? '{}' : JSON.stringify(leaf);
}

/** Plain only what no YAML parser can misread: words that begin with a letter and are none of its own. */
const PLAIN = /^[A-Za-z][A-Za-z0-9_./-]*$/;
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i;

function renderText(text: string): string {
  return PLAIN.test(text) && !RESERVED.test(text) ? text : JSON.stringify(text);
}

function isMasked(leaf: Json): boolean {
  return typeof leaf === 'string' && MASKED.test(leaf);
}

function maskedIn(node: Json): number {
  if (!isTree(node)) return isMasked(node) ? 1 : 0;
  return Object.entries(node)
    .map(([key, child]) => (MASKED.test(key) ? 1 : 0) + maskedIn(child as Json))
    .reduce((sum, count) => sum + count, 0);
}

function singleLine(text: string): string {
  return text.replace(/[\r\n\u0085\u2028\u2029]+/g, ' ');
}
