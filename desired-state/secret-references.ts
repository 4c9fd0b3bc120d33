import type { Json, Tree, TreePath } from '../schemas/json.ts';
import { isTree } from '../schemas/json.ts';
import type { SecretPattern } from '../schemas/secret.ts';
import type { SecretPlace } from './places.ts';

/** How a reference stands in a tree, as a leaf or as a key: `secret:site/bgp-password`. */
const REFERENCE = 'secret:';
const SECRET_NAME = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/;

/** Around what `secret()` gives in a template, so that text glued to it is noticed. Private use: nobody writes these. */
const OPENING = '\uE0F0';
const CLOSING = '\uE0F1';
const MARKS = /[\uE0F0\uE0F1]/;
const MARKED = /^\uE0F0(?<inner>[^\uE0F0\uE0F1]*)\uE0F1$/;

/** What `{{ secret('site/x') }}` renders to. */
export function referenceInTemplate(name: unknown): string {
  return `${OPENING}${REFERENCE}${String(name)}${CLOSING}`;
}

/** @returns The reference without its template marks, or `undefined` when something else stands around or in it. */
export function unmarked(text: string): string | undefined {
  return MARKS.test(text) ? MARKED.exec(text)?.groups?.['inner'] : text;
}

/** The secret a leaf or key names, `undefined` when it is plain. */
export function referencedSecret(text: unknown): string | undefined {
  return typeof text === 'string' && text.startsWith(REFERENCE) ? text.slice(REFERENCE.length) : undefined;
}

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** A map that is exactly `{ secret: <text> }`. */
export function asReferenceMap(node: Json): string | undefined {
  if (!isTree(node)) return undefined;
  const { secret, ...others } = node;
  return typeof secret === 'string' && Object.keys(others).length === 0 ? secret : undefined;
}

/** Every place of a finished tree that holds a reference, in tree order. */
export function secretPlaces(tree: Tree): readonly SecretPlace[] {
  const places: SecretPlace[] = [];
  const path: string[] = [];
  const note = (text: unknown, at: 'value' | 'key'): void => {
    const secret = referencedSecret(text);
    if (secret !== undefined) places.push({ path: [...path], at, secret });
  };
  const visit = (node: Tree): void => {
    for (const [key, value] of Object.entries(node)) {
      path.push(key);
      note(key, 'key');
      if (isTree(value)) visit(value);
      else note(value, 'value');
      path.pop();
    }
  };
  visit(tree);
  return places;
}

/** Says whether a path is one of a platform's secret places. */
export interface SecretMatcher {
  matches(path: TreePath, at: 'value' | 'key'): boolean;
}

/** Patterns that end in a plain word are found by it: nearly every leaf is settled by one look-up. */
export function createSecretMatcher(patterns: readonly SecretPattern[]): SecretMatcher {
  const byLast = { value: new Map<string, SecretPattern[]>(), key: new Map<string, SecretPattern[]>() };
  for (const pattern of patterns) {
    const last = pattern.path.at(-1) ?? '**';
    const found = byLast[pattern.at].get(last) ?? [];
    byLast[pattern.at].set(last, [...found, pattern]);
  }
  return {
    matches(path, at) {
      const candidates = [path.at(-1) ?? '', '*', '**'].flatMap((last) => byLast[at].get(last) ?? []);
      return candidates.some((pattern) => matchesFrom(pattern.path, 0, path, 0));
    },
  };
}

function matchesFrom(pattern: readonly string[], p: number, path: TreePath, at: number): boolean {
  const element = pattern[p];
  if (element === undefined) return at === path.length;
  if (element === '**') {
    for (let next = at; next <= path.length; next += 1) if (matchesFrom(pattern, p + 1, path, next)) return true;
    return false;
  }
  const fits = at < path.length && (element === '*' || element === path[at]);
  return fits && matchesFrom(pattern, p + 1, path, at + 1);
}
