import type { Answer } from './answer.ts';
import { ForgeRefusedError, ForgeUnavailableError } from './errors.ts';
import type { Forge, PullRequest } from './forge.ts';
import type { GithubClient } from './github-client.ts';
import { parsePullRequest, type RepositoryName } from './github-words.ts';

type GatePullRequests = Pick<Forge, 'pullRequestFrom' | 'openPullRequest' | 'closePullRequest' | 'deleteBranch'>;

const PULLS = '/repos/{owner}/{repo}/pulls';
const PULL = `${PULLS}/{pull_number}`;

/** The pull requests we open ourselves, and the branches they come from. */
export function createGatePullRequests(client: GithubClient, repository: RepositoryName): GatePullRequests {
  /** Newest first. Forks of the same owner have branches of the same name: they are left out. */
  async function pullsFrom(branch: string, state: 'open' | 'all', signal: AbortSignal): Promise<readonly Answer[]> {
    const head = `${repository.owner}:${branch}`;
    const parameters = { ...repository, head, state, sort: 'created', direction: 'desc' };
    const found = await client.list(`GET ${PULLS}`, parameters, signal);
    const ours = `${repository.owner}/${repository.repo}`.toLowerCase();
    return found.filter((pull) => {
      const from = pull.at('head', 'repo');
      return from.present && from.at('full_name').text().toLowerCase() === ours;
    });
  }

  type Order = Parameters<Forge['openPullRequest']>[0];

  /** The open one from the branch, saying what it has to say; `undefined` when there is none. */
  async function upToDate(order: Order, signal: AbortSignal): Promise<PullRequest | undefined> {
    const open = await pullsFrom(order.branch, 'open', signal);
    const found = open.find((pull) => pull.at('base', 'ref').text() === order.base) ?? open[0];
    if (!found) return undefined;
    const { title, body, base } = order;
    const change = {
      ...(found.at('title').text() === title ? {} : { title }),
      ...(textOf(found.at('body')) === body ? {} : { body }),
      // Somebody may have pointed it elsewhere: where it says yes to has to stay the branch whose rules decide.
      ...(found.at('base', 'ref').text() === base ? {} : { base }),
    };
    if (Object.keys(change).length === 0) return parsePullRequest(found);
    const parameters = { ...repository, pull_number: found.at('number').number(), ...change };
    return parsePullRequest(await client.write(`PATCH ${PULL}`, parameters, signal, true));
  }

  async function branchExists(branch: string, signal: AbortSignal): Promise<boolean> {
    const route = 'GET /repos/{owner}/{repo}/git/matching-refs/{ref}';
    const found = await client.read(route, { ...repository, ref: `heads/${branch}` }, signal);
    return found.list().some((entry) => entry.at('ref').text() === `refs/heads/${branch}`);
  }

  return {
    async pullRequestFrom(branch, signal) {
      const [newest] = await pullsFrom(branch, 'all', signal);
      return newest && parsePullRequest(newest);
    },

    async openPullRequest(order, signal) {
      const existing = await upToDate(order, signal);
      if (existing) return existing;
      const { branch: head, base, title, body } = order;
      try {
        const parameters = { ...repository, head, base, title, body };
        return parsePullRequest(await client.write(`POST ${PULLS}`, parameters, signal, false));
      } catch (error) {
        // The answer was lost, or somebody was faster: either way it may be there. It is never sent again.
        if (!(error instanceof ForgeUnavailableError) && !isRefusal(error, 422)) throw error;
        const found = await upToDate(order, signal).catch(() => undefined);
        if (!found) throw error;
        return found;
      }
    },

    async closePullRequest(number, signal) {
      const parameters = { ...repository, pull_number: number };
      const pull = await client.read(`GET ${PULL}`, parameters, signal);
      if (pull.at('state').text() === 'closed') return;
      await client.write(`PATCH ${PULL}`, { ...parameters, state: 'closed' }, signal, true);
    },

    async deleteBranch(branch, signal) {
      try {
        const parameters = { ...repository, ref: `heads/${branch}` };
        await client.write('DELETE /repos/{owner}/{repo}/git/refs/{ref}', parameters, signal, true);
      } catch (error) {
        // GitHub says 422 of a branch that is gone and of one that is protected alike.
        if (!isRefusal(error, 422) || (await branchExists(branch, signal))) throw error;
      }
    },
  };
}

function isRefusal(error: unknown, status: number): boolean {
  return error instanceof ForgeRefusedError && error.details.status === status;
}

/** GitHub gives an empty body as `null`. */
function textOf(answer: Answer): string {
  return answer.present ? answer.text() : '';
}
