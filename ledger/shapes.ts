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

export function listOf(shape: Shape): Shape {
  return (value, where) =>
    Array.isArray(value)
      ? firstProblem(value.map((item, index) => () => shape(item, `${where}/${index}`)))
      : `${where} is not a list`;
}

export function recordOf(shape: Shape): Shape {
  return (value, where) =>
    isRecord(value)
      ? firstProblem(
          Object.entries(value).map(
            ([key, member]) =>
              () =>
                shape(member, `${where}/${key}`),
          ),
        )
      : `${where} is not an object`;
}

export function objectOf<T>(members: MembersOf<T>): Shape {
  const known = new Map(Object.entries<Shape | Optional>(members));
  return (value, where) => {
    if (!isRecord(value)) return `${where} is not an object`;
    const unknown = Object.keys(value).find((key) => !known.has(key));
    if (unknown !== undefined) return `${where}/${unknown} is not known`;
    return firstProblem(
      [...known].map(([key, member]) => () => {
        const found = value[key];
        if (typeof member === 'function') return member(found, `${where}/${key}`);
        return found === undefined ? undefined : member.optional(found, `${where}/${key}`);
      }),
    );
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

function firstProblem(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const problem = check();
    if (problem !== undefined) return problem;
  }
  return undefined;
}
