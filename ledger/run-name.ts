/** Digits of the commit in a run's name: enough for every commit of a fleet repo, short enough to say. */
const COMMIT_DIGITS = 12;

export interface RunOrigin {
  readonly workflow: string;
  readonly pullRequest?: number;
  /** The site whose own runner does this part. */
  readonly shard?: string;
  /** 40 hex digits. */
  readonly commit: string;
}

/**
 * The name of the run that does `workflow` for a commit. Derived, so that two processes that find the same thing due
 * start the same run, and the ledger takes it once.
 *
 * @returns `configurationdeploy-pr-412-a1b2c3d4e5f6`, or `…-direct-…` for a commit no pull request brought; a site with a runner of its
 *   own stands before the commit.
 */
export function runNameFor({ workflow, pullRequest, shard, commit }: RunOrigin): string {
  const origin = pullRequest === undefined ? 'direct' : `pr-${pullRequest}`;
  return [workflow, origin, ...(shard === undefined ? [] : [shard]), commit.slice(0, COMMIT_DIGITS)]
    .join('-')
    .toLowerCase();
}

/** Names of the runs of a commit, of all its parts. */
export function runsOfCommit(names: readonly string[], commit: string): readonly string[] {
  return names.filter((name) => name.endsWith(`-${commit.slice(0, COMMIT_DIGITS)}`));
}

/** @returns `runs/<yyyy>/<mm>/<name>`, year and month of its start in UTC. */
export function runFolder({ name, startedAt }: { readonly name: string; readonly startedAt: number }): string {
  const started = new Date(startedAt).toISOString();
  return `runs/${started.slice(0, 4)}/${started.slice(5, 7)}/${name}`;
}
