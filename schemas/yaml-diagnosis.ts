import { isCollection, parseDocument, visit } from 'yaml';
import type { Json } from './json.ts';
import type { YamlFault } from './yaml-reader.ts';

/**
 * Why a text is not YAML, in `yaml`'s judgement: it recovers, knows what stood where, and names it. Only the first
 * syntax error is told, because what comes after it is a guess about what was meant; duplicate keys before it are told
 * too. Nothing of the text is quoted.
 */
export function diagnoseYaml(text: string): readonly YamlFault[] {
  const document = parseDocument(text, YAML_OPTIONS);
  const faults = document.errors.map(({ code, pos, message }): YamlFault => {
    if (code === 'BAD_INDENT' && message.startsWith('Flow ')) {
      const offset = bracketBefore(document, pos[0]) ?? pos[0];
      return { code: 'SCHEMAS_YAML_SYNTAX', offset, message: 'this bracket is never closed' };
    }
    if (code === 'DUPLICATE_KEY') {
      return { code: 'SCHEMAS_YAML_DUPLICATE_KEY', offset: pos[0], message: 'this key stands twice in this map' };
    }
    return { code: 'SCHEMAS_YAML_SYNTAX', offset: pos[0], message: WORDS[code] ?? withoutQuotes(message) };
  });
  const first = faults.findIndex(({ code }) => code === 'SCHEMAS_YAML_SYNTAX');
  return first < 0 ? faults : faults.filter((fault, index) => index === first || fault.code !== 'SCHEMAS_YAML_SYNTAX');
}

/** True when `yaml`, without complaint, reads a text as `value`. */
export function readsTheSame(text: string, value: Json): boolean {
  const document = parseDocument(text, YAML_OPTIONS);
  if (document.errors.length > 0 || document.warnings.length > 0) return false;
  // Aliases have been counted already.
  return JSON.stringify(document.toJS({ maxAliasCount: -1 })) === JSON.stringify(value);
}

const YAML_OPTIONS = { version: '1.2', schema: 'core', prettyErrors: false, logLevel: 'silent' } as const;

/** Where the innermost `[` or `{` that is still open at an offset stands. */
function bracketBefore(document: ReturnType<typeof parseDocument>, offset: number): number | undefined {
  let start: number | undefined;
  visit(document, (_key, node) => {
    if (!isCollection(node) || !node.flow || !node.range) return;
    const [from, to] = node.range;
    if (from < offset && offset <= to) start = from;
  });
  return start;
}

const WORDS: Readonly<Record<string, string>> = {
  BAD_INDENT: 'this line is not indented like its neighbours',
  BLOCK_AS_IMPLICIT_KEY: 'a map cannot start here; is a quote or a line break missing?',
  MISSING_CHAR: 'something that was opened is not closed: a quote, a bracket, or a colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a key has to stand on one line; is a colon missing?',
  TAB_AS_INDENT: 'tabs cannot be used to indent; use spaces',
  BAD_SCALAR_START: 'this character cannot start a value; quote the value',
  UNEXPECTED_TOKEN: 'this cannot stand here',
};

/** A parser's own words, unless they quote the text: a secret may stand in it. */
export function withoutQuotes(message: string): string {
  const line = message.split('\n', 1)[0] ?? message;
  return /["'`]/.test(line) ? 'this is not valid YAML' : line;
}
