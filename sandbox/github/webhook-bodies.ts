/**
 * What GitHub sends to a webhook, as in the published examples (@octokit/webhooks-examples 7.6): the body of the REST API for
 * what it is about, with what happened around it.
 */
import { checkRunBody, commentBody, pullBody, pullSimpleBody, reviewBody } from './bodies.ts';
import type { GithubEvent } from './events.ts';
import type { GitStore, StoredCommit } from './git-store.ts';
import { issueBody, pullAsIssueBody } from './issue-bodies.ts';
import { type BodyContext, fullRepository, isoTime, nodeId, ownerBody, userBody } from './people-bodies.ts';
import { pullAt } from './rules.ts';
import { type Account, NO_COMMIT, type Pull } from './state.ts';

/** A push of more is described by its last ones. */
const MOST_COMMITS = 20;

/** @param event As it was when it happened; what else the body says is as it is now. */
export async function webhookBody(context: BodyContext, store: GitStore, event: GithubEvent): Promise<object> {
  const common = {
    repository: withProperties(fullRepository(context)),
    organization: organizationBody(context),
    sender: userBody(context, event.by),
  };
  switch (event.kind) {
    case 'pull_request': {
      const { action, pull } = event;
      const more =
        action === 'synchronize'
          ? { before: event.before, after: event.after }
          : event.changes
            ? { changes: event.changes }
            : {};
      const pull_request = withRepositoryProperties(await fullPull(context, store, pull));
      return { action, number: pull.number, ...more, pull_request, ...common };
    }
    case 'pull_request_review': {
      const { action, pull, review } = event;
      const body = reviewBody(context, pull, review);
      // Lower case here, upper case over REST.
      const said = { ...body, body: body.body || null, state: review.state.toLowerCase() };
      return { action, review: said, pull_request: withRepositoryProperties(pullSimpleBody(context, pull)), ...common };
    }
    case 'issue_comment': {
      const { action, comment, was } = event;
      const issue = subjectBody(context, comment.pull);
      const changes = was === undefined ? {} : { changes: { body: { from: was } } };
      return { action, ...changes, issue, comment: commentBody(context, comment), ...common };
    }
    case 'push':
      return { ...(await pushBody(context, store, event)), ...common, repository: pushedRepository(context, common) };
    case 'merge_group': {
      const { action, group } = event;
      const reason = event.action === 'destroyed' ? { reason: event.reason } : {};
      const merge_group = {
        head_sha: group.head,
        head_ref: `refs/heads/${group.branch}`,
        base_sha: group.onto,
        base_ref: `refs/heads/${group.base}`,
        head_commit: shortCommit(await store.commit(group.head)),
      };
      return { action, ...reason, merge_group, ...common };
    }
    case 'check_run': {
      const { action, run } = event;
      return {
        action,
        check_run: { ...checkRunBody(context, run), check_suite: suiteBody(context, event.run) },
        ...common,
      };
    }
  }
}

/** Deliveries say this of repositories where REST does not. */
function withProperties<Body>(repository: Body): Body & { readonly custom_properties: object } {
  return { ...repository, custom_properties: {} };
}

function withRepositoryProperties<Body extends ReturnType<typeof pullSimpleBody>>(pull: Body): Body {
  const { head, base } = pull;
  return {
    ...pull,
    head: { ...head, repo: head.repo && withProperties(head.repo) },
    base: { ...base, repo: withProperties(base.repo) },
  };
}

async function fullPull(context: BodyContext, store: GitStore, pull: Pull) {
  const onto = pull.merge?.onto ?? pull.baseCommit;
  const [commits, files] = await Promise.all([
    store.commits(pull.headCommit, onto),
    store.changedFiles(onto, pull.headCommit),
  ]);
  // Whether it merges is not known yet when this is sent.
  return pullBody(context, pull, { commits: commits.length, files, mergeable: null });
}

function subjectBody(context: BodyContext, number: number) {
  const issue = context.state.issues.find((candidate) => candidate.number === number);
  return issue ? issueBody(context, issue) : pullAsIssueBody(context, pullAt(context.state, number));
}

