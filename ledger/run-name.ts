import { createHash } from 'node:crypto';

/** Digits of the commit in a run's name: enough for every commit of a fleet repo, short enough to say. */
const COMMIT_DIGITS = 12;

/** Digits that tell names apart which look alike side by side. */
const NAME_DIGITS = 6;
const ENDS_IN_DIGITS = /-[0-9a-f]{6}$/;

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

/** A run that a file in `requests/` asks for: once for the commit that brought it, or once for each time of its schedule. */
export interface RequestOrigin {
  readonly workflow: string;
  readonly request: string;
  readonly shard?: string;
  /** 40 hex digits of a commit, or the time it is for in milliseconds since the epoch. */
  readonly occasion: string | number;
}

/** @returns `multideploy-for-<request>-a1b2c3d4e5f6`, or `…-20261126t0200z` for one of many times. */
export function requestRunName({ workflow, request, shard, occasion }: RequestOrigin): string {
  return [workflow, 'for', ...named(request, shard), occasionOf(occasion)].join('-').toLowerCase();
}

/** A run that a schedule of `automation.yaml` starts. @returns `driftcheck-by-nightly-20261126t0200z` */
export function scheduledRunName(origin: {
  readonly workflow: string;
  readonly schedule: string;
  readonly shard?: string;
  readonly at: number;
}): string {
  return [origin.workflow, 'by', ...named(origin.schedule, origin.shard), occasionOf(origin.at)]
    .join('-')
    .toLowerCase();
}

/** A run that takes drift back by a rule. @returns `configurationdeploy-by-drift-0a1b2c3d4e5f-20261126t0200z` */
export function enforcingRunName(origin: {
  readonly workflow: string;
  readonly finding: string;
  readonly shard?: string;
  readonly at: number;
}): string {
  const { finding, ...rest } = origin;
  return scheduledRunName({ ...rest, schedule: `drift-${finding}` });
}

/**
 * A batch of another run. The workflow of that one is left out: no two workflows with batches do the same part of one commit.
 *
 * @param number From 1, counted through the whole run: a batch that is done again is another one.
 * @returns For `multideploy-pr-7-a1b2c3d4e5f6`: `batchdeploy-pr-7-02-a1b2c3d4e5f6`.
 */
export function batchRunName(parent: string, number: number): string {
  const parts = parent.split('-');
  const occasion = parts.at(-1) ?? '';
  return ['batchdeploy', ...parts.slice(1, -1), String(number).padStart(2, '0'), occasion].join('-');
}

/**
 * Two names side by side could be read as two others, so a few digits tell which they are. A name by itself that ends as
 * if it had such digits gets its own: else it could be read as two names with theirs.
 */
function named(name: string, shard: string | undefined): readonly string[] {
  if (shard === undefined && !ENDS_IN_DIGITS.test(name)) return [name];
  const names = shard === undefined ? [name] : [name, shard];
  return [...names, createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, NAME_DIGITS)];
}

function occasionOf(occasion: string | number): string {
  if (typeof occasion === 'string') return occasion.slice(0, COMMIT_DIGITS);
  return `${new Date(occasion).toISOString().slice(0, 16).replace(/[-:]/g, '')}Z`;
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
