import { GithubRefusal } from './errors.ts';

/** What a token may: `checks` to `write`. */
export type Permissions = Readonly<Record<string, string>>;

/** What a token that was given only some permissions may, and what kind of token it is. */
export interface Grant {
  readonly kind: 'integration' | 'personal access token';
  readonly permissions: Permissions;
}

const REPOSITORY = '/repos/[^/]+/[^/]+';

/**
 * Which permission a request needs: `read` to look, `write` to change; any of several. The first line that fits.
 *
 * Source: GitHub's documentation, "Permissions required for GitHub Apps".
 */
const NEEDED: readonly (readonly [RegExp, readonly string[]])[] = [
  [at('/pulls(/.*)?'), ['pull_requests']],
  // A comment on a pull request is one on an issue as well.
  [at('/issues(/.*)?'), ['issues', 'pull_requests']],
  [at('/commits/.+/pulls'), ['pull_requests']],
  [at('/commits/.+/check-(runs|suites)'), ['checks']],
  [at('/check-(runs|suites)(/.*)?'), ['checks']],
  [at('/commits/.+/status(es)?'), ['statuses']],
  [at('/statuses/.+'), ['statuses']],
  [at('/deployments(/.*)?'), ['deployments']],
  [at('/environments(/[^/]+)?'), ['actions']],
  [at('/environments/.+'), ['environments']],
  [at('/actions/permissions(/.*)?'), ['administration']],
  [at('/actions/(organization-)?secrets'), ['secrets']],
  [at('/actions/.*'), ['actions']],
  [at('/branches/.+/protection'), ['administration']],
  [at('/keys'), ['administration']],
  [at('/(rules|rulesets|collaborators)(/.*)?'), ['metadata']],
  [at('/(activity|git|compare|commits|contents|branches|codeowners)(/.*)?'), ['contents']],
  [at(''), ['metadata']],
  [/^\/orgs\/[^/]+\/(teams|members)(\/.*)?$/, ['members']],
];

function at(path: string): RegExp {
  return new RegExp(`^${REPOSITORY}${path}$`);
}

/** @throws {GithubRefusal} 403, with the permission that would do. */
export function requirePermission({ kind, permissions }: Grant, method: string, path: string): void {
  const needed = NEEDED.find(([pattern]) => pattern.test(path))?.[1];
  if (!needed) return;
  const level = method === 'GET' ? 'read' : 'write';
  if (needed.some((name) => allows(permissions, name, level))) return;
  throw new GithubRefusal({
    status: 403,
    message: `Resource not accessible by ${kind}`,
    acceptedPermissions: needed.map((name) => `${name}=${level}`).join('; '),
  });
}

export function allows(permissions: Permissions, name: string, level: string): boolean {
  const granted = permissions[name];
  return granted === 'write' || granted === 'admin' || granted === level;
}