function organizationBody(context: BodyContext) {
  const { login, id, node_id, avatar_url } = ownerBody(context);
  const url = `${context.api}/orgs/${login}`;
  return {
    login,
    id,
    node_id,
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url,
    description: '',
  };
}

async function pushBody(context: BodyContext, store: GitStore, event: Extract<GithubEvent, { kind: 'push' }>) {
  const { branch, before, after, forced, by } = event;
  const page = fullRepository(context).html_url;
  const commits = after ? await newCommits(store, event) : [];
  const described = await Promise.all(commits.map((commit) => pushedCommit(store, page, commit, context)));
  const from = (before ?? NO_COMMIT).slice(0, 12);
  return {
    ref: `refs/heads/${branch}`,
    before: before ?? NO_COMMIT,
    after: after ?? NO_COMMIT,
    created: before === undefined,
    deleted: after === undefined,
    forced,
    base_ref: null,
    compare: `${page}/compare/${from}...${(after ?? NO_COMMIT).slice(0, 12)}`,
    commits: described,
    head_commit: after ? await pushedCommit(store, page, await store.commit(after), context) : null,
    pusher: { name: by.login, email: by.email },
  };
}

async function newCommits(
  store: GitStore,
  { branch, before, after }: Extract<GithubEvent, { kind: 'push' }>,
): Promise<readonly StoredCommit[]> {
  const main = branch === 'main' ? undefined : await store.resolve('refs/heads/main');
  return (await store.commits(after ?? '', before ?? main)).slice(-MOST_COMMITS);
}

async function pushedCommit(store: GitStore, page: string, commit: StoredCommit, context: BodyContext) {
  const [parent] = commit.parents;
  const files = parent ? await store.changedFiles(parent, commit.id) : [];
  const paths = (status: string) => files.filter((file) => file.status === status).map(({ path }) => path);
  return {
    ...shortCommit(commit, context.state.accounts.values()),
    distinct: true,
    url: `${page}/commit/${commit.id}`,
    added: paths('added'),
    removed: paths('removed'),
    modified: paths('modified'),
  };
}

function shortCommit(commit: StoredCommit, accounts: Iterable<Account> = []) {
  const known = new Map([...accounts].map((account) => [account.email, account.login]));
  const person = ({ name, email }: StoredCommit['author']) => {
    const username = known.get(email);
    return { name, email, ...(username ? { username } : {}) };
  };
  return {
    id: commit.id,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: isoTime(commit.committer.at),
    author: person(commit.author),
    committer: person(commit.committer),
  };
}

/** In a push the repository has its times in seconds, and an owner with an e-mail address. */
function pushedRepository(
  { state }: BodyContext,
  { repository }: { readonly repository: ReturnType<typeof fullRepository> },
) {
  const seconds = (text: string): number => Math.floor(Date.parse(text) / 1000);
  return {
    ...repository,
    owner: { ...repository.owner, name: state.owner, email: null },
    created_at: seconds(repository.created_at),
    pushed_at: seconds(repository.pushed_at),
    stargazers: 0,
    master_branch: repository.default_branch,
    organization: state.owner,
  };
}

function suiteBody(context: BodyContext, run: Extract<GithubEvent, { kind: 'check_run' }>['run']) {
  const { state } = context;
  const repository = fullRepository(context);
  const { app, id } = checkRunBody(context, run);
  const pull = state.pulls.findLast(({ headCommit }) => headCommit === run.commit);
  const brief = { id: repository.id, url: repository.url, name: repository.name };
  return {
    id: id + 1,
    node_id: nodeId('CS', id + 1),
    head_branch: pull?.headBranch ?? null,
    head_sha: run.commit,
    status: run.status,
    conclusion: run.conclusion,
    url: `${repository.url}/check-suites/${id + 1}`,
    before: NO_COMMIT,
    after: run.commit,
    pull_requests: pull
      ? [
          {
            url: `${repository.url}/pulls/${pull.number}`,
            id: pull.id,
            number: pull.number,
            head: { ref: pull.headBranch, sha: pull.headCommit, repo: brief },
            base: { ref: pull.baseBranch, sha: pull.baseCommit, repo: brief },
          },
        ]
      : [],
    app,
    created_at: isoTime(run.startedAt),
    updated_at: isoTime(run.completedAt ?? run.startedAt),
  };
}
