import type { Forge, PullRequest } from '../../forge/forge.ts';
import { GitRemoteError } from '../../git/errors.ts';
import type { ObjectId, RemoteRepository } from '../../git/repository.ts';
import type { Clock } from '../../schemas/clock.ts';
import {
  InitBranchTakenError,
  InitClashError,
  InitRepositoryEmptyError,
  InitWorkflowsRefusedError,
} from '../errors.ts';
import { decideWriting, type Writing } from './decide-writing.ts';
import type { Skeleton } from './skeleton.ts';

export interface ProposeDeps {
  readonly repository: RemoteRepository;
  readonly forge: Pick<Forge, 'openPullRequest'>;
  readonly clock: Clock;
  readonly author: { readonly name: string; readonly email: string };
  /** What stands in the pull request. */
  readonly describe: (writing: Writing, base: Base) => Promise<string>;
}

/** Where the pull request goes. */
export interface Base {
  /** Without `refs/heads/`. */
  readonly branch: string;
  readonly commit: ObjectId;
}

export type Proposal =
  | { readonly kind: 'nothing-to-do' }
  | { readonly kind: 'proposed'; readonly pullRequest: PullRequest; readonly writing: Writing };

const BRANCH = 'pointsman/init';
const REF = `refs/heads/${BRANCH}`;
const TITLE = 'Describe our switches in this repository';

/**
 * Opens the skeleton as a pull request. Run twice it is the same pull request, and nothing is edited.
 *
 * @throws {InitRepositoryEmptyError | InitClashError | InitBranchTakenError} Nothing was pushed.
 * @throws {InitWorkflowsRefusedError} The token may not write workflows. Nothing was pushed.
 */
export async function propose(deps: ProposeDeps, skeleton: Skeleton, signal: AbortSignal): Promise<Proposal> {
  const { repository, forge } = deps;
  const base = await findBase(repository, signal);
  const paths = [...skeleton.keys()];
  const writing = decideWriting(skeleton, await repository.readFiles(base.commit, paths));
  if (writing.clashes.length > 0) throw new InitClashError({ where: base.branch, files: writing.clashes });
  if (writing.missing.size === 0) return { kind: 'nothing-to-do' };

  await putOnBranch(deps, writing.missing, base, signal);
  const body = await deps.describe(writing, base);
  const order = { branch: BRANCH, base: base.branch, title: TITLE, body };
  return { kind: 'proposed', pullRequest: await forge.openPullRequest(order, signal), writing };
}

async function findBase(repository: RemoteRepository, signal: AbortSignal): Promise<Base> {
  const ref = await repository.defaultBranch(signal);
  const commit = ref && (await repository.fetch([ref], signal)).get(ref);
  if (!ref || !commit) throw new InitRepositoryEmptyError({});
  return { branch: ref.replace('refs/heads/', ''), commit };
}

async function putOnBranch(
  { repository, clock, author }: ProposeDeps,
  files: Skeleton,
  base: Base,
  signal: AbortSignal,
): Promise<void> {
  const taken = (await repository.fetch([REF], signal)).get(REF);
  if (taken !== undefined) {
    const there = await repository.readFiles(taken, [...files.keys()]);
    const other = [...files].filter(([path, text]) => there.get(path) !== text).map(([path]) => path);
    if (other.length > 0) throw new InitBranchTakenError({ branch: BRANCH, files: other });
    return;
  }
  const commit = await repository.writeCommit({
    parent: base.commit,
    files,
    message: `${TITLE}\n\nA first site, role and device, who approves, and the workflows that run Pointsman.\n`,
    author: { ...author, at: clock.now() },
  });
  try {
    const outcome = await repository.push(REF, commit, undefined, signal);
    if (outcome.kind === 'moved') throw new InitBranchTakenError({ branch: BRANCH, files: [...files.keys()] });
  } catch (error) {
    // GitHub's words for Apps and tokens alike; no status says it.
    if (error instanceof GitRemoteError && /create or update workflow/i.test(error.details.said)) {
      throw new InitWorkflowsRefusedError({ said: error.details.said.slice(0, 300) }, { cause: error });
    }
    throw error;
  }
}
