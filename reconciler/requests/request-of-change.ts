import { concernsFleet, REQUESTS, requestNamed } from '../../desired-state/fleet-layout.ts';
import type { FileChange } from '../../git/repository.ts';
import type { Request } from '../../schemas/fleet.ts';
import type { Problem } from '../../schemas/problem.ts';
import { workflowNamed } from '../../workflows/all-workflows.ts';
import type { RequestOfWork } from '../deploy/deploy-work.ts';

/** What a change to the fleet repo asks for by its requests. */
export type RequestOfChange =
  /** What it changes is asked for by itself. `requests`: those that come along, and only read. */
  | { readonly kind: 'none'; readonly requests: readonly RequestOfWork[] }
  /** One request that changes switches, and nothing else. */
  | { readonly kind: 'deploy'; readonly request: RequestOfWork }
  /** Requests that only read, at least one, and nothing else. */
  | { readonly kind: 'read'; readonly requests: readonly RequestOfWork[] }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/**
 * Decided from what the change touches alone. An approval is of one plan, so what changes switches by a request stands alone
 * in its pull request.
 *
 * @param requests Of the fleet after the change, by name.
 */
export function requestOfChange(
  changes: readonly FileChange[],
  requests: ReadonlyMap<string, Request>,
): RequestOfChange {
  const asked = requestsIn(changes).filter(({ name }) => requests.has(name));
  const deploys = asked.filter(({ name }) => !onlyReads(requests.get(name)));
  const others = changes.filter(({ path }) => concernsFleet(path) && !path.startsWith(REQUESTS));
  const [deploy, ...more] = deploys;

  if (!deploy) {
    return { kind: asked.length > 0 && others.length === 0 ? 'read' : 'none', requests: asked };
  }
  const problems = [
    ...more.map(({ path }) => refused(path, `${deploy.path} asks for changes too, and an approval is of one plan`)),
    ...asked
      .filter((one) => !deploys.includes(one))
      .map(({ path }) => refused(path, `${deploy.path} asks for changes, and is planned alone`)),
    ...(others.length > 0 ? [refused(deploy.path, besides(others.map(({ path }) => path)))] : []),
  ];
  return problems.length > 0 ? { kind: 'refused', problems } : { kind: 'deploy', request: deploy };
}

/** Requests a change adds or rewrites, in path order. Taking one away asks for nothing: it stays as a record or not. */
export function requestsIn(changes: readonly FileChange[]): readonly RequestOfWork[] {
  return changes
    .filter(({ kind }) => kind !== 'deleted')
    .flatMap(({ path }) => {
      const name = requestAt(path);
      return name === undefined ? [] : [{ name, path }];
    })
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function requestAt(path: string): string | undefined {
  const named = requestNamed(path);
  return named.kind === 'request' ? named.name : undefined;
}

function onlyReads(request: Request | undefined): boolean {
  return request !== undefined && workflowNamed(request.workflow)?.kind === 'read';
}

const MOST_NAMED = 3;

function besides(paths: readonly string[]): string {
  const named = paths.slice(0, MOST_NAMED).join(', ');
  const more = paths.length > MOST_NAMED ? ` and ${paths.length - MOST_NAMED} more` : '';
  return `the same change touches ${named}${more}, and an approval is of one plan`;
}

function refused(file: string, message: string): Problem {
  return { file, code: 'RECONCILER_REQUEST_NOT_ALONE', message, hint: 'put it into a pull request of its own' };
}
