/** What the API refuses while editing: unknown properties and values of the wrong form. Pure. */
import { isTree, type Tree } from '../../schemas/json.ts';
import { type Check, notOfType } from './formats.ts';
import { KNOWN, RULES } from './model.ts';
import type { Refusal } from './replies.ts';

/** Every refusal of a body, in its order. Tolerates `null` anywhere: in a merge-patch it removes. */
export function refusalsOf(tree: Tree): readonly Refusal[] {
  const refusals: Refusal[] = [];
  for (const [key, value] of Object.entries(tree)) {
    const known = Object.hasOwn(KNOWN, key) ? KNOWN[key] : undefined;
    if (!known) refusals.push(unexpected(key, ''));
    else if (value !== null && !isTree(value))
      refusals.push({ error: notOfType(value, 'object'), instanceLocation: `/${key}` });
    else if (known !== '*' && isTree(value)) {
      for (const below of Object.keys(value)) {
        if (!known.includes(below)) refusals.push(unexpected(below, `/${key}`));
      }
    }
  }
  walk(tree, [FORMS], '', refusals);
  return refusals;
}

/** The rules as a tree, so that a body is walked once however many there are. */
interface Form {
  readonly below: Map<string, Form>;
  readonly keys: Check[];
  readonly leaves: Check[];
}

const FORMS: Form = grow();

function grow(): Form {
  const seed = (): Form => ({ below: new Map(), keys: [], leaves: [] });
  const root = seed();
  for (const { path, key, leaf } of RULES) {
    let form = root;
    for (const name of path) {
      const next: Form = form.below.get(name) ?? seed();
      form.below.set(name, next);
      form = next;
    }
    if (key) form.keys.push(key);
    if (leaf) form.leaves.push(leaf);
  }
  return root;
}

function walk(tree: Tree, forms: readonly Form[], pointer: string, refusals: Refusal[]): void {
  for (const [key, value] of Object.entries(tree)) {
    if (value === null) continue;
    const found = forms.flatMap(({ below }) => [below.get(key), below.get('*')]).filter((form) => form !== undefined);
    if (found.length === 0) continue;
    const location = `${pointer}/${escapePointer(key)}`;
    const refuse = (words: string | undefined, where = location): void => {
      if (words !== undefined) refusals.push({ error: words, instanceLocation: where });
    };
    for (const { keys, leaves } of found) {
      for (const check of leaves) refuse(check(value));
      for (const check of keys) {
        if (!isTree(value)) {
          // At the top it has been said already.
          if (pointer !== '') refuse(notOfType(value, 'object'));
        } else for (const name of Object.keys(value)) refuse(check(name), `${location}/${escapePointer(name)}`);
      }
    }
    if (isTree(value)) walk(value, found, location, refusals);
  }
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unexpected(key: string, location: string): Refusal {
  return {
    error: `Unevaluated properties are not allowed ('${key}' was unexpected)`,
    instanceLocation: location === '' ? '/' : location,
  };
}
