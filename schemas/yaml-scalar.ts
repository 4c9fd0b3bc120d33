/**
 * A plain (unquoted) scalar as the core schema of YAML 1.2.2 §10.3.2 reads it: `on`, `yes`, timestamps and `1_000` are
 * text, `0123` is 123, `0o17` is 15.
 *
 * @param source The scalar, folded; empty for a value that was left out.
 */
export function readPlainScalar(source: string): null | boolean | number | string {
  const first = source.charCodeAt(0);
  if (first > DIGIT_9 || Number.isNaN(first)) {
    const word = WORDS.get(source);
    return word === undefined ? source : word;
  }
  if (DECIMAL.test(source)) return Number(source);
  if (OCTAL.test(source)) return Number.parseInt(source.slice(2), 8);
  if (HEXADECIMAL.test(source)) return Number.parseInt(source.slice(2), 16);
  if (FLOAT.test(source)) return Number(source);
  return SPECIAL.get(source) ?? source;
}

const DIGIT_9 = 0x39;

const WORDS: ReadonlyMap<string, null | boolean> = new Map<string, null | boolean>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);

const DECIMAL = /^[-+]?[0-9]+$/;
const OCTAL = /^0o[0-7]+$/;
const HEXADECIMAL = /^0x[0-9a-fA-F]+$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
/** Not-a-number has no sign: `+.nan` is text. */
const SPECIAL: ReadonlyMap<string, number> = new Map<string, number>([
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
]);
