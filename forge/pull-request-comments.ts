import { ForgeRefusedError } from './errors.ts';
import type { Forge } from './forge.ts';
import type { GithubClient } from './github-client.ts';
import { parsePullRequestComment, type RepositoryName } from './github-words.ts';

const COMMENTS = '/repos/{owner}/{repo}/issues/comments';

/** REST has no time of it but `updated_at`, in whole seconds. */
const LAST_EDITED = 'query($id: ID!) { node(id: $id) { ... on IssueComment { id lastEditedAt } } }';

/** What people say on pull requests, and how we answer at a glance. */
export function createPullRequestComments(
  client: GithubClient,
  repository: RepositoryName,
): Pick<Forge, 'commentsSince' | 'wasEdited' | 'react'> {
  return {
    async commentsSince(since, signal) {
      // GitHub's times are whole seconds: asked from the beginning of this one, so that none of it is left out.
      const from = new Date(Math.floor(since / 1000) * 1000).toISOString().replace('.000Z', 'Z');
      const parameters = { ...repository, since: from, sort: 'created', direction: 'asc' };
      const found = await client.list(`GET ${COMMENTS}`, parameters, signal);
      return found.flatMap((comment) => parsePullRequestComment(comment) ?? []);
    },

    async wasEdited(comment, signal) {
      try {
        const parameters = { ...repository, comment_id: comment };
        const id = (await client.read(`GET ${COMMENTS}/{comment_id}`, parameters, signal)).at('node_id').text();
        const node = (await client.graphql(LAST_EDITED, { id }, signal)).at('node');
        return !node.present || node.at('id').text() !== id || node.at('lastEditedAt').present;
      } catch (error) {
        if (error instanceof ForgeRefusedError && error.details.status === 404) return true;
        throw error;
      }
    },

    async react(comment, reaction, signal) {
      try {
        const parameters = { ...repository, comment_id: comment, content: reaction };
        // GitHub answers a second one of the same account with the first.
        await client.write(`POST ${COMMENTS}/{comment_id}/reactions`, parameters, signal, true);
      } catch (error) {
        if (!(error instanceof ForgeRefusedError) || error.details.status !== 404) throw error;
      }
    },
  };
}
