import type { ObjectId } from '../../git/repository.ts';
import { fleetRef, type ReconcilerDeps } from '../deps.ts';
import { DriftContendedError } from '../errors.ts';

/** What a branch of a proposal is to hold. */
export interface ProposalContent {
  /** Tip of the fleet's branch it is for. */
  readonly tip: ObjectId;
  /** Whole files by path, as they are once it is merged. */
  readonly files: ReadonlyMap<string, string>;
  readonly message: string;
}

export type WrittenBranch =
  | { readonly kind: 'written'; readonly head: ObjectId }
  /** Others pushed to it: it is theirs, and was left alone. */
  | { readonly kind: 'foreign' };

type Deps = Pick<ReconcilerDeps, 'repository' | 'forge' | 'clock' | 'author' | 'settings' | 'log'>;

/**
 * Makes merging a branch of ours say exactly what it is to say. One that says so already stays as it is, whatever was merged
 * meanwhile; one that cannot is begun anew, and its pull request with it.
 *
 * @param keep An open pull request comes from it, which another commit does not close.
 * @throws {DriftContendedError} Somebody moved it meanwhile.
 */
export async function writeProposal(
  deps: Deps,
  branch: string,
  content: ProposalContent,
  keep: boolean,
  signal: AbortSignal,
): Promise<WrittenBranch> {
  const { repository } = deps;
  const ref = `refs/heads/${branch}`;
  const current = (await repository.fetch([ref, fleetRef(deps.settings)], signal)).get(ref);
  const fresh = await commitOn(deps, content.tip, content);
  const wanted = (await repository.commitInfo(fresh)).tree;
  if (current !== undefined) {
    if (!(await isOurs(deps, content.tip, current))) return { kind: 'foreign' };
    if (await says(current)) return { kind: 'written', head: current };
    const grown = keep ? await commitOn(deps, current, content) : undefined;
    if (grown !== undefined && (await says(grown))) return pushed(grown, current);
    await deps.forge.deleteBranch(branch, signal);
  }
  return pushed(fresh, undefined);

  async function says(commit: ObjectId): Promise<boolean> {
    const merged = await repository.mergeTrees(content.tip, commit);
    return merged.kind === 'merged' && merged.tree === wanted;
  }

  async function pushed(commit: ObjectId, expected: ObjectId | undefined): Promise<WrittenBranch> {
    const outcome = await repository.push(ref, commit, expected, signal);
    if (outcome.kind === 'moved') throw new DriftContendedError({ branch });
    return { kind: 'written', head: commit };
  }
}

/** Whether nobody but us wrote what a branch has that the fleet's branch has not. */
export async function isOurs(
  { repository, author }: Pick<ReconcilerDeps, 'repository' | 'author'>,
  tip: ObjectId,
  commit: ObjectId,
): Promise<boolean> {
  const from = await repository.mergeBase(tip, commit);
  if (from === undefined) return false;
  const commits = await repository.firstParents(commit, { from, limit: MOST_COMMITS + 1 });
  if (commits.length > MOST_COMMITS) return false;
  const known = await Promise.all(commits.map((id) => repository.commitInfo(id)));
  return known.every(
    (one) => one.parents.length === 1 && one.author.email === author.email && one.committer.email === author.email,
  );
}

const MOST_COMMITS = 200;

function commitOn({ repository, author, clock }: Deps, parent: ObjectId, { files, message }: ProposalContent) {
  return repository.writeCommit({ parent, files, message, author: { ...author, at: clock.now() } });
}
