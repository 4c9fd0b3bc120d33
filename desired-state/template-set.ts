import type { Json } from '../schemas/json.ts';
import {
  createTemplateEngine,
  type TemplateEngine,
  type TemplateFault,
  type TemplateOutput,
} from './template-engine.ts';
import { type MarkedTemplates, markTemplates, readMarks, type TemplateLine } from './template-lines.ts';
import { templateReferences } from './template-scan.ts';

/** The templates of a fleet, as far as they were read. */
export interface TemplateSet {
  readonly sources: ReadonlyMap<string, string>;
  /** Templates the engine cannot read. */
  readonly faults: readonly TemplateFault[];
  /** The template and every one it names, directly or not, sorted. */
  closureOf(template: string): readonly string[];
  render(template: string, context: Json): TemplateOutput;
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
    faults: engine.faults,
    closureOf(template) {
      const known = closures.get(template) ?? closureIn(sources, template);
      closures.set(template, known);
      return known;
    },
    render: engine.render,
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
