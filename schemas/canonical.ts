import { createHash } from 'node:crypto';

/**
 * One text for one value: keys sorted by UTF-16 code unit, no white space, numbers as JavaScript prints them. `undefined`
 * members are left out. Two values that are equal have equal text on every machine, so hashes of it can be compared.
 *
 * @throws {TypeError} For a value JSON cannot hold (a function, a bigint, NaN, an infinity).
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`canonicalJson cannot write ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const members = value as Readonly<Record<string, unknown>>;
    let text = '';
    // By UTF-16 code unit, which is how sort compares texts.
    for (const key of Object.keys(value).sort()) {
      const member = members[key];
      if (member === undefined) continue;
      text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
    }
    return `{${text}}`;
  }
  throw new TypeError(`canonicalJson cannot write a ${typeof value}`);
}

/** SHA-256, 64 lower-case hex digits, of the value's {@link canonicalJson}. */
export function sha256OfJson(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
