import type { Fleet } from '../../desired-state/fleet.ts';
import { loadFleet } from '../../desired-state/load-fleet.ts';
import type { ObjectId, Repository } from '../../git/repository.ts';
import { count } from '../../plans/words.ts';
import { platforms } from '../../reconciler/platforms.ts';
import { requestsIn } from '../../reconciler/requests/request-of-change.ts';
import { targetProblems } from '../../reconciler/requests/require-targets.ts';
import type { Problem } from '../../schemas/problem.ts';
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
  const problems =
    loaded.kind === 'valid' ? await problemsOfRequests(repository, loaded.fleet, revision, before) : loaded.problems;
  if (loaded.kind === 'invalid' || problems.length > 0) {
    io.out(showProblems(problems, options));
    return 1;
  }
  const { devices, sites, roles } = loaded.fleet;
  const counts = { devices: devices.size, sites: sites.size, roles: roles.size };
  io.out(
    options.json
      ? `${JSON.stringify({ valid: true, ...counts })}\n`
      : `Valid: ${count(devices.size, 'device')}, ${count(sites.size, 'site')}, ${count(roles.size, 'role')}.\n`,
  );
  return 0;
}

/** Of requests that are new or changed: those that are done may name switches that are gone. */
async function problemsOfRequests(
  repository: Repository,
  fleet: Fleet,
  revision: ObjectId,
  before: ObjectId | undefined,
): Promise<readonly Problem[]> {
  if (before === undefined) return [];
  const asked = requestsIn(await repository.changedFiles(before, revision));
  const problems = await Promise.all(asked.map(({ path }) => targetProblems(repository, fleet, path)));
  return problems.flat();
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
