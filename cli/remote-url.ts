import { UsageError } from './errors.ts';
import type { Io } from './io.ts';

/**
 * Where the fleet repo is: what the option says, else POINTSMAN_REMOTE, else the repository of the GitHub Actions job.
 * Source of the two GITHUB_ variables: GitHub Actions, "Variables reference".
 *
 * @throws {UsageError} Nothing says it.
 */
export function remoteUrl({ environment }: Pick<Io, 'environment'>, asked: string | undefined): string {
  const url = asked ?? environment['POINTSMAN_REMOTE'] ?? repositoryOfJob(environment);
  if (url) return url;
  throw new UsageError({
    problem: 'it is not known where the fleet repo is',
    next: 'Give --remote https://github.com/<owner>/<name>.git, or set POINTSMAN_REMOTE. In GitHub Actions the repository of the job is taken (GITHUB_SERVER_URL and GITHUB_REPOSITORY).',
  });
}

function repositoryOfJob(environment: Io['environment']): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = environment;
  return server && repository ? `${server}/${repository}.git` : undefined;
}
