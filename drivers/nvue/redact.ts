import { isTree, type Json, type Tree } from '../../schemas/json.ts';
import { SECRET_KEY_MAPS, SECRET_LEAVES } from './facts.ts';

/** Takes secrets out of what a switch says: servers echo bad values back in their error texts. */
export interface Redactor {
  /** Remembers every secret in a configuration. */
  learn(tree: Tree): void;
  learnText(secret: string): void;
  text(text: string): string;
}

// Looked up for every node of every configuration that passes.
const LEAVES = new Set(SECRET_LEAVES);
const KEY_MAPS = new Set(SECRET_KEY_MAPS);

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
      eachSecret(tree, '', learnText);
    },
    text(text) {
      let clean = text.replaceAll(SELF_EVIDENT, MASK);
      // Longest first: a secret may contain another.
      for (const secret of [...secrets].sort((a, b) => b.length - a.length)) clean = clean.replaceAll(secret, MASK);
      return clean;
    },
  };
}

/** @param name The key the node stands under. */
function eachSecret(node: Json, name: string, visit: (secret: string) => void): void {
  if (!isTree(node)) {
    if (LEAVES.has(name) && (typeof node === 'string' || typeof node === 'number')) visit(String(node));
    return;
  }
  const keys = Object.keys(node);
  if (KEY_MAPS.has(name)) keys.forEach(visit);
  for (const key of keys) eachSecret(node[key] as Json, key, visit);
}
