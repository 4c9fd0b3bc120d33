import type { Answer } from './answer.ts';
import { ForgeUnavailableError } from './errors.ts';
import type { Forge } from './forge.ts';
import type { GithubClient } from './github-client.ts';
import { parsePerson, type RepositoryName } from './github-words.ts';
import { isMarked, refuseUnfitBody } from './marked-body.ts';

const ISSUES = '/repos/{owner}/{repo}/issues';

/**
 * One issue a subject, for what concerns no pull request. As with our comment, ours means both: marked in its first line,
 * and written by the account of our token.
 *
 * @param us The login behind our token.
 */
export function createAlarmIssues(
  client: GithubClient,
  repository: RepositoryName,
  us: (signal: AbortSignal) => Promise<string>,
): Pick<Forge, 'raiseAlarm'> {
  /** Oldest first. Pull requests are issues to GitHub, and are left out. */
  async function ours(marker: string, query: Readonly<Record<string, string>>, signal: AbortSignal) {
    const parameters = { ...repository, ...query, sort: 'created', direction: 'asc' };
    const all = await client.list(`GET ${ISSUES}`, parameters, signal);
    const marked = all.filter((issue) => !issue.at('pull_request').present && isMarked(bodyOf(issue), marker));
    if (marked.length === 0) return [];
    const login = (await us(signal)).toLowerCase();
    return marked.filter((issue) => parsePerson(issue.at('user')).login.toLowerCase() === login);
  }

  // Without GitHub's filter by creator: where an enterprise has a domain of its own it matches no App, and every pass would
  // open another. Source: renovatebot/renovate#44730.
  const open = (marker: string, signal: AbortSignal) => ours(marker, { state: 'open' }, signal);

  async function closed(marker: string, signal: AbortSignal): Promise<Answer | undefined> {
    return (await ours(marker, { state: 'closed', creator: await us(signal) }, signal)).at(-1);
  }

  async function edit(issue: Answer, change: object, signal: AbortSignal): Promise<void> {
    const parameters = { ...repository, issue_number: issue.at('number').number(), ...change };
    await client.write(`PATCH ${ISSUES}/{issue_number}`, parameters, signal, true);
  }

  return {
    async raiseAlarm(marker, alarm, signal) {
      if (alarm) refuseUnfitBody(marker, alarm.body);
      const raised = await open(marker, signal);
      if (!alarm) {
        for (const issue of raised) await edit(issue, { state: 'closed', state_reason: 'completed' }, signal);
        return;
      }
      const { title, body } = alarm;
      const says = (issue: Answer): boolean => issue.at('title').text() === title && bodyOf(issue) === body;

      const existing = raised[0] ?? (await closed(marker, signal));
      if (existing) {
        const isOpen = existing.at('state').text() === 'open';
        if (isOpen && says(existing)) return;
        await edit(existing, { title, body, ...(isOpen ? {} : { state: 'open' }) }, signal);
        return;
      }
      try {
        await client.write(`POST ${ISSUES}`, { ...repository, title, body }, signal, false);
      } catch (error) {
        if (!(error instanceof ForgeUnavailableError)) throw error;
        const found = await open(marker, signal).catch(() => []);
        if (!found.some(says)) throw error;
      }
    },
  };
}

function bodyOf(issue: Answer): string {
  return issue.at('body').present ? issue.at('body').text() : '';
}
