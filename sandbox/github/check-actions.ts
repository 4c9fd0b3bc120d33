import type { ActionDeps } from './branch-actions.ts';
import { GithubRefusal, notFound, unprocessable } from './errors.ts';
import { requireRole } from './rules.ts';
import type { Account, CheckRun, CommitStatus } from './state.ts';

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
  /** Somebody presses "Re-run": GitHub tells the App, and does nothing itself. */
  rerequestCheckRun(by: Account, id: number): void;
  createStatus(
    by: Account,
    order: Pick<CommitStatus, 'commit' | 'state' | 'context' | 'description' | 'targetUrl'>,
  ): Promise<CommitStatus>;
}

export function createCheckActions({ state, store, now, happened }: ActionDeps): CheckActions {
  function requireApp(by: Account): void {
    if (by.type === 'Bot') return;
    throw new GithubRefusal({ status: 403, message: 'You must authenticate via a GitHub App.' });
  }

  function runAt(id: number): CheckRun {
    const found = state.checkRuns.find((candidate) => candidate.id === id);
    if (!found) throw notFound();
    return found;
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
      happened({ kind: 'check_run', action: finished ? 'completed' : 'created', by, run });
      return run;
    },

    editCheckRun(by, id, change) {
      requireApp(by);
      requireRole(by, 'write');
      const run = runAt(id);
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
        happened({ kind: 'check_run', action: 'completed', by, run });
      }
      return run;
    },

    rerequestCheckRun(by, id) {
      requireRole(by, 'write');
      happened({ kind: 'check_run', action: 'rerequested', by, run: runAt(id) });
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
