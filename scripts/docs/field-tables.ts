import { kinds, publishedSchema } from '../../schemas/kinds.ts';
import { renderTable } from './table.ts';

/** The part of a JSON Schema that our kinds use. */
interface Schema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

/** What several kinds have alike, and is told once. */
const SHARED: readonly string[] = ['credentials', 'tls'];

/** A table of all fields for every kind of file. */
export function renderFieldTables(): string {
  const all = Object.keys(kinds).map((kind) => publishedSchema(kind as keyof typeof kinds) as Schema);
  const settings = publishedSchema('settings') as Schema;
  const shared = SHARED.map((name) => ({
    title: `${name}, in \`pointsman.yaml\`, a site or a device`,
    schema: settings.properties?.[name] ?? {},
  }));
  return [
    ...all.map((schema) => renderKind(headingOf(schema), schema)),
    ...shared.map(({ title, schema }) => renderKind(title, schema)),
  ].join('\n\n');
}

/** Titles say `file: what`; a file name is code. */
function headingOf({ title = '' }: Schema): string {
  return title.replaceAll(/[\w<>./-]+\.yaml/g, '`$&`');
}

function renderKind(heading: string, schema: Schema): string {
  const rows = rowsBelow(schema, '');
  const table = renderTable(['Field', 'Type', 'Required', 'Meaning'], rows);
  return [`### ${heading}`, ...(schema.description ? [schema.description] : []), table].join('\n\n');
}

function rowsBelow(schema: Schema, prefix: string): readonly (readonly string[])[] {
  const { properties = {}, patternProperties = {}, required = [], items } = schema;
  return [
    ...Object.entries(properties).flatMap(([name, field]) =>
      rowsOf(field, `${prefix}${prefix ? '.' : ''}${name}`, required.includes(name)),
    ),
    ...Object.values(patternProperties).flatMap((field) =>
      field.properties ? rowsBelow(field, `${prefix}${prefix ? '.' : ''}<name>`) : [],
    ),
    ...(items?.properties ? rowsBelow(items, `${prefix}[]`) : []),
    ...(items?.anyOf ?? []).flatMap((branch) => rowsOfBranch(branch, `${prefix}[]`)),
  ];
}

/** One of several forms of a list entry, told apart by their `kind`. */
function rowsOfBranch(branch: Schema, path: string): readonly (readonly string[])[] {
  const { kind, ...properties } = branch.properties ?? {};
  if (kind?.const === undefined) return [];
  const which = ` with \`kind: ${String(kind.const)}\``;
  return rowsBelow({ ...branch, properties }, path).map(([field = '', ...rest]) => [`${field}${which}`, ...rest]);
}

function rowsOf(field: Schema, path: string, required: boolean): readonly (readonly string[])[] {
  if (SHARED.includes(path) && field.properties) return [[`\`${path}\``, 'map', yesOrNo(required), 'See below.']];
  const told = [`\`${path}\``, typeOf(field), yesOrNo(required), meaningOf(field)];
  return isSecretReference(field) ? [told] : [told, ...rowsBelow(field, path)];
}

function meaningOf({ description, items, properties }: Schema): string {
  return description ?? items?.description ?? properties?.['secret']?.description ?? '';
}

function typeOf(field: Schema): string {
  if (isSecretReference(field)) return '`{ secret: <name> }`';
  if (field.const !== undefined) return `\`${String(field.const)}\``;
  if (field.enum) return field.enum.map((value) => `\`${String(value)}\``).join(' or ');
  if (field.anyOf) return [...new Set(field.anyOf.map(typeOf))].join(' or ');
  if (field.type === 'array') return `list of ${field.items ? typeOf(field.items) : 'anything'}`;
  const words: Readonly<Record<string, string>> = {
    object: 'map',
    string: 'text',
    integer: 'whole number',
    boolean: 'true or false',
  };
  return `${words[field.type ?? ''] ?? field.type ?? 'anything'}${rangeOf(field)}`;
}

function rangeOf({ minimum, maximum, exclusiveMinimum }: Schema): string {
  if (exclusiveMinimum !== undefined)
    return `, above ${exclusiveMinimum}${maximum === undefined ? '' : `, at most ${maximum}`}`;
  if (minimum === undefined) return '';
  return maximum === undefined ? `, at least ${minimum}` : `, ${minimum} to ${maximum}`;
}

function isSecretReference({ properties = {} }: Schema): boolean {
  return Object.keys(properties).join() === 'secret';
}

function yesOrNo(required: boolean): string {
  return required ? 'yes' : '';
}
