/**
 * minijinja behind our words. Templates come from pull requests, so nothing they do may hurt: they reach no file,
 * network or code; loops end by fuel, memory by the engine's own ceiling, and everything else by a watchdog. An engine
 * that was cut off in the middle is thrown away and loaded anew.
 */
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { createContext, Script } from 'node:vm';
import type * as MiniJinja from 'minijinja-js';
import type { Json } from '../schemas/json.ts';
import { referenceInTemplate } from './secret-references.ts';
import { templateReferences } from './template-scan.ts';

const TEMPLATE_LIMITS = {
  /** Instructions of one rendering: some tenths of a second of pure looping. */
  fuel: 5_000_000,
  outputBytes: 1024 * 1024,
  /** Of 64 KiB. A string multiplied beyond it ends the rendering. */
  memoryPages: 2048,
  milliseconds: 2_000,
} as const;

/** What went wrong in which template. */
export interface TemplateFault {
  readonly template: string;
  /** 1-based. */
  readonly line?: number;
  readonly message: string;
}

type TemplateOutput =
  | { readonly kind: 'rendered'; readonly text: string }
  | { readonly kind: 'failed'; readonly fault: TemplateFault };

export interface TemplateEngine {
  /** Templates that cannot be read at all. */
  readonly faults: readonly TemplateFault[];
  render(template: string, context: Json): TemplateOutput;
  /**
   * Does work that renders many times under one watchdog, which is dear to start. `undefined` when the time was not
   * enough for all of it: done one at a time, each rendering has its own.
   */
  together<T>(work: () => T): T | undefined;
}

/** @param sources By the name other templates include them by. */
export function createTemplateEngine(
  sources: ReadonlyMap<string, string>,
  limits: { readonly milliseconds: number } = TEMPLATE_LIMITS,
): TemplateEngine {
  const withWatchdog = createWatchdog(limits.milliseconds);
  const faults: TemplateFault[] = [];
  let environment = load(sources, withWatchdog, (fault) => faults.push(fault));
  let watched = false;
  // What has been reported once is not tried again.
  const readable = new Map([...sources].filter(([name]) => !faults.some(({ template }) => template === name)));

  function attempt(template: string, source: string | undefined, context: Json): TemplateOutput {
    try {
      const name = internalName(template);
      const used = environment;
      const run = () =>
        source === undefined ? used.renderTemplate(name, context) : used.renderNamedStr(name, source, context);
      const text = watched ? run() : withWatchdog(run);
      return text.length <= TEMPLATE_LIMITS.outputBytes
        ? { kind: 'rendered', text }
        : failed(template, `gives more than ${TEMPLATE_LIMITS.outputBytes} characters`);
    } catch (error) {
      const limit = limitHit(error);
      if (!limit) return { kind: 'failed', fault: readFault(template, error) };
      startAnew();
      return failed(template, limit);
    }
  }

  function startAnew(): void {
    forgetEngine();
    environment = load(readable, withWatchdog, (fault) => faults.push(fault));
  }

  return {
    faults,
    together(work) {
      if (watched) return work();
      watched = true;
      try {
        return withWatchdog(work);
      } catch (error) {
        if (!limitHit(error)) throw error;
        startAnew();
        return undefined;
      } finally {
        watched = false;
      }
    },
    render(template, context) {
      const output = attempt(template, undefined, context);
      if (output.kind === 'rendered' || !INSIDE_INCLUDE.test(output.fault.message)) return output;
      return locateInside(template, context, output);
    },
  };

  /** The engine names the include that failed and not the line in it. With the includes written out it does. */
  function locateInside(template: string, context: Json, output: TemplateOutput): TemplateOutput {
    const combined = writeIncludesOut(template, sources);
    const again = attempt(template, combined.source, context);
    if (again.kind === 'rendered' || INSIDE_INCLUDE.test(again.fault.message)) return output;
    const at = combined.lines[(again.fault.line ?? 0) - 1];
    return at ? { kind: 'failed', fault: { ...again.fault, ...at } } : output;
  }
}

const INSIDE_INCLUDE = /^could not render include/;
const require = createRequire(import.meta.url);

/** An environment with every template in it that can be read; the others are reported. */
function load(
  sources: ReadonlyMap<string, string>,
  withWatchdog: Watchdog,
  report: (fault: TemplateFault) => void,
): MiniJinja.Environment {
  try {
    const all = withWatchdog(() => loadEach(sources));
    for (const fault of all.faults) report(fault);
    return all.environment;
  } catch (error) {
    // One of them ran into a limit. Which one is found with a watchdog for each.
    if (!limitHit(error)) throw error;
    forgetEngine();
    const { environment, faults, spoilt } = loadEach(sources, withWatchdog);
    for (const fault of faults) report(fault);
    if (spoilt === undefined) return environment;
    forgetEngine();
    const reported = new Set(faults.map(({ template }) => template));
    return load(new Map([...sources].filter(([name]) => !reported.has(name))), withWatchdog, report);
  }
}

interface LoadedTemplates {
  readonly environment: MiniJinja.Environment;
  readonly faults: readonly TemplateFault[];
  /** The template that left the engine unusable. */
  readonly spoilt?: string;
}

