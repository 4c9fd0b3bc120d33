import type { SecretPattern } from '../schemas/secret.ts';

/** A place in a tree, as far as secrets are concerned. */
export interface SecretPlace {
  /** The key that led here is a secret. */
  readonly key: boolean;
  /** The leaf here, or every leaf below, is a secret. */
  readonly value: boolean;
  enter(key: string): SecretPlace;
}

/**
 * The root of a tree whose secrets are where `patterns` say. Walked along with the tree. Places where the same patterns can
 * still match are one object, and all keys that no pattern names lead to the same next one: a node costs two look-ups,
 * however many patterns there are.
 */
export function secretPlaces(patterns: readonly SecretPattern[]): SecretPlace {
  const known = new Map<string, SecretPlace>();
  const placeFor = (progress: readonly Progress[], below: boolean): SecretPlace => {
    const open = withSkips(progress);
    const id = `${below} ${open.map(({ index, matched }) => `${index}.${matched}`).join(' ')}`;
    const place = known.get(id) ?? makePlace(open, below, placeFor);
    known.set(id, place);
    return place;
  };
  return placeFor(
    patterns.map((pattern, index) => ({ pattern, index, matched: 0 })),
    false,
  );
}

/**
 * Text that shows by itself that it was made from a secret, wherever it stands: what NVUE obfuscates (`$nvsec$…`) and
 * crypt(3) hashes, which can be guessed at offline.
 *
 * Source: device-protocols A.14 for `$nvsec$`; crypt(5) for the prefixes.
 */
export function looksSecret(text: string): boolean {
  return text.startsWith('$') && /^\$(?:nvsec|1|2[abxy]?|5|6|7|y|gy)\$/.test(text);
}

interface Progress {
  readonly pattern: SecretPattern;
  readonly index: number;
  /** Elements of the pattern's path that lie behind us. */
  readonly matched: number;
}

type PlaceFor = (progress: readonly Progress[], below: boolean) => SecretPlace;

function makePlace(open: readonly Progress[], below: boolean, placeFor: PlaceFor): SecretPlace {
  const reached = open.filter(({ pattern, matched }) => matched === pattern.path.length);
  const value = below || reached.some(({ pattern }) => pattern.at === 'value');
  const named = new Set(open.map(({ pattern, matched }) => pattern.path[matched]));
  const byName = new Map<string | undefined, SecretPlace>();
  return {
    key: reached.some(({ pattern }) => pattern.at === 'key'),
    value,
    enter(key) {
      // `undefined` stands for every key that no pattern names here.
      const name = named.has(key) ? key : undefined;
      let place = byName.get(name);
      if (!place) {
        place = placeFor(
          open.flatMap((entry) => advance(entry, name)),
          value,
        );
        byName.set(name, place);
      }
      return place.key || !looksSecret(key) ? place : { ...place, key: true };
    },
  };
}

function advance(progress: Progress, key: string | undefined): readonly Progress[] {
  const { pattern, matched } = progress;
  const element = pattern.path[matched];
  if (element === undefined) return [];
  if (element === '**') return [progress];
  return element === '*' || element === key ? [{ ...progress, matched: matched + 1 }] : [];
}

/** `**` also stands for nothing at all. */
function withSkips(progress: readonly Progress[]): readonly Progress[] {
  const open = new Map<string, Progress>();
  for (const entry of progress) {
    let { matched } = entry;
    open.set(`${entry.index}.${matched}`, entry);
    while (entry.pattern.path[matched] === '**') {
      matched += 1;
      open.set(`${entry.index}.${matched}`, { ...entry, matched });
    }
  }
  return [...open.values()];
}
