/**
 * Which fields of which types a value has, as one text: two values have the same shape when it is the same.
 *
 * @example
 * ```ts
 * shapeOf({ id: 1, tags: ['a', 'b'] }); // '{id:number,tags:[string]}'
 * ```
 */
export function shapeOf(value: unknown): string {
  if (value === undefined) return '';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${[...new Set(value.map(shapeOf))].sort().join('|')}]`;
  if (typeof value !== 'object') return typeof value;
  const fields = Object.entries(value).map(([name, part]) => `${name}:${shapeOf(part)}`);
  return `{${fields.sort().join(',')}}`;
}
