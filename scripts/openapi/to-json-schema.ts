/** A JSON Schema, or a part of OpenAPI that is nearly one. */
export type Schema = Readonly<Record<string, unknown>>;

const SCHEMA_IN = ['items', 'not', 'additionalProperties'];
const SCHEMAS_IN = ['allOf', 'anyOf', 'oneOf'];
const KEPT = [
  ...['type', 'enum', 'required', 'format', 'pattern', 'uniqueItems'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'],
];
const COMPONENT = '#/components/schemas/';

/**
 * A schema of OpenAPI 3.0 as JSON Schema 2020-12, without what does not judge (descriptions, examples, defaults).
 *
 * - `nullable` becomes another type; an `enum` beside it takes `null` too, which GitHub's description leaves out mostly.
 * - `oneOf` becomes `anyOf`: GitHub lists alternatives several of which fit (a user, a user with more fields).
 * - A `format` whose `default` is the empty text lets that through: it is how GitHub writes an address that is not set.
 * - `$ref` points into `$defs`.
 *
 * Source: OpenAPI 3.0.3, "Schema Object".
 */
export function toJsonSchema(schema: Schema): Schema {
  const made: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === '$ref') made['$ref'] = refOf(String(value));
    else if (keyword === 'properties') made['properties'] = propertiesOf(value as Readonly<Record<string, Schema>>);
    else if (SCHEMAS_IN.includes(keyword)) addAlternatives(made, keyword, value as readonly Schema[]);
    else if (SCHEMA_IN.includes(keyword))
      made[keyword] = typeof value === 'object' ? toJsonSchema(value as Schema) : value;
    else if (KEPT.includes(keyword)) made[keyword] = value;
  }
  const open = made['format'] !== undefined && schema['default'] === '' ? { anyOf: [made, { const: '' }] } : made;
  return schema['nullable'] === true ? orNull(open) : open;
}

function refOf(ref: string): string {
  if (!ref.startsWith(COMPONENT)) throw new TypeError(`a schema refers to ${ref}, which is no schema`);
  return `#/$defs/${ref.slice(COMPONENT.length)}`;
}

function propertiesOf(properties: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, toJsonSchema(schema)]));
}

function addAlternatives(made: Record<string, unknown>, keyword: string, schemas: readonly Schema[]): void {
  const name = keyword === 'oneOf' ? 'anyOf' : keyword;
  const converted = schemas.map(toJsonSchema);
  if (made[name] === undefined) made[name] = converted;
  else made['allOf'] = [...((made['allOf'] as readonly Schema[] | undefined) ?? []), { [name]: converted }];
}

function orNull(schema: Schema): Schema {
  const { type, enum: values, ...rest } = schema;
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  if (['allOf', 'anyOf', 'not'].some((keyword) => keyword in rest)) return { anyOf: [schema, { type: 'null' }] };
  const withNull = Array.isArray(values) && !values.includes(null) ? [...values, null] : values;
  return { ...rest, type: [type, 'null'], ...(withNull === undefined ? {} : { enum: withNull }) };
}

/** Names in `$defs` that a converted schema refers to. */
export function refsIn(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(refsIn);
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value.replace('#/$defs/', '')] : refsIn(value),
  );
}
