import type { Actions } from './actions.ts';
import * as bodies from './bodies.ts';
import type { CheckRunOrder } from './check-actions.ts';
import { createDeploymentRoutes } from './deployment-routes.ts';
import { GithubRefusal, notFound, unprocessable } from './errors.ts';
import { createGitRoutes, fileBody } from './git-routes.ts';
import type { GitStore } from './git-store.ts';
import { graphqlRoutes } from './graphql-routes.ts';
import { createIssueRoutes } from './issue-routes.ts';
import type { MergeMethod } from './merge-methods.ts';
import { fullRepository, ownUserBody, userBody } from './people-bodies.ts';
import { protectionRoutes } from './protection-routes.ts';
import { ok, pages, type RestAnswer } from './rest-answer.ts';
import { type Handler, type RestCall, type RouteTable, textIn } from './rest-call.ts';
import { pullAt, requireRole } from './rules.ts';
import type { CheckRun, Pull, Review } from './state.ts';
import { createWorkflowRunRoutes } from './workflow-run-routes.ts';

export interface RestRoute {
  readonly method: string;
  readonly pattern: RegExp;
  readonly handle: Handler;
}

/** GitHub lists no more files of a pull request. */
const MOST_FILES = 3000;

const REVIEW_EVENTS: Readonly<Record<string, Review['state']>> = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
};

