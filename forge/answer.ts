import { ForgeAnswerUnreadableError } from './errors.ts';

/** A part of what GitHub answered, read with suspicion: what is not as expected throws, it is never taken for empty. */
export interface Answer {
  /** The part below these keys. Looking below what is not there is allowed; reading it is not. */
  at(...keys: readonly string[]): Answer;
  /** False for `null` and for what is not there. */
  readonly present: boolean;
  text(): string;
  /** A Git object id, 40 lower-case hex digits. */
  commit(): string;
  number(): number;
  flag(): boolean;
  /** ISO 8601. @returns Milliseconds since the Unix epoch. */
  time(): number;
  list(): readonly Answer[];
  /** Names of the members of an object. */
  keys(): readonly string[];
  /** The error for a value that is of the right kind and still not one we know. */
  unreadable(expected: string): ForgeAnswerUnreadableError;
}

/**
 * @param request Method and path, for the error.
 * @throws {ForgeAnswerUnreadableError} By every reading method.
 */
export function createAnswer(value: unknown, request: string, path: readonly string[] = []): Answer {
  const unreadable = (expected: string): ForgeAnswerUnreadableError =>
    new ForgeAnswerUnreadableError({ request, at: path.join('.'), expected, found: kindOf(value) });

  function text(): string {
    if (typeof value !== 'string') throw unreadable('a text');
    return value;
  }

  return {
    at: (...keys) => createAnswer(keys.reduce(memberOf, value), request, [...path, ...keys]),
    present: value !== undefined && value !== null,
    text,
    commit() {
      if (!/^[0-9a-f]{40}$/.test(text())) throw unreadable('a commit id');
      return text();
    },
    number() {
      if (typeof value !== 'number') throw unreadable('a number');
      return value;
    },
    flag() {
      if (typeof value !== 'boolean') throw unreadable('true or false');
      return value;
    },
    time() {
      const at = Date.parse(text());
      if (Number.isNaN(at)) throw unreadable('a time');
      return at;
    },
    list() {
      if (!Array.isArray(value)) throw unreadable('a list');
      return value.map((item: unknown, index) => createAnswer(item, request, [...path, String(index)]));
    },
    keys() {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable('an object');
      return Object.keys(value);
    },
    unreadable,
  };
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
