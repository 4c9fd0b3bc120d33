import type { Clock } from '../schemas/clock.ts';
import type { Log } from '../schemas/log.ts';
import { createAlarmIssues } from './alarm-issue.ts';
import type { Answer } from './answer.ts';
import { createBranchHistory } from './branch-history.ts';
import { createCheckReporter } from './check-report.ts';
import { createDeployments } from './deployments.ts';
import { ForgeListIncompleteError, ForgeRefusedError, ForgeRequestInvalidError } from './errors.ts';
import type { Forge } from './forge.ts';
import { createGatePullRequests } from './gate-pull-requests.ts';
import { webAddressOf } from './github-address.ts';
import { createGithubClient } from './github-client.ts';
import type { GithubMemory } from './github-memory.ts';
import { parsePerson, parsePullRequest, parsePullRequestCommit, parseReview } from './github-words.ts';
import { createOwnReviews } from './own-reviews.ts';
import { parseRepository } from './parse-repository.ts';
import { createPullRequestComments } from './pull-request-comments.ts';
import { createStickyComments } from './sticky-comment.ts';
import { fixedToken, type TokenSource } from './token-source.ts';

export interface GithubForgeOptions {
  /** `owner/name` */
  readonly repository: string;
  /** Root of the REST API; `https://api.github.com` unless set. */
  readonly api?: string;
  /** One token for everything, or where the right one is asked for. */
  readonly token: string | TokenSource;
  /** Of forges before this one; one of its own unless set. */
  readonly memory?: GithubMemory;
  /** The login behind the token (`octocat`, `pointsman[bot]`). Asked of GitHub unless set. */
  readonly ourLogin?: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Milliseconds a single answer may take. 30 seconds unless set. */
  readonly answerWithinMilliseconds?: number;
}

/** GitHub lists no more commits of a pull request than this. Source: REST documentation, "List commits on a pull request". */
const MOST_COMMITS_LISTED = 250;

const ROLES: readonly string[] = ['admin', 'maintain', 'write', 'triage', 'read'];

/** @throws {ForgeRequestInvalidError} The repository is not `owner/name`. */
export function createGithubForge(options: GithubForgeOptions): Forge {
  const { api = 'https://api.github.com', token, memory, log, clock, answerWithinMilliseconds } = options;
  const repository = parseRepository(options.repository);
  const client = createGithubClient({
    api,
    tokens: typeof token === 'string' ? fixedToken(token) : token,
    log,
    clock,
    ...(memory ? { memory } : {}),
    ...(answerWithinMilliseconds ? { answerWithinMilliseconds } : {}),
  });

  let login = options.ourLogin;
  async function us(signal: AbortSignal): Promise<string> {
    login ??= await client.viewerLogin(signal);
    return login;
  }

  const comments = createStickyComments(client, repository, us);
  const reportCheck = createCheckReporter(client, repository, us, log);

  async function readPull(number: number, signal: AbortSignal): Promise<Answer> {
    return client.read('GET /repos/{owner}/{repo}/pulls/{pull_number}', { ...repository, pull_number: number }, signal);
  }

  return {
    async pullRequest(number, signal) {
      return parsePullRequest(await readPull(number, signal));
    },

    async openPullRequests(signal) {
      // Oldest first, so that one opened while we turn the pages comes at the end.
      const parameters = { ...repository, state: 'open', sort: 'created', direction: 'asc' };
      const pulls = await client.list('GET /repos/{owner}/{repo}/pulls', parameters, signal);
      return pulls.map(parsePullRequest);
    },

    async closedBy(number, signal) {
      const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}';
      const issue = await client.read(route, { ...repository, issue_number: number }, signal);
      const merged = issue.at('pull_request', 'merged_at').present;
      if (merged || issue.at('state').text() === 'open' || !issue.at('closed_by').present) return undefined;
      return parsePerson(issue.at('closed_by')).login;
    },

    async commits(number, signal) {
      const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits';
      const found = await client.list(route, { ...repository, pull_number: number }, signal);
      if (found.length >= MOST_COMMITS_LISTED) {
        const wanted = (await readPull(number, signal)).at('commits').number();
        if (wanted > found.length) {
          const request = `the commits of pull request ${number}`;
          throw new ForgeListIncompleteError({ request, given: found.length, wanted });
        }
      }
      return found.map(parsePullRequestCommit);
    },

    async reviews(number, signal) {
      const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews';
      const found = await client.list(route, { ...repository, pull_number: number }, signal);
      return found.flatMap((review) => parseReview(review) ?? []);
    },

    async mergedBy(commit, base, signal) {
      const route = 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls';
      const found = await client.list(route, { ...repository, commit_sha: commit }, signal);
      const merged = found
        .filter((pull) => pull.at('merged_at').present && pull.at('base', 'ref').text() === base)
        .map(parsePullRequest);
      const named = merged.find((pull) => pull.mergeCommit === commit);
      // A rebase puts several commits on the base and names only the last. A commit that came along in several (one stacked on
      // another) cannot be told to be of one.
      return named ?? (merged.length === 1 ? merged[0] : undefined);
    },

    async teamMembers(team, signal) {
      const [org, slug, ...rest] = team.split('/');
      if (!org || !slug || rest.length > 0) {
        throw new ForgeRequestInvalidError({ what: 'a team', expected: 'org/slug', found: JSON.stringify(team) });
      }
      const route = 'GET /orgs/{org}/teams/{team_slug}/members';
      const members = await client.list(route, { org, team_slug: slug }, signal);
      return new Set(members.map((member) => member.at('login').text()));
    },

    async permission(person, signal) {
      const route = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission';
      try {
        const answer = await client.read(route, { ...repository, username: person }, signal);
        // A role an organisation made up itself is only known by what it is based on.
        const role = answer.at('role_name').present ? answer.at('role_name').text() : '';
        return ROLES.includes(role) ? role : answer.at('permission').text();
      } catch (error) {
        if (error instanceof ForgeRefusedError && error.details.status === 404) return 'none';
        throw error;
      }
    },

    async defaultBranch(signal) {
      return (await client.read('GET /repos/{owner}/{repo}', repository, signal)).at('default_branch').text();
    },

    async latestScheduledRun(workflowFile, signal) {
      const route = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs';
      const parameters = { ...repository, workflow_id: workflowFile, event: 'schedule', per_page: 1 };
      try {
        const [newest] = (await client.read(route, parameters, signal)).at('workflow_runs').list();
        if (!newest) return undefined;
        const started = newest.at('run_started_at').present ? newest.at('run_started_at') : newest.at('created_at');
        return { startedAt: started.time(), url: newest.at('html_url').text() };
      } catch (error) {
        // A workflow that GitHub does not know has not run.
        if (error instanceof ForgeRefusedError && error.details.status === 404) return undefined;
        throw error;
      }
    },

    ...createBranchHistory(client, repository),
    ...createPullRequestComments(client, repository),
    ...createGatePullRequests(client, repository),
    ...createOwnReviews(client, repository),
    ...createDeployments(client, repository, us),
    ...createAlarmIssues(client, repository, us),
    stickyComment: comments.find,
    writeStickyComment: comments.write,
    reportCheck,
    webUrl: `${webAddressOf(api)}/${options.repository}`,
    budget: client.budget,
  };
}
