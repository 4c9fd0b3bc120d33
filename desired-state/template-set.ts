import type { Json } from '../schemas/json.ts';
import { createTemplateEngine, type TemplateEngine, type TemplateFault } from './template-engine.ts';
import { type MarkedTemplates, markTemplates, readMarks, type TemplateLine } from './template-lines.ts';
import { scanTemplate, templateReferences } from './template-scan.ts';

/** The templates of a fleet, as far as they were read. */
export interface TemplateSet {
  readonly sources: ReadonlyMap<string, string>;
  /** Templates the engine cannot read. */
  readonly faults: readonly TemplateFault[];
  /** The template and every one it names, directly or not, sorted. */
  closureOf(template: string): readonly string[];
  readonly render: TemplateEngine['render'];
  readonly together: TemplateEngine['together'];
  /** Where each line (0-based) of what {@link TemplateSet.render} gave came from; `undefined` when it cannot be told. */
  linesOf(template: string, context: Json, truth: string): readonly (TemplateLine | undefined)[] | undefined;
}

export function createTemplateSet(sources: ReadonlyMap<string, string>): TemplateSet {
  const engine = createTemplateEngine(sources);
  const closures = new Map<string, readonly string[]>();
  // Most fleets are never asked where a line came from.
  let marked: { readonly templates: MarkedTemplates; readonly engine: TemplateEngine } | undefined;

  return {
    sources,
    faults: engine.faults.map((fault) => atTagStart(fault, sources.get(fault.template) ?? '')),
    closureOf(template) {
      const known = closures.get(template) ?? closureIn(sources, template);
      closures.set(template, known);
      return known;
    },
    render: engine.render,
    together: engine.together,
    linesOf(template, context, truth) {
      if (!marked) {
        const templates = markTemplates(sources);
        marked = { templates, engine: createTemplateEngine(templates.sources) };
      }
      const output = marked.engine.render(template, context);
      return output.kind === 'rendered' ? readMarks(output.text, truth, marked.templates.lines) : undefined;
    },
  };
}

/** The engine notices that a tag is not closed where the next line makes no sense; the mistake is where the tag begins. */
function atTagStart(fault: TemplateFault, source: string): TemplateFault {
  const { line } = fault;
  if (line === undefined) return fault;
  const lineOf = (offset: number) => source.slice(0, offset).split('\n').length;
  const around = scanTemplate(source).find(
    ({ kind, start, end }) => kind !== 'text' && lineOf(start) < line && line <= lineOf(end),
  );
  if (!around) return fault;
  return { ...fault, line: lineOf(around.start), message: `${fault.message}, in the tag that begins here` };
}

function closureIn(sources: ReadonlyMap<string, string>, template: string): readonly string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const reference of templateReferences(sources.get(name) ?? '')) {
      if (reference.name !== undefined) visit(reference.name);
    }
  };
  visit(template);
  return [...found].sort();
}
