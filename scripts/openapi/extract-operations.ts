import { namesOperation, type SourceRoute } from './routes-in-sources.ts';
import { refsIn, type Schema, toJsonSchema } from './to-json-schema.ts';

/** GitHub's description, as far as it is looked at here. */
export interface OpenapiDocument {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenapiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly parameters: Readonly<Record<string, OpenapiParameter>>;
    readonly responses: Readonly<Record<string, OpenapiContent>>;
  };
}

interface OpenapiOperation {
  readonly parameters?: readonly (OpenapiParameter | Reference)[];
  readonly requestBody?: OpenapiContent & { readonly required?: boolean };
  readonly responses: Readonly<Record<string, OpenapiContent | Reference>>;
}

interface OpenapiParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
  readonly 'x-multi-segment'?: boolean;
}

interface OpenapiContent {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Reference {
  readonly $ref: string;
}

export interface ExtractedParameter {
  readonly required: boolean;
  /** May have slashes in it. */
  readonly multiSegment?: true;
  readonly schema: Schema;
}

export interface ExtractedOperation {
  readonly path: Readonly<Record<string, ExtractedParameter>>;
  readonly query: Readonly<Record<string, ExtractedParameter>>;
  /** Absent when the operation takes none. */
  readonly input?: { readonly required: boolean; readonly schema: Schema };
  /** By status; `null` when nothing comes with it. */
  readonly answers: Readonly<Record<string, Schema | null>>;
}

/** The part of GitHub's description that judges us, as JSON Schema 2020-12. */
export interface OpenapiExtract {
  readonly source: string;
  readonly license: string;
  /** By method and path, for example `GET /repos/{owner}/{repo}/pulls`. */
  readonly operations: Readonly<Record<string, ExtractedOperation>>;
  readonly $defs: Readonly<Record<string, Schema>>;
}

const JSON_CONTENT = 'application/json';

/** Bodies of refusals that an operation may give without its description saying so. */
const GENERIC = ['basic-error', 'validation-error', 'validation-error-simple'];

/**
 * Every operation the routes speak of, with all schemas it refers to; sorted, so that the same input gives the same bytes.
 *
 * @param origin Where the document is from, for whoever looks at the extract.
 */
export function extractOperations(
  document: OpenapiDocument,
  routes: readonly SourceRoute[],
  origin: { readonly source: string; readonly license: string },
): OpenapiExtract {
  const operations: Record<string, ExtractedOperation> = {};
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method.toUpperCase()} ${path}`;
      if (routes.some((route) => namesOperation(route, name))) operations[name] = extract(document, operation);
    }
  }
  return sorted({ ...origin, operations, $defs: schemasFor(document, operations) });
}

function extract(document: OpenapiDocument, operation: OpenapiOperation): ExtractedOperation {
  const parameters = (operation.parameters ?? []).map((entry) => resolved(entry, document.components.parameters));
  const input = schemaOf(operation.requestBody);
  const answers = Object.entries(operation.responses).map(([status, entry]) => {
    const schema = schemaOf(resolved(entry, document.components.responses));
    return [status, schema ?? null] as const;
  });
  return {
    path: parametersIn(parameters, 'path'),
    query: parametersIn(parameters, 'query'),
    ...(input ? { input: { required: operation.requestBody?.required ?? false, schema: input } } : {}),
    answers: Object.fromEntries(answers),
  };
}

function parametersIn(parameters: readonly OpenapiParameter[], place: string) {
  return Object.fromEntries(
    parameters
      .filter((parameter) => parameter.in === place)
      .map((parameter) => [
        parameter.name,
        {
          required: parameter.required ?? false,
          ...(parameter['x-multi-segment'] ? { multiSegment: true as const } : {}),
          schema: toJsonSchema(parameter.schema),
        },
      ]),
  );
}

function schemaOf(content: OpenapiContent | undefined): Schema | undefined {
  const schema = content?.content?.[JSON_CONTENT]?.schema;
  return schema && toJsonSchema(schema);
}

function resolved<Part extends object>(entry: Part | Reference, components: Readonly<Record<string, Part>>): Part {
  if (!('$ref' in entry)) return entry;
  const found = components[entry.$ref.split('/').at(-1) ?? ''];
  if (!found) throw new TypeError(`${entry.$ref} is not in the document`);
  return found;
}

function schemasFor(document: OpenapiDocument, operations: unknown): Readonly<Record<string, Schema>> {
  const found: Record<string, Schema> = {};
  const missing = [...GENERIC, ...refsIn(operations)];
  for (let name = missing.pop(); name !== undefined; name = missing.pop()) {
    if (found[name]) continue;
    const schema = document.components.schemas[name];
    if (!schema) throw new TypeError(`the schema ${name} is not in the document`);
    const converted = toJsonSchema(schema);
    found[name] = converted;
    missing.push(...refsIn(converted));
  }
  return found;
}

function sorted<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(sorted) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)])) as Value;
}
