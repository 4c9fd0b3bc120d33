import type { GitPerson, GitStore } from './git-store.ts';
import type { Account, Pull } from './state.ts';

export type MergeMethod = 'merge' | 'squash' | 'rebase';

export interface MergeOrder {
  readonly pull: Pull;
  /** The tip of the base branch. */
  readonly onto: string;
  readonly by: Account;
  readonly author: Account;
  readonly method: MergeMethod;
  readonly at: number;
}

export interface Merged {
  /** What the base branch has to point to. */
  readonly tip: string;
  /** Everything new on it, oldest first. */
  readonly commits: readonly string[];
}

/** GitHub commits what its buttons do under this name. */
const WEB_FLOW: GitPerson = { name: 'GitHub', email: 'noreply@github.com' };

/**
 * Writes the commits of one of GitHub's three merge buttons; no ref moves.
 *
 * Source: GitHub's documentation, "About pull request merges": a merge commit is always made (`--no-ff`); a squash is one
 * commit by the author; a rebase always writes new commits with the merger as committer, even when it could fast-forward.
 *
 * @returns `undefined` when head and base conflict.
 */
export async function mergeOnto(store: GitStore, order: MergeOrder): Promise<Merged | undefined> {
  const { pull, onto, by, author, method, at } = order;
  const originals = await store.commits(pull.headCommit, onto);
  if (method === 'rebase') return rebase(store, order);

  const tree = await store.mergeTree(onto, pull.headCommit);
  if (!tree) return undefined;
  if (method === 'squash') {
    const message = `${pull.title} (#${pull.number})\n\n${originals.map((commit) => `* ${commit.message}`).join('\n\n')}\n`;
    const tip = await store.commitTree({ tree, parents: [onto], author, committer: WEB_FLOW, message, at });
    return { tip, commits: [tip] };
  }
  const [owner] = pull.headRepository.split('/');
  const message = `Merge pull request #${pull.number} from ${owner}/${pull.headBranch}\n\n${pull.title}\n`;
  const parents = [onto, pull.headCommit];
  const tip = await store.commitTree({ tree, parents, author: by, committer: WEB_FLOW, message, at });
  return { tip, commits: [...originals.map(({ id }) => id), tip] };
}

async function rebase(store: GitStore, { pull, onto, by, at }: MergeOrder): Promise<Merged | undefined> {
  const commits: string[] = [];
  let tip = onto;
  for (const original of await store.commits(pull.headCommit, onto)) {
    if (original.parents.length > 1) continue; // As git rebase does without --rebase-merges.
    const tree = await store.replayTree(original, tip);
    if (!tree) return undefined;
    const { author, message } = original;
    tip = await store.commitTree({ tree, parents: [tip], author, committer: by, message: `${message}\n`, at });
    commits.push(tip);
  }
  return { tip, commits };
}
