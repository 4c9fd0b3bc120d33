import type { SecretPattern } from '../schemas/secret.ts';

/** A place in a tree, as far as secrets are concerned. */
export interface SecretPlace {
  /** The key that led here is a secret. */
  readonly key: boolean;
  /** The leaf here, or every leaf below, is a secret. */
  readonly value: boolean;
  enter(key: string): SecretPlace;
}

/** The root of a tree whose secrets are where `patterns` say. Walked along with the tree, so that a node costs what can still match there. */
export function secretPlaces(patterns: readonly SecretPattern[]): SecretPlace {
  return placeAt(
    patterns.map((pattern) => ({ pattern, matched: 0 })),
    false,
    '',
  );
}

/**
 * Text that shows by itself that it was made from a secret, wherever it stands: what NVUE obfuscates (`$nvsec$…`) and
 * crypt(3) hashes, which can be guessed at offline.
 *
 * Source: device-protocols A.14 for `$nvsec$`; crypt(5) for the prefixes.
 */
export function looksSecret(text: string): boolean {
  return /^\$(?:nvsec|1|2[abxy]?|5|6|7|y|gy)\$/.test(text);
}

interface Progress {
  readonly pattern: SecretPattern;
  /** Elements of the pattern's path that lie behind us. */
  readonly matched: number;
}

function placeAt(progress: readonly Progress[], below: boolean, key: string): SecretPlace {
  const open = withSkips(progress);
  const reached = open.filter(({ pattern, matched }) => matched === pattern.path.length);
  const value = below || reached.some(({ pattern }) => pattern.at === 'value');
  return {
    key: looksSecret(key) || reached.some(({ pattern }) => pattern.at === 'key'),
    value,
    enter: (next) =>
      placeAt(
        open.flatMap((entry) => advance(entry, next)),
        value,
        next,
      ),
  };
}

function advance({ pattern, matched }: Progress, key: string): readonly Progress[] {
  const element = pattern.path[matched];
  if (element === '**') return [{ pattern, matched }];
  return element === '*' || element === key ? [{ pattern, matched: matched + 1 }] : [];
}

/** `**` also stands for nothing at all. */
function withSkips(progress: readonly Progress[]): readonly Progress[] {
  const open: Progress[] = [];
  for (let { pattern, matched } of progress) {
    if (!has(open, pattern, matched)) open.push({ pattern, matched });
    while (pattern.path[matched] === '**') {
      matched += 1;
      if (!has(open, pattern, matched)) open.push({ pattern, matched });
    }
  }
  return open;
}

function has(open: readonly Progress[], pattern: SecretPattern, matched: number): boolean {
  return open.some((entry) => entry.pattern === pattern && entry.matched === matched);
}