/** GitHub's routes, as its REST description names them. A new one is a line here. */
export function createRestRoutes(deps: {
  readonly actions: Actions;
  readonly store: GitStore;
  readonly now: () => number;
  readonly defaultBranch: string;
}): readonly RestRoute[] {
  const { actions, store } = deps;

  const pullOf = ({ path, context }: RestCall): Pull => pullAt(context.state, Number(path['pull_number']));

  async function pullAnswer({ context }: RestCall, pull: Pull, status = 200): Promise<RestAnswer> {
    const commits = await commitsOf(pull);
    const onto = pull.merge?.onto ?? (await store.resolve(`refs/heads/${pull.baseBranch}`)) ?? pull.baseCommit;
    const mergeable = pull.state === 'open' ? await actions.tryMerge(pull) : null;
    const files = await store.changedFiles(onto, pull.headCommit);
    return ok(bodies.pullBody(context, pull, { files, commits: commits.length, mergeable }), status);
  }

  async function commitsOf(pull: Pull) {
    return store.commits(pull.headCommit, pull.merge?.onto ?? `refs/heads/${pull.baseBranch}`);
  }

  async function commitAt({ path }: RestCall): Promise<string> {
    const ref = path['ref'] ?? '';
    const found = await store.resolve(ref);
    if (!found) throw unprocessable(`No commit found for SHA: ${ref}`);
    return found;
  }

  const repo = '/repos/{owner}/{repo}';
  const table: RouteTable = {
    'GET /user': ({ by, context }) => {
      if (by.type === 'Bot') throw forbiddenToApps();
      return ok(ownUserBody(context, by));
    },
    ...graphqlRoutes,
    ...protectionRoutes,

    ...createGitRoutes(deps),
    ...createIssueRoutes(actions),
    ...createDeploymentRoutes(actions),
    ...createWorkflowRunRoutes(store),

    [`GET ${repo}/collaborators/{username}/permission`]: ({ by, context, path }) => {
      requireRole(by, 'write');
      const account = context.state.accounts.get((path['username'] ?? '').toLowerCase());
      if (!account) throw notFound();
      const permission = {
        admin: 'admin',
        maintain: 'write',
        write: 'write',
        triage: 'read',
        read: 'read',
        none: 'none',
      }[account.role];
      return ok({
        permission,
        role_name: account.role,
        user: { ...userBody(context, account), role_name: account.role },
      });
    },

    [`GET ${repo}/pulls`]: ({ context, query }) => {
      const state = query.get('state') ?? 'open';
      const base = query.get('base');
      const head = query.get('head');
      const found = context.state.pulls
        .filter((pull) => (state === 'all' || pull.state === state) && (!base || pull.baseBranch === base))
        // By the owner of the head and its branch, whatever the name of the repository.
        .filter((pull) => !head || head === `${pull.headRepository.split('/')[0]}:${pull.headBranch}`)
        .map((pull) => bodies.pullSimpleBody(context, pull));
      return pages(query.get('direction') === 'asc' ? found : found.toReversed());
    },
    [`POST ${repo}/pulls`]: async (call) => {
      const { by, input } = call;
      const order = {
        title: textIn(input, 'title'),
        head: textIn(input, 'head'),
        base: textIn(input, 'base'),
        body: String(input['body'] ?? ''),
        draft: input['draft'] === true,
      };
      return pullAnswer(call, await actions.openPull(by, order), 201);
    },
    [`GET ${repo}/pulls/{pull_number}`]: (call) => pullAnswer(call, pullOf(call)),
    [`PATCH ${repo}/pulls/{pull_number}`]: async (call) => {
      const { title, body, state, base } = call.input;
      const change = {
        ...(typeof title === 'string' ? { title } : {}),
        ...(typeof body === 'string' ? { body } : {}),
        ...(typeof base === 'string' ? { base } : {}),
        ...(state === 'open' || state === 'closed' ? { state: state as Pull['state'] } : {}),
      };
      return pullAnswer(call, await actions.editPull(call.by, pullOf(call).number, change));
    },
    // GitHub gives the first 250 and says nothing about the rest.
    [`GET ${repo}/pulls/{pull_number}/commits`]: async (call) => {
      const commits = await commitsOf(pullOf(call));
      return pages(commits.slice(0, 250).map((commit) => bodies.commitBody(call.context, commit)));
    },
    [`GET ${repo}/pulls/{pull_number}/files`]: async (call) => {
      const pull = pullOf(call);
      const onto = pull.merge?.onto ?? `refs/heads/${pull.baseBranch}`;
      const files = await store.changedFiles(onto, pull.headCommit);
      return pages(files.slice(0, MOST_FILES).map((file) => fileBody(call.context, file, pull.headCommit)));
    },
    [`PUT ${repo}/pulls/{pull_number}/merge`]: async (call) => {
      const { merge_method: method = 'merge', sha: head } = call.input;
      const order = { method: method as MergeMethod, ...(typeof head === 'string' ? { head } : {}) };
      const sha = await actions.merge(call.by, pullOf(call).number, order);
      return ok({ sha, merged: true, message: 'Pull Request successfully merged' });
    },
    [`GET ${repo}/pulls/{pull_number}/reviews`]: (call) => {
      const pull = pullOf(call);
      return pages(pull.reviews.map((review) => bodies.reviewBody(call.context, pull, review)));
    },
    [`POST ${repo}/pulls/{pull_number}/reviews`]: (call) => {
      const { by, input, context } = call;
      const { event, body = '', commit_id: commit } = input;
      const state = event === undefined ? 'PENDING' : REVIEW_EVENTS[String(event)];
      if (!state) throw unprocessable(`${String(event)} is not a valid event`);
      if ((state === 'CHANGES_REQUESTED' || state === 'COMMENTED') && !body)
        throw unprocessable('body cannot be blank');
      const order = { state, body: String(body), ...(typeof commit === 'string' ? { commit } : {}) };
      const pull = pullOf(call);
      return ok(bodies.reviewBody(context, pull, actions.review(by, pull.number, order)));
    },
    [`PUT ${repo}/pulls/{pull_number}/reviews/{review_id}/dismissals`]: (call) => {
      textIn(call.input, 'message');
      const pull = pullOf(call);
      const review = actions.dismissReview(call.by, pull.number, Number(call.path['review_id']));
      return ok(bodies.reviewBody(call.context, pull, review));
    },

    [`GET ${repo}/commits/{ref}/pulls`]: async (call) => {
      const commit = await commitAt(call);
      const holds = async (pull: Pull): Promise<boolean> =>
        pull.merge?.commits.includes(commit) || (await commitsOf(pull)).some(({ id }) => id === commit);
      const found: Pull[] = [];
      for (const pull of call.context.state.pulls) if (await holds(pull)) found.push(pull);
      return pages(found.map((pull) => bodies.pullSimpleBody(call.context, pull)));
    },
    [`GET ${repo}/commits/{ref}/check-runs`]: async (call) => {
      const { context, query } = call;
      const commit = await commitAt(call);
      const named = context.state.checkRuns.filter(
        (run) => run.commit === commit && (!query.has('check_name') || run.name === query.get('check_name')),
      );
      const found = query.get('filter') === 'all' ? named : newestPerName(named);
      const items = found.toReversed().map((run) => bodies.checkRunBody(context, run));
      return { kind: 'list', items, wrap: (check_runs, total_count) => ({ total_count, check_runs }) };
    },
    [`POST ${repo}/check-runs`]: async ({ by, input, context }) => {
      const order = { ...checkRunIn(input), name: textIn(input, 'name'), commit: textIn(input, 'head_sha') };
      return ok(bodies.checkRunBody(context, await actions.createCheckRun(by, order)), 201);
    },
    [`PATCH ${repo}/check-runs/{check_run_id}`]: ({ by, path, input, context }) => {
      const change = { ...checkRunIn(input), ...(typeof input['name'] === 'string' ? { name: input['name'] } : {}) };
      return ok(bodies.checkRunBody(context, actions.editCheckRun(by, Number(path['check_run_id']), change)));
    },

    [`GET ${repo}/commits/{ref}/status`]: async (call) => {
      const { context } = call;
      const sha = await commitAt(call);
      const newest = new Map(
        context.state.statuses.filter(({ commit }) => commit === sha).map((status) => [status.context, status]),
      );
      const items = [...newest.values()].map((status) => {
        const { creator: _, ...simple } = bodies.statusBody(context, status);
        return simple;
      });
      const repository = fullRepository(context);
      const commit_url = `${repository.url}/commits/${sha}`;
      const state = combinedState(items.map((item) => item.state));
      const wrap = (statuses: readonly unknown[], total_count: number) => ({
        state,
        statuses,
        sha,
        total_count,
        repository,
        commit_url,
        url: `${commit_url}/status`,
      });
      return { kind: 'list', items, wrap };
    },
    [`POST ${repo}/statuses/{sha}`]: async ({ by, path, input, context }) => {
      const state = textIn(input, 'state');
      if (!['error', 'failure', 'pending', 'success'].includes(state))
        throw unprocessable('state is not included in the list');
      const description = typeof input['description'] === 'string' ? input['description'] : null;
      if (description && description.length > 140)
        throw unprocessable('description is too long (maximum is 140 characters)');
      const targetUrl = typeof input['target_url'] === 'string' ? input['target_url'] : null;
      const order = {
        commit: path['sha'] ?? '',
        state,
        context: String(input['context'] ?? 'default'),
        description,
        targetUrl,
      };
      return ok(bodies.statusBody(context, await actions.createStatus(by, order)), 201);
    },

    'GET /orgs/{org}/teams/{team_slug}/members': ({ path, context }) => {
      const members = context.state.teams.get(`${path['org']}/${path['team_slug']}`.toLowerCase());
      if (!members) throw notFound();
      const accounts = members.flatMap((login) => context.state.accounts.get(login.toLowerCase()) ?? []);
      return pages(accounts.map((account) => userBody(context, account)));
    },
  };

  return Object.entries(table).map(([route, handle]) => {
    const [method = '', template = ''] = route.split(' ');
    // A branch has slashes in its name, and GitHub takes them as they are where the path ends with it.
    const pattern = template
      .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')
      .replace(/(?<=<(?:ref|basehead)>)\[\^\/\]\+\)$/, '.+)');
    return { method, pattern: new RegExp(`^${pattern}$`), handle };
  });
}

function forbiddenToApps() {
  return new GithubRefusal({ status: 403, message: 'Resource not accessible by integration' });
}

function checkRunIn(input: Readonly<Record<string, unknown>>): Partial<CheckRunOrder> {
  const output = (input['output'] ?? {}) as { readonly title?: unknown; readonly summary?: unknown };
  return {
    ...(typeof input['status'] === 'string' ? { status: input['status'] as CheckRun['status'] } : {}),
    ...(typeof input['conclusion'] === 'string' ? { conclusion: input['conclusion'] } : {}),
    ...(typeof input['details_url'] === 'string' ? { detailsUrl: input['details_url'] } : {}),
    ...(typeof output.title === 'string' ? { title: output.title } : {}),
    ...(typeof output.summary === 'string' ? { summary: output.summary } : {}),
  };
}

/** One per name and App, as `filter=latest` means it. Keeps the order. */
function newestPerName(runs: readonly CheckRun[]): readonly CheckRun[] {
  return [...new Map(runs.map((run) => [`${run.app}\n${run.name}`, run])).values()];
}

function combinedState(states: readonly string[]): string {
  if (states.some((state) => state === 'error' || state === 'failure')) return 'failure';
  return states.length === 0 || states.includes('pending') ? 'pending' : 'success';
}
