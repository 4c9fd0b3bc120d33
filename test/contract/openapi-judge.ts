import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { RestExchange } from '../../sandbox/github/exchange.ts';
import type {
  ExtractedOperation,
  ExtractedParameter,
  OpenapiExtract,
} from '../../scripts/openapi/extract-operations.ts';
import type { Schema } from '../../scripts/openapi/to-json-schema.ts';
import { isKnownGap } from './known-gaps.ts';
import { shapeOf } from './shape.ts';
import { strangersIn } from './strangers.ts';

/** Something that GitHub's description does not say. */
export interface Violation {
  /** `GET /repos/{owner}/{repo}/pulls`, or the request as it was sent when it is none that GitHub describes. */
  readonly operation: string;
  readonly side: 'request' | 'answer';
  /** For example `query state`, `input /output/title`, `/0/user/login`. */
  readonly at: string;
  readonly problem: string;
}

export interface Verdict {
  readonly violations: readonly Violation[];
  /** Operation, and which fields of which types were sent. Absent when the request was not judged. */
  readonly requestShape?: string;
  /** Operation, status, and which fields of which types came back. Absent when the answer was not judged. */
  readonly answerShape?: string;
}

export interface OpenapiJudge {
  /** Pure but for what it compiles on the way. */
  judge(exchange: RestExchange): Verdict;
  readonly operations: readonly string[];
}

interface Route {
  readonly name: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly operation: ExtractedOperation;
}

/** Statuses that any operation may answer with, whatever its description lists, and what then comes with them. */
const GENERIC_REFUSALS: readonly number[] = [400, 401, 403, 404, 422, 429, 500, 502, 503];
const GENERIC_BODY: Schema = {
  anyOf: ['basic-error', 'validation-error', 'validation-error-simple'].map((name) => ({ $ref: `#/$defs/${name}` })),
};
/** A request that was refused for what it says is no claim that GitHub would take it. */
const REFUSED_FOR_ITS_CONTENT: readonly number[] = [400, 422];
/** Its description is of another kind (a schema of its own), so nothing here can judge it. */
const GRAPHQL = '/graphql';

export function readOpenapiExtract(): OpenapiExtract {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'github-openapi.json'), 'utf8'));
}

