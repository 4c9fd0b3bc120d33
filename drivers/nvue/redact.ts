import { isTree, type Json, type Tree, type TreePath } from '../../schemas/json.ts';
import { secretPatterns } from './facts.ts';
import { matchesPattern } from './pattern.ts';

/** Takes secrets out of what a switch says: servers echo bad values back in their error texts. */
export interface Redactor {
  /** Remembers every secret in a configuration. */
  learn(tree: Tree): void;
  learnText(secret: string): void;
  text(text: string): string;
}

const MASK = '«secret»';
/** Shorter ones would take ordinary words apart. */
const SHORTEST = 4;
/** Obfuscated and hashed secrets give themselves away. */
const SELF_EVIDENT = /\$nvsec\$[0-9A-Za-z+/=]+|\$(?:1|5|6|y|2[aby])\$[0-9A-Za-z./$=,]+/g;

export function createRedactor(): Redactor {
  const secrets = new Set<string>();

  const learnText = (secret: string): void => {
    if (secret.length >= SHORTEST) secrets.add(secret);
  };

  return {
    learnText,
    learn(tree) {
      for (const secret of secretsIn(tree, [])) learnText(secret);
    },
    text(text) {
      let clean = text.replaceAll(SELF_EVIDENT, MASK);
      // Longest first: a secret may contain another.
      for (const secret of [...secrets].sort((a, b) => b.length - a.length)) clean = clean.replaceAll(secret, MASK);
      return clean;
    },
  };
}

function secretsIn(node: Json, path: TreePath): string[] {
  const found: string[] = [];
  if (isTree(node)) {
    for (const [key, child] of Object.entries(node)) found.push(...secretsIn(child as Json, [...path, key]));
  } else if ((typeof node === 'string' || typeof node === 'number') && isSecretAt(path, 'value')) {
    found.push(String(node));
  }
  const name = path.at(-1);
  if (name !== undefined && isSecretAt(path, 'key')) found.push(name);
  return found;
}

function isSecretAt(path: TreePath, at: 'value' | 'key'): boolean {
  return secretPatterns.some((pattern) => pattern.at === at && matchesPattern(path, pattern.path));
}
