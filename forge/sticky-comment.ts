import type { Answer } from './answer.ts';
import { ForgeRefusedError, ForgeUnavailableError } from './errors.ts';
import type { StickyComment } from './forge.ts';
import type { GithubClient, Parameters } from './github-client.ts';
import { parseComment, parsePerson } from './github-words.ts';
import { isMarked, refuseUnfitBody } from './marked-body.ts';

export interface StickyComments {
  find(number: number, marker: string, signal: AbortSignal): Promise<StickyComment | undefined>;
  write(number: number, marker: string, body: string, signal: AbortSignal): Promise<StickyComment>;
}

/**
 * One comment of ours on a pull request. Ours means both: its first line carries the marker, and its author is the account
 * our token belongs to. The marker alone is no proof, for anybody may copy it; the author alone is none either, for we share
 * `github-actions[bot]` with every other workflow of the repository. Of several the oldest is taken.
 *
 * @param us The login behind our token.
 */
export function createStickyComments(
  client: GithubClient,
  repository: Parameters,
  us: (signal: AbortSignal) => Promise<string>,
): StickyComments {
  async function find(number: number, marker: string, signal: AbortSignal): Promise<StickyComment | undefined> {
    const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
    const all = await client.list(route, { ...repository, issue_number: number }, signal);
    const marked = all.filter((comment) => isMarked(parseComment(comment).body, marker));
    if (marked.length === 0) return undefined; // Who we are need not be asked.

    const ours = await us(signal);
    const found = marked.find((comment) => isBy(comment, ours));
    return found && parseComment(found);
  }

  async function create(number: number, marker: string, body: string, signal: AbortSignal): Promise<StickyComment> {
    const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
    try {
      return parseComment(await client.write(route, { ...repository, issue_number: number, body }, signal, false));
    } catch (error) {
      if (!(error instanceof ForgeUnavailableError)) throw error;
      // It may be there all the same. Posting again could make two, so if it is not, the next pass looks once more.
      const found = await find(number, marker, signal).catch(() => undefined);
      if (found?.body === body) return found;
      throw error;
    }
  }

  /** @returns `undefined` when somebody deleted it meanwhile. */
  async function edit(id: number, body: string, signal: AbortSignal): Promise<StickyComment | undefined> {
    const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}';
    try {
      return parseComment(await client.write(route, { ...repository, comment_id: id, body }, signal, true));
    } catch (error) {
      if (error instanceof ForgeRefusedError && error.details.status === 404) return undefined;
      throw error;
    }
  }

  return {
    find,

    async write(number, marker, body, signal) {
      refuseUnfitBody(marker, body);
      const existing = await find(number, marker, signal);
      if (existing?.body === body) return existing;
      const edited = existing && (await edit(existing.id, body, signal));
      return edited ?? (await create(number, marker, body, signal));
    },
  };
}

function isBy(comment: Answer, login: string): boolean {
  return parsePerson(comment.at('user')).login.toLowerCase() === login.toLowerCase();
}