/** Judges exchanges by GitHub's published description: what is not in it is a violation, on either side. */
export function createOpenapiJudge(extract: OpenapiExtract): OpenapiJudge {
  const { $defs } = extract;
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
    allErrors: true,
  });
  addFormats.default(ajv);
  // GitHub's own words for "owner/name" and for how large a number may be.
  for (const format of ['int64', 'repo.nwo']) ajv.addFormat(format, true);

  const compiled = new Map<Schema, ValidateFunction>();
  const routes = Object.entries(extract.operations).map(([name, operation]) => routeOf(name, operation));
  // `/issues/comments` before `/issues/{issue_number}`.
  routes.sort((a, b) => a.names.length - b.names.length);

  function problemsOf(schema: Schema, value: unknown): readonly { readonly at: string; readonly problem: string }[] {
    let validate = compiled.get(schema);
    if (!validate) {
      validate = ajv.compile({ $defs, ...schema });
      compiled.set(schema, validate);
    }
    if (!validate(value)) {
      return (validate.errors ?? []).map(({ instancePath, message = '', params }) => ({
        at: instancePath,
        problem: `${message}${'allowedValues' in params ? `: ${JSON.stringify(params['allowedValues'])}` : ''}`,
      }));
    }
    return [];
  }

  /** As {@link problemsOf}, and refuses what none of the schemas has a name for. */
  function problemsAndStrangers(schema: Schema, value: unknown, others: readonly Schema[] = []) {
    const strangers = strangersIn([schema, ...others], value, $defs);
    return [...problemsOf(schema, value), ...strangers.map((at) => ({ at, problem: 'is not in the description' }))];
  }

  function judgeParameters(
    declared: Readonly<Record<string, ExtractedParameter>>,
    given: readonly (readonly [string, string])[],
    place: 'path' | 'query',
  ) {
    const unknown = given
      .filter(([name]) => !Object.hasOwn(declared, name))
      .map(([name]) => ({ at: `${place} ${name}`, problem: 'is not in the description' }));
    const missing = Object.entries(declared)
      .filter(([name, { required }]) => required && !given.some(([other]) => other === name))
      .map(([name]) => ({ at: `${place} ${name}`, problem: 'is missing' }));
    const wrong = given.flatMap(([name, text]) => {
      const parameter = Object.hasOwn(declared, name) ? declared[name] : undefined;
      const problems = parameter ? problemsOf(parameter.schema, fromText(text, parameter.schema, $defs)) : [];
      return problems.map(({ problem }) => ({ at: `${place} ${name}`, problem }));
    });
    return [...unknown, ...missing, ...wrong];
  }

  function judgeInput({ input: declared }: ExtractedOperation, input: unknown) {
    if (input === undefined) return declared?.required ? [{ at: 'input', problem: 'is missing' }] : [];
    if (!declared) return [{ at: 'input', problem: 'is not in the description' }];
    return problemsAndStrangers(declared.schema, input).map(({ at, problem }) => ({ at: `input ${at}`, problem }));
  }

  function judgeAnswer({ answers }: ExtractedOperation, { method, status, output }: RestExchange) {
    if (status === 304)
      return method === 'GET' && output === undefined ? [] : [{ at: '', problem: 'is a 304 with a body' }];
    const declared = Object.hasOwn(answers, status) ? answers[status] : undefined;
    // Every refusal carries its status as a text, which the description says of some only.
    if (declared) return problemsAndStrangers(declared, output, status >= 400 ? [GENERIC_BODY] : []);
    // Of some refusals the description gives the number only; they have words all the same.
    const refused = GENERIC_REFUSALS.includes(status) || (declared === null && status >= 400);
    if (refused) return problemsAndStrangers(GENERIC_BODY, output);
    if (declared === undefined)
      return [{ at: '', problem: `has the status ${status}, which is not in the description` }];
    return output === undefined ? [] : [{ at: '', problem: `has a body, and a ${status} of this has none` }];
  }

  return {
    operations: Object.keys(extract.operations),

    judge(exchange) {
      const { method, path, query, input, status, output } = exchange;
      if (path === GRAPHQL) return { violations: [] };
      const found = routes
        .filter((route) => route.method === method)
        .map((route) => ({ ...route, match: route.pattern.exec(path) }))
        .find(({ match }) => match);
      if (!found) {
        const problem = 'is no operation of the description, or not extracted from it (npm run openapi)';
        return { violations: [{ operation: `${method} ${path}`, side: 'request', at: 'path', problem }] };
      }

      const { name, operation, names, match } = found;
      const parts = names.map((part, index) => [part, decodeURIComponent(match?.[index + 1] ?? '')] as const);
      const asked = REFUSED_FOR_ITS_CONTENT.includes(status)
        ? undefined
        : [
            ...judgeParameters(operation.path, parts, 'path'),
            ...judgeParameters(operation.query, query, 'query'),
            ...judgeInput(operation, input),
          ];
      const answered = judgeAnswer(operation, exchange);
      return {
        violations: [
          ...(asked ?? []).map((problem) => ({ operation: name, side: 'request' as const, ...problem })),
          ...answered.map((problem) => ({ operation: name, side: 'answer' as const, ...problem })),
        ].filter((violation) => !isKnownGap(violation)),
        ...(asked ? { requestShape: `${name}?${query.map(([key]) => key).sort()} ${shapeOf(input)}` } : {}),
        answerShape: `${name} ${status} ${shapeOf(output)}`,
      };
    },
  };
}

function routeOf(name: string, operation: ExtractedOperation): Route {
  const [method = '', template = ''] = name.split(' ');
  const names = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const pattern = template
    .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
    .replace(/\{(\w+)\}/g, (_, part: string) => (operation.path[part]?.multiSegment ? '(.+)' : '([^/]+)'));
  return { name, method, names, operation, pattern: new RegExp(`^${pattern}$`) };
}

/** A parameter as the value it stands for; what does not fit stays a text, which its schema then refuses. */
function fromText(text: string, schema: Schema, $defs: Readonly<Record<string, Schema>>): unknown {
  const types = typesOf(schema, $defs);
  if ((types.includes('integer') || types.includes('number')) && /^-?\d+$/.test(text)) return Number(text);
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if (types.includes('array')) return text.split(',');
  return text;
}

function typesOf(schema: Schema, $defs: Readonly<Record<string, Schema>>): readonly unknown[] {
  const { type, $ref, anyOf } = schema;
  if (typeof $ref === 'string') return typesOf($defs[$ref.replace('#/$defs/', '')] ?? {}, $defs);
  if (Array.isArray(anyOf)) return (anyOf as readonly Schema[]).flatMap((part) => typesOf(part, $defs));
  return [type].flat();
}
