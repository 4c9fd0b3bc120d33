import type { ObjectId, Repository } from '../../git/repository.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { Request } from '../../schemas/fleet.ts';
import { parseFleetFile } from '../../schemas/validate-file.ts';
import type { RequestOfWork } from '../deploy/deploy-work.ts';
import { FleetInvalidError } from '../errors.ts';
import { type LoadedCommit, type LoadInput, loadCommit } from '../load-commit.ts';
import { loadRequest } from './load-request.ts';
import { requestOfChange, requestsIn } from './request-of-change.ts';
import { requireAllTargets } from './require-targets.ts';
import type { RollBackDeps } from './taken-back.ts';

/** What a change is about: switches that are to be changed, or only read. */
export type Asked =
  | { readonly kind: 'change'; readonly loaded: LoadedCommit }
  /** `loaded`: what the rest of it changes, which is nothing. */
  | { readonly kind: 'read'; readonly loaded: LoadedCommit; readonly requests: readonly RequestOfWork[] };

/**
 * Loads what a change asks for: by a request it brings, or else by what it changes.
 *
 * @throws {FleetInvalidError} With every problem at once, also where requests do not go together or are about nobody.
 */
export async function loadAsked(deps: RollBackDeps, view: LedgerView | undefined, between: LoadInput): Promise<Asked> {
  const { before, after } = between;
  const changes = await deps.repository.changedFiles(before, after);
  const loaded = await loadCommit(deps, view, between);
  const asked = requestOfChange(changes, await readRequests(deps.repository, after, requestsIn(changes)));
  switch (asked.kind) {
    case 'refused':
      throw new FleetInvalidError({ revision: after, problems: asked.problems });
    case 'deploy':
      return { kind: 'change', loaded: await loadRequest(deps, view, { ...between, request: asked.request }) };
    case 'none':
      await requireAllTargets(deps.repository, after, asked.requests);
      return { kind: 'change', loaded };
    case 'read':
      await requireAllTargets(deps.repository, after, asked.requests);
      return { kind: 'read', loaded, requests: asked.requests };
  }
}

/** By name. What is not valid is not in it: the fleet is not valid then, and says so. */
export async function readRequests(
  repository: Repository,
  revision: ObjectId,
  asked: readonly RequestOfWork[],
): Promise<ReadonlyMap<string, Request>> {
  const files = await repository.readFiles(
    revision,
    asked.map(({ path }) => path),
  );
  return new Map(
    asked.flatMap(({ name, path }) => {
      const parsed = parseFleetFile('request', files.get(path) ?? '', path);
      return parsed.kind === 'valid' ? [[name, parsed.file.value] as const] : [];
    }),
  );
}
