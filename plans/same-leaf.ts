import type { Json, Leaf } from '../schemas/json.ts';
import { isTree } from '../schemas/json.ts';

/**
 * A leaf in the one form in which equal meanings have equal values: numbers as the text a switch would show (`9000` and
 * `"9000"` are the same MTU). Lists keep their order and are one value. What is compared and what is hashed goes through
 * here, so that the two never disagree.
 */
export function canonicalLeaf(leaf: Leaf): Json {
  return canonicalValue(leaf as Json);
}

/** Whether two leaves mean the same to a switch. `{}` is a leaf of its own, unlike an absent one. */
export function sameLeaf(a: Leaf, b: Leaf): boolean {
  return sameValue(a as Json, b as Json);
}

function canonicalValue(value: Json): Json {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map((element: Json) => canonicalValue(element));
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, canonicalValue(member as Json)]));
}

function sameValue(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a === 'number' || typeof b === 'number')
    return isScalarText(a) && isScalarText(b) && String(a) === String(b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((element: Json, index) => sameValue(element, b[index] as Json));
  }
  if (!isTree(a) || !isTree(b)) return false;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  return (
    keys.length === others.length &&
    keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key] as Json, b[key] as Json))
  );
}

function isScalarText(value: Json): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
