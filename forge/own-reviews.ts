import { ForgeRefusedError } from './errors.ts';
import type { Forge } from './forge.ts';
import type { GithubClient } from './github-client.ts';
import { parsePerson, type RepositoryName } from './github-words.ts';

const EVENT_OF = { approved: 'APPROVE', 'changes-requested': 'REQUEST_CHANGES' } as const;

/** Who the token belongs to, and what is said of pull requests in their name. */
export function createOwnReviews(
  client: GithubClient,
  repository: RepositoryName,
): Pick<Forge, 'viewer' | 'submitReview'> {
  return {
    async viewer(signal) {
      try {
        const { login, bot } = parsePerson(await client.read('GET /user', {}, signal));
        return bot ? undefined : login;
      } catch (error) {
        // Closed to the tokens of Apps and of GitHub Actions: there is no person behind them.
        if (error instanceof ForgeRefusedError && error.details.status === 403) return undefined;
        throw error;
      }
    },

    async submitReview(number, { state, commit, body }, signal) {
      const route = 'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews';
      const parameters = { ...repository, pull_number: number, commit_id: commit, event: EVENT_OF[state], body };
      // Said twice it is the same: the latest of a person counts.
      await client.write(route, parameters, signal, true);
    },
  };
}
