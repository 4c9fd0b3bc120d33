import { GithubRefusal, notFound, unprocessable } from './errors.ts';
import type { GitStore } from './git-store.ts';
import { requireRole } from './rules.ts';
import type { Account, CheckRun, CommitStatus, GithubState } from './state.ts';

export interface CheckRunOrder {
  readonly name: string;
  readonly commit: string;
  readonly status?: CheckRun['status'];
  readonly conclusion?: string;
  readonly detailsUrl?: string;
  readonly title?: string;
  readonly summary?: string;
}

export interface CheckActions {
  createCheckRun(by: Account, order: CheckRunOrder): Promise<CheckRun>;
  editCheckRun(by: Account, id: number, change: Partial<CheckRunOrder>): CheckRun;
  createStatus(
    by: Account,
    order: Pick<CommitStatus, 'commit' | 'state' | 'context' | 'description' | 'targetUrl'>,
  ): Promise<CommitStatus>;
}

export function createCheckActions(state: GithubState, store: GitStore, now: () => number): CheckActions {
  function requireApp(by: Account): void {
    if (by.type === 'Bot') return;
    throw new GithubRefusal({ status: 403, message: 'You must authenticate via a GitHub App.' });
  }

  async function requireCommit(id: string): Promise<string> {
    const found = /^[0-9a-f]{40}$/.test(id) ? await store.resolve(id) : undefined;
    if (!found) throw unprocessable(`No commit found for SHA: ${id}`);
    return found;
  }

  return {
    async createCheckRun(by, order) {
      requireApp(by);
      requireRole(by, 'write');
      const finished = order.conclusion !== undefined;
      const run: CheckRun = {
        id: state.nextId(),
        name: order.name,
        commit: await requireCommit(order.commit),
        app: by.login,
        status: finished ? 'completed' : (order.status ?? 'queued'),
        conclusion: order.conclusion ?? null,
        detailsUrl: order.detailsUrl ?? null,
        title: order.title ?? null,
        summary: order.summary ?? null,
        startedAt: now(),
        completedAt: finished ? now() : null,
      };
      state.checkRuns.push(run);
      return run;
    },

    editCheckRun(by, id, change) {
      requireApp(by);
      requireRole(by, 'write');
      const run = state.checkRuns.find((candidate) => candidate.id === id);
      if (!run) throw notFound();
      if (run.app !== by.login) {
        throw new GithubRefusal({
          status: 403,
          message: `Invalid app_id ${id} - check run can only be modified by the GitHub App that created it.`,
        });
      }
      if (change.name !== undefined) run.name = change.name;
      if (change.detailsUrl !== undefined) run.detailsUrl = change.detailsUrl;
      if (change.title !== undefined) run.title = change.title;
      if (change.summary !== undefined) run.summary = change.summary;
      if (change.status !== undefined) run.status = change.status;
      if (change.conclusion !== undefined) {
        run.conclusion = change.conclusion;
        run.status = 'completed';
        run.completedAt = now();
      }
      return run;
    },

    async createStatus(by, order) {
      requireRole(by, 'write');
      const commit = await requireCommit(order.commit);
      const status: CommitStatus = { ...order, commit, id: state.nextId(), author: by.login, createdAt: now() };
      state.statuses.push(status);
      return status;
    },
  };
}
