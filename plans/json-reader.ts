import { PlanUnreadableError } from './errors.ts';

type Read<T> = (value: unknown, where: string) => T;

/** Every method throws {@link PlanUnreadableError} with the place, and never quotes what it found there. */
export interface JsonReader {
  required<T>(key: string, read: Read<T>): T;
  /** `{}` when absent, `{ [key]: value }` otherwise: to be spread. */
  optional<Key extends string, T>(key: Key, read: Read<T>): { readonly [K in Key]?: T };
  /** Refuses what was not asked for: a newer version may mean something by it. */
  finish(): void;
}

/** Takes an object apart field by field, so that what comes out is what its type says. */
export function readObject(value: unknown, where: string): JsonReader {
  if (!isRecord(value)) throw new PlanUnreadableError({ where, problem: 'is not an object' });
  const asked = new Set<string>();
  return {
    required(key, read) {
      asked.add(key);
      return read(Object.hasOwn(value, key) ? value[key] : undefined, `${where}/${key}`);
    },
    optional(key, read) {
      asked.add(key);
      return (Object.hasOwn(value, key) ? { [key]: read(value[key], `${where}/${key}`) } : {}) as never;
    },
    finish() {
      const unknown = Object.keys(value).find((key) => !asked.has(key));
      if (unknown !== undefined)
        throw new PlanUnreadableError({ where: `${where}/${unknown}`, problem: 'is not known' });
    },
  };
}

export const readText: Read<string> = (value, where) => {
  if (typeof value !== 'string') throw new PlanUnreadableError({ where, problem: 'is not text' });
  return value;
};

export const readNumber: Read<number> = (value, where) => {
  if (typeof value !== 'number') throw new PlanUnreadableError({ where, problem: 'is not a number' });
  return value;
};

export const readFlag: Read<boolean> = (value, where) => {
  if (typeof value !== 'boolean') throw new PlanUnreadableError({ where, problem: 'is not true or false' });
  return value;
};

export function readOneOf<const T extends string | number>(...known: readonly T[]): Read<T> {
  return (value, where) => {
    const found = known.find((candidate) => candidate === value);
    if (found === undefined) throw new PlanUnreadableError({ where, problem: `is not one of ${known.join(', ')}` });
    return found;
  };
}

export function readList<T>(read: Read<T>): Read<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) throw new PlanUnreadableError({ where, problem: 'is not a list' });
    return value.map((element, index) => read(element, `${where}/${index}`));
  };
}

export function readRecord<T>(read: Read<T>): Read<Readonly<Record<string, T>>> {
  return (value, where) => {
    if (!isRecord(value)) throw new PlanUnreadableError({ where, problem: 'is not an object' });
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, read(member, `${where}/${key}`)]));
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
