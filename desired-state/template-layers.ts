import { excerptOf } from '../schemas/excerpt.ts';
import { isBranch, type Json } from '../schemas/json.ts';
import { parseYaml } from '../schemas/parse-yaml.ts';
import type { Problem } from '../schemas/problem.ts';
import type { TextForm } from '../schemas/text-form.ts';
import { TEMPLATES } from './fleet-layout.ts';
import { compileText, type Layer } from './layer.ts';
import { layersOf } from './object-layers.ts';
import type { SecretMatcher } from './secret-references.ts';
import type { TemplateFault } from './template-engine.ts';
import type { TemplateLine } from './template-lines.ts';
import type { TemplateSet } from './template-set.ts';

/** The layers templates render to, in order, and everything that is wrong with any of them. */
export interface TemplateLayers {
  readonly layers: readonly Layer[];
  readonly problems: readonly Problem[];
}

/** What is known of the platform whose configuration the templates give. */
export interface TemplatePlatform {
  readonly secrets: SecretMatcher;
  /** Where they give text: how it is read. */
  readonly text?: TextForm;
}

export function renderTemplateLayers(
  templates: TemplateSet,
  names: readonly string[],
  context: Json,
  { secrets, text }: TemplatePlatform,
): TemplateLayers {
  const parts = names.map((name) => renderOne(templates, name, context, { secrets, ...(text ? { text } : {}) }));
  return { layers: parts.flatMap(({ layers }) => layers), problems: parts.flatMap(({ problems }) => problems) };
}

function renderOne(
  templates: TemplateSet,
  name: string,
  context: Json,
  { secrets, text }: TemplatePlatform,
): TemplateLayers {
  const output = templates.render(name, context);
  if (output.kind === 'failed') return { layers: [], problems: [templateProblem(templates, output.fault)] };

  const file = TEMPLATES + name;
  let lines: ReturnType<TemplateSet['linesOf']> | 'not asked' = 'not asked';
  const cameFrom = (line: number | undefined): TemplateLine | undefined => {
    if (lines === 'not asked') lines = templates.linesOf(name, context, output.text);
    return line === undefined ? undefined : lines?.[line - 1];
  };

  const { layers, problems } = text
    ? textLayers(text, { name, file, text: output.text }, secrets)
    : treeLayers(file, output.text, secrets);
  return {
    layers: layers.map((layer) => ({
      ...layer,
      originOf: (path) => {
        const from = cameFrom(layer.originOf(path).line);
        return from ? { file: TEMPLATES + from.template, line: from.line } : { file };
      },
    })),
    problems: problems.map(inTemplate),
  };

  /** A problem in the output, told where the template is; the output itself stands in no file. */
  function inTemplate(problem: Problem): Problem {
    const { code, hint, line } = problem;
    const at = cameFrom(line);
    const message = `${problem.message} (line ${line ?? 1} of what the template gives)`;
    const told = { code, message, ...(hint === undefined ? {} : { hint }) };
    if (!at) return { file, ...told };
    const excerpt = excerptOf(templates.sources.get(at.template) ?? '', at.line);
    return { file: TEMPLATES + at.template, line: at.line, ...told, excerpt };
  }
}

function treeLayers(file: string, given: string, secrets: SecretMatcher): TemplateLayers {
  const parsed = parseYaml(given, file);
  if (parsed.kind === 'invalid') return { layers: [], problems: parsed.problems };
  // A template that gives nothing (a condition that does not hold) adds nothing.
  if (parsed.document.value === null) return { layers: [], problems: [] };
  return layersOf(parsed.document, [], parsed.document.value, secrets);
}

/** The one layer that text is. Its lines hold no ranges: what looks like one is the switch's own business. */
function textLayers(
  form: TextForm,
  given: { readonly name: string; readonly file: string; readonly text: string },
  secrets: SecretMatcher,
): TemplateLayers {
  const { name, file, text } = given;
  const parsed = form.parse(name, text);
  const problem = (line: number | undefined, what: Pick<Problem, 'code' | 'message' | 'hint'>): Problem => ({
    file,
    ...(line === undefined ? {} : { line }),
    ...what,
  });
  if (parsed.kind === 'refused') {
    const problems = parsed.faults.map(({ line, message }) => problem(line, { code: 'DESIRED_STATE_TEXT', message }));
    return { layers: [], problems };
  }
  const { lineOf } = parsed;
  // A file without a line is not said to be empty: nothing is said about it.
  const tree = Object.fromEntries(Object.entries(parsed.tree).filter(([, lines]) => isBranch(lines)));
  const compiled = compileText(tree, secrets);
  if (compiled.kind === 'refused') {
    return { layers: [], problems: compiled.faults.map(({ path, ...what }) => problem(lineOf(path), what)) };
  }
  const { source } = compiled;
  const originOf: Layer['originOf'] = (path) => {
    const line = lineOf(path);
    return line === undefined ? { file } : { file, line };
  };
  return { layers: [{ tree: compiled.tree, source, originOf }], problems: [] };
}

/** What the engine says, as a problem in the template's file. */
export function templateProblem(templates: Pick<TemplateSet, 'sources'>, fault: TemplateFault): Problem {
  const { template, line, message } = fault;
  const place = { file: TEMPLATES + template, code: 'DESIRED_STATE_TEMPLATE', message };
  if (line === undefined) return place;
  return { ...place, line, excerpt: excerptOf(templates.sources.get(template) ?? '', line) };
}
