import type { ActionDeps, BranchActions } from './branch-actions.ts';
import { unprocessable } from './errors.ts';
import { type MergeMethod, mergeOnto } from './merge-methods.ts';
import { pullAt, requireRole } from './rules.ts';
import { type Account, MERGE_QUEUE, type QueueEntry } from './state.ts';

/**
 * The merge queue: every entry is what the base would be with it and all before it merged, on a branch of its own.
 *
 * Source: GitHub's documentation, "Managing a merge queue", and its webhook `merge_group`.
 */
export interface QueueActions {
  enqueue(by: Account, number: number): Promise<QueueEntry>;
  /** Takes one out; those behind it are made anew without it. */
  dequeue(by: Account, number: number): Promise<void>;
  /** Every check is green: the base goes to the last entry, whose commits are those that land. */
  finishQueue(): Promise<void>;
}

export function createQueueActions(deps: ActionDeps, branches: BranchActions, method: MergeMethod): QueueActions {
  const { state, store, now, happened } = deps;
  const queue = (): Account => accountOf(MERGE_QUEUE);

  function accountOf(login: string): Account {
    const found = state.accounts.get(login.toLowerCase());
    if (!found) throw new TypeError(`the emulated GitHub lost ${login}`);
    return found;
  }

  /** @returns `undefined` when it conflicts with what is before it. */
  async function append(by: Account, number: number): Promise<QueueEntry | undefined> {
    const pull = pullAt(state, number);
    const base = pull.baseBranch;
    const before = state.queue.findLast((entry) => entry.base === base);
    const onto = before?.head ?? (await store.resolve(`refs/heads/${base}`)) ?? pull.baseCommit;
    const order = { pull, onto, by: queue(), author: accountOf(pull.author), method, at: now() };
    const merged = await mergeOnto(store, order);
    if (!merged) return undefined;
    const branch = `gh-readonly-queue/${base}/pr-${number}-${onto}`;
    await store.updateRef(`refs/heads/${branch}`, merged.tip);
    const entry = { pull: number, by: by.login, base, branch, onto, head: merged.tip, commits: merged.commits };
    state.queue.push(entry);
    happened({ kind: 'push', by: queue(), branch, before: undefined, after: merged.tip, forced: false });
    happened({ kind: 'merge_group', action: 'checks_requested', by: queue(), group: entry });
    return entry;
  }

  async function destroy(entry: QueueEntry, reason: 'merged' | 'invalidated' | 'dequeued'): Promise<void> {
    state.queue.splice(state.queue.indexOf(entry), 1);
    await store.deleteRef(`refs/heads/${entry.branch}`);
    happened({ kind: 'merge_group', action: 'destroyed', by: queue(), group: entry, reason });
  }

  function leave(entry: QueueEntry, by: Account): void {
    happened({ kind: 'pull_request', action: 'dequeued', by, pull: pullAt(state, entry.pull) });
  }

  async function rebuild(entries: readonly QueueEntry[]): Promise<void> {
    for (const entry of entries) await destroy(entry, 'invalidated');
    for (const entry of entries) if (!(await append(accountOf(entry.by), entry.pull))) leave(entry, queue());
  }

  return {
    async enqueue(by, number) {
      requireRole(by, 'write');
      const pull = pullAt(state, number);
      if (pull.state !== 'open' || pull.draft) throw unprocessable('Pull request is not mergeable');
      if (state.queue.some((entry) => entry.pull === number)) {
        throw unprocessable('Pull request is already in the queue');
      }
      const entry = await append(by, number);
      if (!entry) throw unprocessable('Pull request is not mergeable');
      happened({ kind: 'pull_request', action: 'enqueued', by, pull });
      return entry;
    },

    async dequeue(by, number) {
      requireRole(by, 'write');
      const entry = state.queue.find((candidate) => candidate.pull === number);
      if (!entry) throw unprocessable('Pull request is not in the queue');
      const behind = state.queue.slice(state.queue.indexOf(entry) + 1).filter(({ base }) => base === entry.base);
      await destroy(entry, 'dequeued');
      leave(entry, by);
      await rebuild(behind);
    },

    async finishQueue() {
      for (const base of new Set(state.queue.map((entry) => entry.base))) {
        const ofBase = () => state.queue.filter((entry) => entry.base === base);
        const onto = (await store.resolve(`refs/heads/${base}`)) ?? '';
        // Somebody pushed past the queue: what was tested is not what would be merged.
        if (ofBase()[0]?.onto !== onto) await rebuild(ofBase());
        const entries = ofBase();
        const head = entries.at(-1)?.head;
        if (!head) continue;
        await store.updateRef(`refs/heads/${base}`, head, onto);
        for (const entry of entries) {
          const pull = pullAt(state, entry.pull);
          const { head: commit, commits } = entry;
          pull.merge = { at: now(), by: MERGE_QUEUE, commit, onto: entry.onto, commits };
          branches.closePull(pull, queue());
          await destroy(entry, 'merged');
        }
        await branches.baseMerged(queue(), 'merge_queue_merge', base, onto, head);
      }
    },
  };
}
