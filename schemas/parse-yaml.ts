import { YAMLException } from 'js-yaml';
import { problemAt } from './excerpt.ts';
import type { Problem } from './problem.ts';
import { diagnoseYaml, readsTheSame, withoutQuotes } from './yaml-diagnosis.ts';
import { createYamlDocument, type YamlDocument } from './yaml-document.ts';
import { readYaml, YAML_LIMITS, type YamlFault } from './yaml-reader.ts';

export type ParsedYaml =
  | { readonly kind: 'valid'; readonly document: YamlDocument }
  /** In order of line and column; never empty. */
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/**
 * Reads one YAML 1.2 document. An empty file is `null`. Keys are always text. Refused: what is not YAML, duplicate keys,
 * tags, directives, merge keys, several documents, keys that are not text, numbers JSON cannot hold exactly, and
 * whatever exceeds {@link YAML_LIMITS}.
 *
 * @param source Bytes are read as UTF-8.
 * @param file Used only to point at problems.
 */
export function parseYaml(source: string | Uint8Array, file: string): ParsedYaml {
  const size = typeof source === 'string' ? Buffer.byteLength(source) : source.byteLength;
  if (size > YAML_LIMITS.bytes) {
    return refusedWhole(file, 'SCHEMAS_FILE_TOO_LARGE', `expected at most ${YAML_LIMITS.bytes} bytes, found ${size}`);
  }
  const decoded = decode(source);
  if (decoded === undefined) return refusedWhole(file, 'SCHEMAS_NOT_UTF8', 'expected UTF-8 text, found other bytes');

  const text = decoded.startsWith('\uFEFF') ? decoded.slice(1) : decoded;
  const reading = read(text);
  if (reading.faults.length === 0) return { kind: 'valid', document: createYamlDocument(file, text, reading.value) };
  const problems = [...reading.faults]
    .sort((a, b) => a.offset - b.offset)
    .map(({ code, offset, message, hint }) =>
      problemAt(file, text, offset, { code, message, ...(hint === undefined ? {} : { hint }) }),
    );
  return { kind: 'invalid', problems };
}

function refusedWhole(file: string, code: string, message: string): ParsedYaml {
  return { kind: 'invalid', problems: [{ file, code, message }] };
}

function decode(source: string | Uint8Array): string | undefined {
  if (typeof source === 'string') return source;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(source);
  } catch {
    return undefined; // The decoder's error says no more than this.
  }
}

interface Reading {
  readonly value: YamlDocument['value'];
  readonly faults: readonly YamlFault[];
}

function read(text: string): Reading {
  const stray = STRAY_CHARACTER.exec(text);
  if (stray) return refused('SCHEMAS_YAML_SYNTAX', stray.index, 'an invisible character stands here; remove it');
  try {
    const reading = readYaml(text, { places: false });
    const doubt = reading.faults.length === 0 ? DOUBTFUL.exec(text.replace(/^---(?=\s)/, '   ')) : null;
    if (!doubt || readsTheSame(text, reading.value)) return reading;
    return refused('SCHEMAS_YAML_AMBIGUOUS', doubt.index, 'this can be read in two ways; write it more plainly');
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const offset = error.mark?.position ?? 0;
    if (error.reason.startsWith('nesting exceeded')) {
      const message = `maps and lists stand more than ${YAML_LIMITS.depth} deep in each other`;
      return refused('SCHEMAS_YAML_TOO_DEEP', offset, message);
    }
    const diagnosed = diagnoseYaml(text);
    if (diagnosed.length > 0) return { value: null, faults: diagnosed };
    return refused('SCHEMAS_YAML_SYNTAX', offset, withoutQuotes(error.reason));
  }
}

/** A carriage return that ends no line, a byte order mark in the middle: readers disagree what they do. */
const STRAY_CHARACTER = /\r(?!\n)|\uFEFF/;

/**
 * Where js-yaml and `yaml` are known to disagree: document markers and directives, block scalars with an indentation
 * indicator or at the root, anchors before something on
 * their line, and tabs. Rare, so both are asked.
 */
const DOUBTFUL = /^[ \t]*(?:---|\.\.\.)|^%|[|>][-+]?[0-9]|\t|&\S+[ \t]+\S|^[ \t]*[|>]/m;

function refused(code: string, offset: number, message: string): Reading {
  return { value: null, faults: [{ code, offset, message }] };
}
