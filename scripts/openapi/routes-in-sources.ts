/** Finds out which operations of GitHub our sources speak of, so that nobody has to keep a list. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SourceRoute {
  /** From the root of the repository. */
  readonly file: string;
  readonly method: string;
  /** Path with every `{…}` as `{}`; a part that is only known at run time is `*` and stands for one name. */
  readonly shape: string;
}

const root = join(import.meta.dirname, '..', '..');

/** Where GitHub is asked (octokit asks for tokens of Apps itself), and where it is emulated. */
const SOURCES = ['forge/*.ts', 'sandbox/github/*.ts'];

const COMMENT = /^\s*(?:\/?\*|\/\/).*$/gm;
const CONSTANT = /const (\w+)(?:: string)? = (['`])((?:(?!\2)[^\\\n])*)\2/g;
const ROUTE = /(['`])(GET|POST|PUT|PATCH|DELETE) ((?:(?!\1)[^\\\n])+)\1/g;

/** Every `'<METHOD> /path'` in a literal of our sources, once a file. */
export function routesInSources(): readonly SourceRoute[] {
  return globSync(SOURCES, { cwd: root })
    .sort()
    .flatMap((file) => routesIn(readFileSync(join(root, file), 'utf8'), file));
}

/** @param text TypeScript. */
export function routesIn(text: string, file: string): readonly SourceRoute[] {
  const code = text.replace(COMMENT, '');
  const constants = new Map([...code.matchAll(CONSTANT)].map((match) => [match[1] ?? '', match[3] ?? '']));
  const found = new Map<string, SourceRoute>();
  for (const [, , method = '', template = ''] of code.matchAll(ROUTE)) {
    const path = filledIn(template, constants);
    // What begins with a value is an address that GitHub itself gave us; GraphQL is not in the description of REST.
    if (!path.startsWith('/') || path === '/graphql') continue;
    const route = { file, method, shape: shapeOf(path).replace(/\$\{[^}]*\}/g, '*') };
    found.set(`${method} ${route.shape}`, route);
  }
  return [...found.values()];
}

/** Replaces `${NAME}` by the constant of that name in the same file, over several steps. */
function filledIn(template: string, constants: ReadonlyMap<string, string>): string {
  const filled = template.replace(/\$\{(\w+)\}/g, (whole, name: string) => constants.get(name) ?? whole);
  return filled === template ? filled : filledIn(filled, constants);
}

/** `/pulls/{pull_number}` and `/pulls/{number}` are one route. */
function shapeOf(path: string): string {
  return path.replace(/(?<!\$)\{\w+\}/g, '{}');
}

/** @param operation `GET /repos/{owner}/{repo}/pulls` */
export function namesOperation({ method, shape }: SourceRoute, operation: string): boolean {
  const [operationMethod, path = ''] = operation.split(' ');
  if (method !== operationMethod) return false;
  const pattern = shape.split('*').map((part) => part.replace(/[.{}]/g, '\\$&'));
  return new RegExp(`^${pattern.join('[^/{}]+')}$`).test(shapeOf(path));
}
