import type { Answer } from './answer.ts';
import { ForgeForkGoneError, ForgeListIncompleteError } from './errors.ts';
import type { Forge } from './forge.ts';
import type { GithubClient } from './github-client.ts';
import { parsePerson, parsePullRequestCommit, parsePush, type RepositoryName } from './github-words.ts';

type BranchHistory = Pick<Forge, 'pushers' | 'pushes' | 'commitsBetween' | 'mergeGroups'>;

const COMMITS_A_PAGE = 100;

/** Who moved a branch, and what came onto it. */
export function createBranchHistory(client: GithubClient, repository: RepositoryName): BranchHistory {
  const activities = (query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<readonly Answer[]> =>
    client.list('GET /repos/{owner}/{repo}/activity', { ...repository, ...query }, signal);

  return {
    async pushers(head, signal) {
      if (head.repository === undefined) throw new ForgeForkGoneError({ branch: head.branch, commit: head.commit });
      const [owner = '', repo = ''] = head.repository.split('/');
      const found = await activities({ owner, repo, ref: `refs/heads/${head.branch}` }, signal);
      const pushes = found.filter((activity) => activity.at('activity_type').text() !== 'branch_deletion');
      return [...new Set(pushes.map((activity) => parsePerson(activity.at('actor')).login))];
    },

    async pushes(branch, signal) {
      const found = await activities({ ref: `refs/heads/${branch}`, time_period: 'month' }, signal);
      return found.map(parsePush);
    },

    async commitsBetween(from, to, signal) {
      const route = 'GET /repos/{owner}/{repo}/compare/{basehead}';
      const found: Answer[] = [];
      for (let page = 1; ; page++) {
        // Turned by number and counted against the total: without a page GitHub ends at 250 commits and says nothing.
        const parameters = { ...repository, basehead: `${from}...${to}`, per_page: COMMITS_A_PAGE, page };
        const comparison = await client.read(route, parameters, signal);
        const commits = comparison.at('commits').list();
        const wanted = comparison.at('total_commits').number();
        found.push(...commits);
        if (found.length === wanted) return found.map(parsePullRequestCommit);
        if (commits.length === 0 || found.length > wanted) {
          const request = `the commits between ${from} and ${to}`;
          throw new ForgeListIncompleteError({ request, given: found.length, wanted });
        }
      }
    },

    async mergeGroups(base, signal) {
      const route = 'GET /repos/{owner}/{repo}/git/matching-refs/{ref}';
      const ref = `heads/gh-readonly-queue/${base}/`;
      const found = await client.read(route, { ...repository, ref }, signal);
      return found.list().map((entry) => ({
        branch: entry
          .at('ref')
          .text()
          .replace(/^refs\/heads\//, ''),
        commit: entry.at('object', 'sha').commit(),
      }));
    },
  };
}
