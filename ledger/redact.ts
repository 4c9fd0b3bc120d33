import { LedgerStepRefusedError } from './errors.ts';

/** Takes what must stay secret out of a text. The same text comes back when there is nothing to take out. */
export type Redact = (text: string) => string;

/**
 * `redact` over every text in a value, keys too. Done before anything is written as JSON: a secret with a quote or a
 * backslash in it looks different inside JSON, and would be missed there.
 */
export function redactValue<Value>(value: Value, redact: Redact): Value {
  return redacted(value, redact) as Value;
}

/**
 * `redact` over every text in a JSON file. A file with nothing to take out stays as it is, byte for byte.
 *
 * @param path Used only to point at problems.
 * @throws {LedgerStepRefusedError} Not JSON.
 */
export function redactJson(json: string, path: string, redact: Redact): string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new LedgerStepRefusedError({ path, problem: 'its content is not JSON' }, { cause });
  }
  const after = redacted(value, redact);
  return after === value ? json : `${JSON.stringify(after, null, 2)}\n`;
}

/** The very same value where there is nothing to take out: a plan of a thousand switches is not held twice. */
function redacted(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) {
    const after = value.map((item) => redacted(item, redact));
    return after.every((item, index) => item === value[index]) ? value : after;
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value);
  const after = members.map(([key, member]): [string, unknown] => [redact(key), redacted(member, redact)]);
  const isSame = after.every(([key, member], index) => key === members[index]?.[0] && member === members[index]?.[1]);
  return isSame ? value : Object.fromEntries(after);
}
