import type { Actions } from './actions.ts';
import { activityBody, commitBody } from './bodies.ts';
import { GithubRefusal, notFound, unprocessable } from './errors.ts';
import type { ChangedFile, GitStore } from './git-store.ts';
import { type BodyContext, nodeId } from './people-bodies.ts';
import { ok, type RestAnswer } from './rest-answer.ts';
import type { RestCall, RouteTable } from './rest-call.ts';
import { requireRole } from './rules.ts';
import type { Activity } from './state.ts';

const repo = '/repos/{owner}/{repo}';
const HEADS = 'refs/heads/';

/** Lists at most these of a comparison that is not asked for in pages. */
const MOST_COMMITS = 250;
const MOST_FILES = 300;

/** In milliseconds. Source: GitHub's REST description, `time_period` of "List repository activities". */
const PERIODS: Readonly<Record<string, number>> = {
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
  quarter: 90 * 86_400_000,
  year: 365 * 86_400_000,
};

/** Branches, what moved them, and what lies between two commits. */
export function createGitRoutes(deps: {
  readonly actions: Actions;
  readonly store: GitStore;
  readonly now: () => number;
  readonly defaultBranch: string;
}): RouteTable {
  const { actions, store, now, defaultBranch } = deps;

  /** Of this repository or of a fork of it. */
  function activitiesOf({ path, context }: RestCall): readonly Activity[] {
    const fork = context.state.forks.get(`${path['owner']}/${path['repo']}`.toLowerCase());
    return fork ? fork.activities : context.state.activities;
  }

  async function commitAt(name: string): Promise<string> {
    const found = (await store.resolve(`${HEADS}${name}`)) ?? (await store.resolve(name));
    if (!found) throw notFound();
    return found;
  }

  return {
    [`GET ${repo}/activity`]: (call) => {
      const { query, context } = call;
      const ref = query.get('ref');
      const type = query.get('activity_type');
      const period = PERIODS[query.get('time_period') ?? ''];
      const found = activitiesOf(call).filter(
        (one) =>
          (!ref || one.ref === ref || one.ref === `${HEADS}${ref}`) &&
          (!type || one.type === type) &&
          (period === undefined || one.at >= now() - period),
      );
      const items = found.toReversed().map((one) => activityBody(context, one));
      return { kind: 'list', items, cursorOf: (item) => String((item as { readonly id: number }).id) };
    },

    [`GET ${repo}/compare/{basehead}`]: async ({ path, context, query }) => {
      const [base = '', head = ''] = (path['basehead'] ?? '').split('...');
      const [from, to] = [await commitAt(base), await commitAt(head)];
      return compare(store, context, { from, to, paged: query.has('page') || query.has('per_page') });
    },

    [`GET ${repo}/git/matching-refs/{ref}`]: async ({ path, context }) => {
      const refs = [...(await store.refs())].filter(([ref]) => ref.startsWith(`refs/${path['ref'] ?? ''}`));
      return ok(refs.map(([ref, commit]) => refBody(context, ref, commit)));
    },
    [`DELETE ${repo}/git/refs/{ref}`]: async ({ by, path }) => {
      requireRole(by, 'write');
      const ref = `refs/${path['ref'] ?? ''}`;
      const before = await store.resolve(ref);
      if (!before || !ref.startsWith(HEADS)) throw unprocessable('Reference does not exist');
      const branch = ref.slice(HEADS.length);
      if (branch === defaultBranch) throw unprocessable('Cannot delete the default branch');
      await store.deleteRef(ref);
      await actions.branchMoved(by, branch, before, undefined);
      return { kind: 'empty', status: 204 };
    },
  };
}

async function compare(
  store: GitStore,
  context: BodyContext,
  { from, to, paged }: { readonly from: string; readonly to: string; readonly paged: boolean },
): Promise<RestAnswer> {
  const base = await store.mergeBase(from, to);
  if (!base) {
    throw new GithubRefusal({ status: 404, message: `No common ancestor between ${from} and ${to}.` });
  }
  const [ahead, behind, files] = await Promise.all([
    store.commits(to, from),
    store.commits(from, to),
    store.changedFiles(from, to),
  ]);
  const [baseCommit, mergeBase] = await Promise.all(
    [from, base].map(async (commit) => commitBody(context, await store.commit(commit))),
  );
  const { state, api, html } = context;
  const url = `${api}/repos/${state.owner}/${state.name}/compare/${from}...${to}`;
  const page = `${html}/${state.owner}/${state.name}/compare/${from}...${to}`;
  const common = {
    url,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: baseCommit,
    merge_base_commit: mergeBase,
    status: statusOf(ahead.length, behind.length),
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    files: files.slice(0, MOST_FILES).map((file) => fileBody(context, file, to)),
  };
  const commits = ahead.map((commit) => commitBody(context, commit));
  if (!paged) return ok({ ...common, commits: commits.slice(0, MOST_COMMITS) });
  return { kind: 'list', items: commits, wrap: (items) => ({ ...common, commits: items }) };
}

function statusOf(ahead: number, behind: number): string {
  if (ahead > 0) return behind > 0 ? 'diverged' : 'ahead';
  return behind > 0 ? 'behind' : 'identical';
}

export function fileBody({ state, api, html }: BodyContext, file: ChangedFile, commit: string) {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  const page = `${html}/${state.owner}/${state.name}`;
  return {
    sha: file.blob,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${commit}/${path}`,
    raw_url: `${page}/raw/${commit}/${path}`,
    contents_url: `${api}/repos/${state.owner}/${state.name}/contents/${path}?ref=${commit}`,
  };
}

function refBody({ state, api }: BodyContext, ref: string, sha: string) {
  const git = `${api}/repos/${state.owner}/${state.name}/git`;
  return {
    ref,
    node_id: nodeId('REF', ref),
    url: `${git}/${ref}`,
    object: { sha, type: 'commit', url: `${git}/commits/${sha}` },
  };
}
