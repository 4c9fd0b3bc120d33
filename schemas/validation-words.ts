import type { ErrorObject } from 'ajv/dist/2020.js';
import { closest, distance } from 'fastest-levenshtein';
import { looksSecret } from './excerpt.ts';

/** An ajv error in our words. */
export interface DescribedError {
  readonly path: readonly string[];
  readonly at: 'key' | 'value';
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** What a schema says beside the keyword that failed. */
interface ParentSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly description?: string;
}

/** One ajv error as where, what was expected, and what was found. A value under a key that looks secret is never quoted. */
export function describeError(error: ErrorObject): DescribedError {
  const path = pointerToPath(error.instancePath);
  const parent = (error.parentSchema ?? {}) as ParentSchema;
  const quotable = !path.slice(-2).some(looksSecret);
  const found = describeValue(error.data, quotable);
  const params = error.params as Readonly<Record<string, unknown>>;
  const invalid = (message: string, hint?: string): DescribedError => ({
    path,
    at: 'value',
    code: 'SCHEMAS_VALUE',
    message,
    ...(hint === undefined ? {} : { hint }),
  });

  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty']);
      const meant = didYouMean(name, Object.keys(parent.properties ?? {}));
      const message = `unknown field "${name}"`;
      return {
        path: [...path, name],
        at: 'key',
        code: 'SCHEMAS_UNKNOWN_FIELD',
        message,
        ...(meant ? { hint: meant } : {}),
      };
    }
    case 'required': {
      const message = `missing field "${String(params['missingProperty'])}"`;
      return { path, at: 'key', code: 'SCHEMAS_MISSING_FIELD', message };
    }
    case 'type':
      return invalid(`expected ${withArticle(String(params['type']))}, found ${found}`);
    case 'enum':
      return oneOf(params['allowedValues'] as readonly unknown[], error.data);
    case 'const':
      return oneOf([params['allowedValue']], error.data);
    case 'anyOf': {
      const kinds = (error.schema as readonly Branch[]).map(({ properties }) => properties?.kind?.const);
      const given = (error.data as { readonly kind?: unknown } | null)?.kind;
      if (typeof given !== 'string' || !kinds.every((kind) => kind !== undefined)) {
        return invalid(`expected ${alternatives(error.schema)}, found ${found}`);
      }
      return { ...oneOf(kinds, given), path: [...path, 'kind'] };
    }
    case 'minLength':
      return invalid('expected text, found an empty one');
    case 'minItems':
      return invalid('expected at least one entry, found none');
    case 'minProperties':
      return invalid(`expected at least one of ${Object.keys(parent.properties ?? {}).join(', ')}`);
    case 'pattern':
      return invalid(
        `${found} is not of the form expected here`,
        parent.description ?? `it has to match ${String(params['pattern'])}`,
      );
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
      return invalid(`expected a number ${String(params['comparison'])} ${String(params['limit'])}, found ${found}`);
    default:
      return invalid(error.message ?? `breaks the rule ${error.keyword}`);
  }

  function oneOf(allowed: readonly unknown[], given: unknown): DescribedError {
    const words = allowed.map(String);
    const hint = typeof given === 'string' ? didYouMean(given, words) : undefined;
    const expected = words.map((word) => `"${word}"`).join(' or ');
    return invalid(`expected ${expected}, found ${describeValue(given, quotable)}`, hint);
  }
}

/**
 * A misspelt field is unknown, and the one that was meant is missing: one mistake, told once, where it was made.
 */
export function withoutMisspeltTwice(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const meant = new Set(
    errors
      .filter(({ keyword }) => keyword === 'additionalProperties')
      .map((error) => `${error.instancePath} ${describeError(error).hint}`),
  );
  return errors.filter(
    ({ keyword, instancePath, params }) =>
      keyword !== 'required' || !meant.has(`${instancePath} ${meantHint(String(params['missingProperty']))}`),
  );
}

/**
 * ajv reports every branch of a choice that failed. Only the branch that was meant is of use: the one whose `kind` is
 * the one given. When no branch is meant, the choice as a whole is.
 */
export function withoutBranchNoise(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf');
  const dropped = new Set<ErrorObject>();
  for (const choice of choices) {
    const branches = new Map<string, ErrorObject[]>();
    for (const error of errors) {
      const branch = branchOf(choice, error);
      if (branch !== undefined) branches.set(branch, [...(branches.get(branch) ?? []), error]);
    }
    const meant = [...branches.values()].filter((members) => !members.some((error) => rulesOut(choice, error)));
    const kept = meant.length === 1 ? meant[0] : undefined;
    if (kept) dropped.add(choice);
    for (const members of branches.values()) if (members !== kept) for (const error of members) dropped.add(error);
  }
  return errors.filter((error) => !dropped.has(error));
}

/** The number of the branch of `choice` an error comes from. */
function branchOf(choice: ErrorObject, error: ErrorObject): string | undefined {
  const below = `${choice.schemaPath}/`;
  if (error === choice || !error.schemaPath.startsWith(below)) return undefined;
  const inside = error.instancePath === choice.instancePath || error.instancePath.startsWith(`${choice.instancePath}/`);
  return inside ? error.schemaPath.slice(below.length).split('/', 1)[0] : undefined;
}

/** A wrong type or another `kind`: this branch was not meant. */
function rulesOut(choice: ErrorObject, error: ErrorObject): boolean {
  return (
    (error.keyword === 'type' && error.instancePath === choice.instancePath) ||
    (error.keyword === 'const' && error.instancePath === `${choice.instancePath}/kind`)
  );
}

/** One way a choice can be met. */
interface Branch {
  readonly type?: string;
  readonly properties?: { readonly kind?: { readonly const?: string } };
}

function alternatives(branches: unknown): string {
  const words = (branches as readonly Branch[]).map(({ type, properties }) => {
    const kind = properties?.kind?.const;
    return kind === undefined ? withArticle(type ?? 'another value') : `kind: ${kind}`;
  });
  return [...new Set(words)].join(' or ');
}

/** A name someone may have meant, when one is near enough to be a slip. */
export function didYouMean(found: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const nearest = closest(found, [...known]);
  const slips = distance(found, nearest);
  return slips > 0 && slips <= Math.max(2, Math.floor(found.length / 3)) ? meantHint(nearest) : undefined;
}

function meantHint(name: string): string {
  return `did you mean "${name}"?`;
}

function describeValue(value: unknown, quotable: boolean): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (!quotable) return 'another value';
  if (typeof value !== 'string') return `the ${typeof value} ${String(value)}`;
  return value.length > 60 ? 'a longer text' : `"${value}"`;
}

function withArticle(type: string): string {
  const words: Readonly<Record<string, string>> = {
    object: 'a map',
    array: 'a list',
    string: 'text (quote it if it looks like something else)',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
  };
  return words[type] ?? `a ${type}`;
}

function pointerToPath(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
