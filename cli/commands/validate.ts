import type { Fleet } from '../../desired-state/fleet.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import type { ObjectId, Repository } from '../../git/repository.ts';
import { count } from '../../plans/words.ts';
import { platforms } from '../../reconciler/platforms.ts';
import { requestsIn } from '../../reconciler/requests/request-of-change.ts';
import { type JudgedTargets, judgeTargets } from '../../reconciler/requests/require-targets.ts';
import { composeRemote } from '../compose-ledger.ts';
import type { RemoteOptions } from '../connect.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { type FleetOptions, openFleet, revisionOf } from '../open-fleet.ts';
import { showProblems } from '../show-problems.ts';

type Options = FleetOptions & RemoteOptions & { readonly ref?: string };

/** `pointsman validate`: every problem of the fleet at once. Contacts no switch. 0: valid; 1: problems. */
export async function validateCommand(io: Io, commit: string | undefined, options: Options): Promise<ExitCode> {
  const { repository, revision, before } = await openAt(io, commit, options);
  const loaded = await loadFleet({ repository, revision }, { platforms, render: true });
  if (loaded.kind === 'invalid') {
    io.out(showProblems(loaded.problems, options));
    return 1;
  }
  const asked = await judgeRequests(repository, loaded.fleet, revision, before);
  const problems = asked.flatMap(({ judged }) => (judged.kind === 'wrong' ? judged.problems : []));
  if (problems.length > 0) {
    io.out(showProblems(problems, options));
    return 1;
  }
  const requests = asked.flatMap(({ path, judged }) =>
    judged.kind === 'meant' ? [{ file: path, devices: judged.devices.length }] : [],
  );
  io.out(showValid(loaded.fleet, requests, options));
  return 0;
}

interface MeantRequest {
  readonly file: string;
  /** How many. */
  readonly devices: number;
}

function showValid(
  { devices, sites, roles }: Fleet,
  requests: readonly MeantRequest[],
  { json }: Pick<Options, 'json'>,
): string {
  const counts = { devices: devices.size, sites: sites.size, roles: roles.size };
  if (json) {
    return `${JSON.stringify({ valid: true, ...counts, ...(requests.length > 0 ? { requests } : {}) })}\n`;
  }
  return [
    `Valid: ${count(devices.size, 'device')}, ${count(sites.size, 'site')}, ${count(roles.size, 'role')}.\n`,
    ...requests.map(({ file, devices: number }) => `${file} is about ${count(number, 'device')}.\n`),
  ].join('');
}

/** Requests that are new or changed: those that are done may name switches that are gone. */
async function judgeRequests(
  repository: Repository,
  fleet: Fleet,
  revision: ObjectId,
  before: ObjectId | undefined,
): Promise<readonly { readonly path: string; readonly judged: JudgedTargets }[]> {
  if (before === undefined) return [];
  const asked = requestsIn(await repository.changedFiles(before, revision));
  return Promise.all(asked.map(async ({ path }) => ({ path, judged: await judgeTargets(repository, fleet, path) })));
}

/** Of the remote fleet repo only that ref is fetched, and only ever read: nothing of it lands in a work tree. */
async function openAt(
  io: Io,
  commit: string | undefined,
  options: Options,
): Promise<{
  readonly repository: Repository;
  readonly revision: ObjectId;
  /** What it is a change of; absent for a first commit. */
  readonly before: ObjectId | undefined;
}> {
  const { ref } = options;
  if (ref === undefined) {
    const repository = await openFleet(io, options);
    const revision = await revisionOf(repository, commit);
    return { repository, revision, before: await repository.resolve(commit === undefined ? 'HEAD' : `${revision}^`) };
  }
  if (commit !== undefined || !ref.startsWith('refs/')) {
    throw new UsageError({
      problem: commit === undefined ? `--ref is ${JSON.stringify(ref)}` : 'both a commit and --ref were given',
      next: 'Give a commit of this clone, or --ref with the full name of a ref of the remote fleet repo: refs/pull/7/merge.',
    });
  }
  const repository = await composeRemote(io, options);
  const revision = (await repository.fetch([ref], io.signal)).get(ref);
  if (revision) return { repository, revision, before: await repository.resolve(`${revision}^`) };
  throw new UsageError({
    problem: `the fleet repo has no ${ref}`,
    next: 'refs/pull/<number>/merge is not there while the pull request has conflicts: merge its base branch into it first.',
  });
}
