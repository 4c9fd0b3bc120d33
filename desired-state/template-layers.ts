import { excerptOf } from '../schemas/excerpt.ts';
import type { Json } from '../schemas/json.ts';
import { parseYaml } from '../schemas/parse-yaml.ts';
import type { Problem } from '../schemas/problem.ts';
import { TEMPLATES } from './fleet-layout.ts';
import type { Layer } from './layer.ts';
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

export function renderTemplateLayers(
  templates: TemplateSet,
  names: readonly string[],
  context: Json,
  secrets: SecretMatcher,
): TemplateLayers {
  const parts = names.map((name) => renderOne(templates, name, context, secrets));
  return { layers: parts.flatMap(({ layers }) => layers), problems: parts.flatMap(({ problems }) => problems) };
}

function renderOne(templates: TemplateSet, name: string, context: Json, secrets: SecretMatcher): TemplateLayers {
  const output = templates.render(name, context);
  if (output.kind === 'failed') return { layers: [], problems: [templateProblem(templates, output.fault)] };

  const file = TEMPLATES + name;
  let lines: ReturnType<TemplateSet['linesOf']> | 'not asked' = 'not asked';
  const cameFrom = (line: number | undefined): TemplateLine | undefined => {
    if (lines === 'not asked') lines = templates.linesOf(name, context, output.text);
    return line === undefined ? undefined : lines?.[line - 1];
  };

  const parsed = parseYaml(output.text, file);
  if (parsed.kind === 'invalid') return { layers: [], problems: parsed.problems.map(inTemplate) };
  // A template that gives nothing (a condition that does not hold) adds nothing.
  if (parsed.document.value === null) return { layers: [], problems: [] };
  const { layers, problems } = layersOf(parsed.document, [], parsed.document.value, secrets);
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

/** What the engine says, as a problem in the template's file. */
export function templateProblem(templates: Pick<TemplateSet, 'sources'>, fault: TemplateFault): Problem {
  const { template, line, message } = fault;
  const place = { file: TEMPLATES + template, code: 'DESIRED_STATE_TEMPLATE', message };
  if (line === undefined) return place;
  return { ...place, line, excerpt: excerptOf(templates.sources.get(template) ?? '', line) };
}
