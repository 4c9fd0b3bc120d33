import type { Log } from '../schemas/log.ts';
import type { Answer } from './answer.ts';
import { cutText } from './cut-text.ts';
import { ForgeRequestInvalidError, ForgeUnavailableError } from './errors.ts';
import type { CheckConclusion, CheckReport } from './forge.ts';
import type { GithubClient, Parameters } from './github-client.ts';

const LONGEST_SUMMARY = 65_535;
const LONGEST_DESCRIPTION = 140;

const STATUS_OF: Readonly<Record<CheckConclusion, 'success' | 'failure' | 'pending' | 'error'>> = {
  success: 'success',
  neutral: 'success',
  failure: 'failure',
  cancelled: 'error',
  // It waits for a person; `failure` would say that something broke.
  action_required: 'pending',
};

/**
 * Says how things stand with a commit: as a check run where we are an App (GitHub Actions is one), otherwise as a commit
 * status, because GitHub lets nobody but Apps create check runs.
 *
 * @param us The login behind our token; that of an App ends in `[bot]`.
 */
export function createCheckReporter(
  client: GithubClient,
  repository: Parameters,
  us: (signal: AbortSignal) => Promise<string>,
  log: Log,
): (report: CheckReport, signal: AbortSignal) => Promise<void> {
  let saidStatuses = false;

  async function ownCheckRun(
    { name, commit }: CheckReport,
    app: string,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const route = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs';
    const parameters = { ...repository, ref: commit, check_name: name, filter: 'latest' };
    const runs = await client.list(route, parameters, signal, 'check_runs');
    return runs
      .filter(
        (run) =>
          run.at('name').text() === name && run.at('app', 'slug').present && run.at('app', 'slug').text() === app,
      )
      .toSorted((a, b) => b.at('id').number() - a.at('id').number())[0];
  }

  async function reportCheckRun(report: CheckReport, app: string, signal: AbortSignal): Promise<void> {
    const existing = await ownCheckRun(report, app, signal);
    if (existing && runSays(existing, report)) return;

    const body = { ...repository, ...runBody(report) };
    // A finished run is not opened again: what starts over is a new run of the same name, and GitHub shows the newest.
    if (existing && (report.conclusion !== undefined || existing.at('status').text() !== 'completed')) {
      const route = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}';
      await client.write(route, { ...body, check_run_id: existing.at('id').number() }, signal, true);
      return;
    }
    try {
      await client.write('POST /repos/{owner}/{repo}/check-runs', { ...body, head_sha: report.commit }, signal, false);
    } catch (error) {
      if (!(error instanceof ForgeUnavailableError)) throw error;
      const found = await ownCheckRun(report, app, signal).catch(() => undefined);
      if (!found || !runSays(found, report)) throw error;
    }
  }

  async function reportStatus(report: CheckReport, signal: AbortSignal): Promise<void> {
    if (!saidStatuses) log.info({ name: report.name }, 'commit statuses used, the token is not of an app');
    saidStatuses = true;

    const route = 'GET /repos/{owner}/{repo}/commits/{ref}/status';
    const current = await client.list(route, { ...repository, ref: report.commit }, signal, 'statuses');
    const body = statusBody(report);
    if (current.some((status) => statusSays(status, body))) return;
    const parameters = { ...repository, sha: report.commit, ...body };
    // Said twice it is the same: only the newest status of a context counts.
    await client.write('POST /repos/{owner}/{repo}/statuses/{sha}', parameters, signal, true);
  }

  return async (report, signal) => {
    if (report.summary.length > LONGEST_SUMMARY) {
      throw new ForgeRequestInvalidError({
        what: 'the summary',
        expected: `at most ${LONGEST_SUMMARY} characters`,
        found: `${report.summary.length}`,
      });
    }
    const app = /^(.+)\[bot\]$/.exec(await us(signal))?.[1];
    await (app ? reportCheckRun(report, app, signal) : reportStatus(report, signal));
  };
}

function runBody({ name, conclusion, title, summary, detailsUrl }: CheckReport) {
  return {
    name,
    ...(conclusion ? { status: 'completed', conclusion } : { status: 'in_progress' }),
    ...(detailsUrl ? { details_url: detailsUrl } : {}),
    output: { title, summary },
  };
}

function runSays(run: Answer, { conclusion, title, summary, detailsUrl }: CheckReport): boolean {
  return (
    run.at('status').text() === (conclusion ? 'completed' : 'in_progress') &&
    textOf(run.at('conclusion')) === conclusion &&
    textOf(run.at('output', 'title')) === title &&
    textOf(run.at('output', 'summary')) === summary &&
    (detailsUrl === undefined || textOf(run.at('details_url')) === detailsUrl)
  );
}

interface StatusBody {
  readonly state: string;
  readonly context: string;
  readonly description: string;
  readonly target_url?: string;
}

function statusBody({ name, conclusion, title, detailsUrl }: CheckReport): StatusBody {
  return {
    state: conclusion ? STATUS_OF[conclusion] : 'pending',
    context: name,
    description: cutText(title, LONGEST_DESCRIPTION),
    ...(detailsUrl ? { target_url: detailsUrl } : {}),
  };
}

function statusSays(status: Answer, body: StatusBody): boolean {
  return (
    status.at('context').text() === body.context &&
    status.at('state').text() === body.state &&
    textOf(status.at('description')) === body.description &&
    textOf(status.at('target_url')) === body.target_url
  );
}

function textOf(answer: Answer): string | undefined {
  return answer.present ? answer.text() : undefined;
}