/** @param withWatchdog Without one a limit is the caller's affair. */
function loadEach(sources: ReadonlyMap<string, string>, withWatchdog?: Watchdog): LoadedTemplates {
  const environment = createEnvironment();
  const faults: TemplateFault[] = [];
  for (const [name, source] of sources) {
    try {
      const add = () => environment.addTemplate(internalName(name), withInternalNames(source));
      if (withWatchdog) withWatchdog(add);
      else add();
    } catch (error) {
      const limit = limitHit(error);
      if (limit && !withWatchdog) throw error;
      faults.push(limit ? { template: name, message: limit } : readFault(name, error));
      if (limit) return { environment, faults, spoilt: name };
    }
  }
  return { environment, faults };
}

function createEnvironment(): MiniJinja.Environment {
  // The engine's memory has no ceiling of its own. The flag is the process's, and read when WebAssembly is loaded.
  setFlagsFromString(`--wasm-max-mem-pages=${TEMPLATE_LIMITS.memoryPages}`);
  const { Environment } = require('minijinja-js') as typeof MiniJinja;
  const environment = new Environment();
  environment.undefinedBehavior = 'strict';
  environment.fuel = TEMPLATE_LIMITS.fuel;
  environment.enablePyCompat();
  environment.addGlobal('secret', referenceInTemplate);
  // `debug()` prints the whole context, which nobody wants in a configuration.
  environment.removeGlobal('debug');
  return environment;
}

/** The limit a rendering ran into and left the engine unusable. */
function limitHit(error: unknown): string | undefined {
  // `RuntimeError` is WebAssembly's, `RangeError` the stack's. What minijinja says itself is a plain `Error`.
  if (error instanceof Error && (error.name === 'RuntimeError' || error instanceof RangeError)) {
    return 'takes more memory than a template may';
  }
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
  return 'takes more time than a template may';
}

function forgetEngine(): void {
  delete require.cache[require.resolve('minijinja-js')];
}

/**
 * minijinja escapes by a template's name (`x.yaml.j2`, `x.html.j2`). With this sign at the end no name is special, and
 * a value comes out as it is, whatever the file is called.
 */
const PLAIN = '#';

function internalName(name: string): string {
  return name + PLAIN;
}

function withInternalNames(source: string): string {
  return templateReferences(source)
    .filter(({ name }) => name !== undefined)
    .reverse()
    .reduce((text, { end }) => text.slice(0, end - 1) + PLAIN + text.slice(end - 1), source);
}

type Watchdog = <T>(work: () => T) => T;

/** JavaScript cannot interrupt a call into WebAssembly; a script with a time limit can. */
function createWatchdog(milliseconds: number): Watchdog {
  const context = createContext({ work: undefined as unknown });
  const script = new Script('work()');
  return <T>(work: () => T): T => {
    context['work'] = work;
    return script.runInContext(context, { timeout: milliseconds }) as T;
  };
}

function failed(template: string, message: string): TemplateOutput {
  return { kind: 'failed', fault: { template, message } };
}

/** `undefined value (in leaf.j2#:3)`, then a picture we draw ourselves. */
function readFault(template: string, error: unknown): TemplateFault {
  const text = error instanceof Error ? error.message : String(error);
  const first = text.split('\n', 1)[0] ?? '';
  const found = /^(?<what>.*) \(in (?<name>[^()]*):(?<line>\d+)\)$/s.exec(first)?.groups;
  if (!found) return { template, message: withoutSign(first) };
  return {
    template: withoutSign(found['name'] ?? template),
    line: Number(found['line']),
    message: withoutSign(found['what'] ?? first),
  };
}

function withoutSign(text: string): string {
  return text.replaceAll(/(\.j2)#/g, '$1');
}

interface Combined {
  readonly source: string;
  /** By line of `source`, 0-based. */
  readonly lines: readonly { readonly template: string; readonly line: number }[];
}

const DEEPEST_INCLUDE = 8;

function writeIncludesOut(template: string, sources: ReadonlyMap<string, string>, depth = 0): Combined {
  const original = sources.get(template) ?? '';
  let source = '';
  const lines: { readonly template: string; readonly line: number }[] = [];
  let own = 1;
  let at = 0;
  const take = (until: number): void => {
    const text = original.slice(at, until);
    for (const [index] of text.split('\n').entries())
      if (index > 0 || lines.length === 0) lines.push({ template, line: own + index });
    source += withInternalNames(text);
    own += text.split('\n').length - 1;
    at = until;
  };
  for (const reference of templateReferences(original)) {
    if (reference.keyword !== 'include' || reference.name === undefined || depth >= DEEPEST_INCLUDE) continue;
    const start = original.lastIndexOf('{%', reference.offset);
    const end = original.indexOf('%}', reference.end) + 2;
    take(start);
    const inside = writeIncludesOut(reference.name, sources, depth + 1);
    source += `\n${inside.source}\n`;
    lines.push(...inside.lines, { template, line: own });
    own += original.slice(start, end).split('\n').length - 1;
    at = end;
  }
  take(original.length);
  return { source, lines };
}
