/**
 * Guards for what is read from the ledger. A shape says what is wrong with a value, and where; a value it finds nothing
 * wrong with is what its type says. Unknown fields are wrong too: a newer version may mean something by them.
 */

/** @returns What is wrong, starting with `where`; `undefined` when nothing is. */
export type Shape = (value: unknown, where: string) => string | undefined;

interface Optional {
  readonly optional: Shape;
}

/** One shape for each member of `T`, so that a member added to the type does not compile until it is guarded. */
type MembersOf<T> = { readonly [Key in keyof T]-?: undefined extends T[Key] ? Optional : Shape };

export const text: Shape = (value, where) => (typeof value === 'string' ? undefined : `${where} is not text`);

export const count: Shape = (value, where) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : `${where} is not a whole number from 0 up`;

export const flag: Shape = (value, where) => (typeof value === 'boolean' ? undefined : `${where} is not true or false`);

/** Milliseconds since the epoch. */
export const moment: Shape = (value, where) =>
  typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= 8.64e15
    ? undefined
    : `${where} is not a time in milliseconds`;

/** The end of a path in a configuration tree: anything but a map that holds something. */
export const leaf: Shape = (value, where) =>
  value === undefined || (isRecord(value) && Object.keys(value).length > 0) ? `${where} is not a leaf` : undefined;

export const anyRecord: Shape = (value, where) => (isRecord(value) ? undefined : `${where} is not an object`);

export const optional = (shape: Shape): Optional => ({ optional: shape });

export function oneOf(...values: readonly string[]): Shape {
  return (value, where) =>
    values.some((known) => known === value) ? undefined : `${where} is not one of ${values.join(', ')}`;
}

// Loops, and no list of checks to go through: years of events are read in one go.

export function listOf(shape: Shape): Shape {
  return (value, where) => {
    if (!Array.isArray(value)) return `${where} is not a list`;
    for (const [index, item] of value.entries()) {
      const problem = shape(item, `${where}/${index}`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

export function recordOf(shape: Shape): Shape {
  return (value, where) => {
    if (!isRecord(value)) return `${where} is not an object`;
    for (const key of Object.keys(value)) {
      const problem = shape(value[key], `${where}/${key}`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

export function objectOf<T>(members: MembersOf<T>): Shape {
  const known = new Map(Object.entries<Shape | Optional>(members));
  const asked = [...known].map(([key, member]) =>
    typeof member === 'function'
      ? { key, shape: member, isOptional: false }
      : { key, shape: member.optional, isOptional: true },
  );
  return (value, where) => {
    if (!isRecord(value)) return `${where} is not an object`;
    for (const key of Object.keys(value)) if (!known.has(key)) return `${where}/${key} is not known`;
    for (const { key, shape, isOptional } of asked) {
      const found = value[key];
      if (isOptional && found === undefined) continue;
      const problem = shape(found, `${where}/${key}`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

/** A union told apart by its `kind`. */
export function byKind(kinds: Readonly<Record<string, Shape>>): Shape {
  const known = new Map(Object.entries(kinds));
  return (value, where) => {
    if (!isRecord(value)) return `${where} is not an object`;
    const shape = typeof value['kind'] === 'string' ? known.get(value['kind']) : undefined;
    return shape ? shape(value, where) : `${where}/kind is not one of ${[...known.keys()].join(', ')}`;
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
