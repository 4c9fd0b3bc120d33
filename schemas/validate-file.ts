import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { problemAt } from './excerpt.ts';
import { isTree } from './json.ts';
import type { Kind, KindValues } from './kinds.ts';
import { parseYaml } from './parse-yaml.ts';
import type { Problem } from './problem.ts';
import { published } from './published-schemas.ts';
import { type DescribedError, describeError, withoutBranchNoise, withoutMisspeltTwice } from './validation-words.ts';
import { positionOf, type YamlDocument } from './yaml-document.ts';

/** A file of a fleet repo that keeps to its kind's schema. */
export interface FleetFile<K extends Kind = Kind> {
  readonly document: YamlDocument;
  readonly value: KindValues[K];
}

export type ValidatedFile<K extends Kind = Kind> =
  | { readonly kind: 'valid'; readonly file: FleetFile<K> }
  | {
      readonly kind: 'invalid';
      /** In order of line and column; never empty. */
      readonly problems: readonly Problem[];
      /** What of it can be judged further, so that other mistakes are found in the same look. */
      readonly salvaged?: SalvagedFile<K>;
    };

/** A file that breaks its schema, without the top-level members that do. */
export interface SalvagedFile<K extends Kind = Kind> {
  readonly document: YamlDocument;
  readonly value: Partial<KindValues[K]>;
}

const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true });

const validators = new Map<Kind, ValidateFunction>();

/** Reads one file of a fleet repo and holds it against its kind's schema. */
export function parseFleetFile<K extends Kind>(kind: K, source: string | Uint8Array, file: string): ValidatedFile<K> {
  const parsed = parseYaml(source, file);
  if (parsed.kind === 'invalid') return parsed;
  const { document } = parsed;

  const validate = validatorOf(kind);
  if (validate(document.value)) {
    // The schema the type was made from has just said so.
    return { kind: 'valid', file: { document, value: document.value as KindValues[K] } };
  }
  const errors = withoutMisspeltTwice(withoutBranchNoise(validate.errors ?? [])).map(describeError);
  const problems = errors
    .map((error) => toProblem(document, error))
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  return { kind: 'invalid', problems, ...salvage<K>(document, errors) };
}

/** Compiled when the first file of its kind is read: who reads settings alone should not wait for all the others. */
function validatorOf(kind: Kind): ValidateFunction {
  const known = validators.get(kind);
  if (known) return known;
  const compiled = ajv.compile(published[kind]);
  validators.set(kind, compiled);
  return compiled;
}

function salvage<K extends Kind>(
  document: YamlDocument,
  errors: readonly DescribedError[],
): { readonly salvaged?: SalvagedFile<K> } {
  if (!isTree(document.value)) return {};
  const broken = new Set(errors.map(({ path }) => path[0]));
  const sound = Object.entries(document.value).filter(([key]) => !broken.has(key));
  // Every member that is left was found to keep to the schema.
  return { salvaged: { document, value: Object.fromEntries(sound) as Partial<KindValues[K]> } };
}

function toProblem(document: YamlDocument, { path, at, ...what }: DescribedError): Problem {
  return problemAt(document.file, document.text, positionOf(document, path, at), what);
}
