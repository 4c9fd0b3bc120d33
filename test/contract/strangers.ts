import type { Schema } from '../../scripts/openapi/to-json-schema.ts';

/**
 * Fields of a value that none of the schemas names anywhere. GitHub's description leaves its objects open, so a validator alone
 * lets every misspelt name pass.
 *
 * An object whose schema names no fields at all, or says what others may be, takes any.
 *
 * @returns JSON pointers.
 */
export function strangersIn(
  schemas: readonly Schema[],
  value: unknown,
  $defs: Readonly<Record<string, Schema>>,
): readonly string[] {
  return strangers(schemas, value, '', $defs);
}

function strangers(
  schemas: readonly Schema[],
  value: unknown,
  at: string,
  $defs: Readonly<Record<string, Schema>>,
): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const all = schemas.flatMap((schema) => alternativesOf(schema, $defs));
  if (Array.isArray(value)) {
    const items = all.flatMap((schema) => (isSchema(schema['items']) ? [schema['items']] : []));
    return value.flatMap((item, index) => strangers(items, item, `${at}/${index}`, $defs));
  }

  const named = all.flatMap((schema) => (isSchema(schema['properties']) ? [schema['properties']] : []));
  const others = all.flatMap((schema) =>
    isSchema(schema['additionalProperties']) ? [schema['additionalProperties']] : [],
  );
  return Object.entries(value).flatMap(([name, part]) => {
    const here = `${at}/${name}`;
    const declared = named.flatMap((properties) =>
      Object.hasOwn(properties, name) ? [properties[name] as Schema] : [],
    );
    if (declared.length > 0) return strangers(declared, part, here, $defs);
    if (others.length > 0) return strangers(others, part, here, $defs);
    return named.length > 0 ? [here] : [];
  });
}

/** The schema itself with all it refers to and all its alternatives: a field that any of them names is no stranger. */
function alternativesOf(schema: Schema, $defs: Readonly<Record<string, Schema>>): readonly Schema[] {
  const { $ref } = schema;
  const parts = ['allOf', 'anyOf'].flatMap((keyword) => (schema[keyword] as readonly Schema[] | undefined) ?? []);
  const referred = typeof $ref === 'string' ? $defs[$ref.replace('#/$defs/', '')] : undefined;
  return [schema, ...[...(referred ? [referred] : []), ...parts].flatMap((part) => alternativesOf(part, $defs))];
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null;
}
