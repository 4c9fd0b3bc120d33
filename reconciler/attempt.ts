/**
 * Does one of many things in a pass. One that fails is told of and left to the next pass: it never hides another.
 *
 * @returns Its result alone, or nothing where it failed.
 */
export type Attempt = <T>(about: string, what: () => Promise<T>) => Promise<readonly T[]>;
