import { CODE_OWNERS_PATHS } from '../approvals/code-owners.ts';
import { ForgeRefusedError } from '../forge/errors.ts';
import type { Forge } from '../forge/forge.ts';
import type { RepositoryInspector } from '../forge/inspector.ts';
import { GitRemoteError } from '../git/errors.ts';
import type { RemoteRepository } from '../git/repository.ts';
import type { Clock } from '../schemas/clock.ts';
import { PointsmanError } from '../schemas/errors.ts';
import type { FleetFacts, Observations, Seen, SwitchFacts, WorkflowFile } from './observations.ts';
import { scheduledWorkflows } from './workflow-files.ts';

export interface ObserveDeps {
  /** Signed in as Pointsman: what it says of the token is judged. */
  readonly inspector: RepositoryInspector;
  /** Signed in as whoever may see most. The same as `inspector` unless somebody lent their eyes. */
  readonly settings: RepositoryInspector;
  readonly forge: Pick<Forge, 'latestScheduledRun'>;
  readonly repository: RemoteRepository;
  readonly clock: Clock;
  readonly fleetBranch: string;
  readonly ledgerBranch: string;
  /** Looks at the fleet at a commit; absent where there is none yet. */
  readonly readFleet?: (commit: string) => Promise<FleetFacts>;
  /** Asks switches who they are; absent where nobody wants that. */
  readonly askSwitches?: (commit: string) => Promise<readonly SwitchFacts[]>;
}

const WORKFLOWS = '.github/workflows';

/** Looks at everything, changes nothing. What cannot be looked at is unknown, with the reason; it hides nothing else. */
export async function observe(deps: ObserveDeps, signal: AbortSignal): Promise<Observations> {
  const { inspector, settings, forge, repository, clock, fleetBranch, ledgerBranch } = deps;
  const ref = `refs/heads/${fleetBranch}`;
  const tip = await seen(async () => {
    const found = (await repository.fetch([ref], signal)).get(ref);
    if (found === undefined) throw new Missing(`the remote has no branch ${fleetBranch}`, FIRST_FILES);
    return found;
  });
  const atTip = <T>(look: (commit: string) => Promise<T>): Promise<Seen<T>> =>
    tip.kind === 'seen' ? seen(() => look(tip.value)) : Promise.resolve(tip);

  const [workflows, codeOwners, fleet] = await Promise.all([
    atTip((commit) => workflowsAt(repository, commit)),
    atTip((commit) => codeOwnersAt(repository, commit)),
    deps.readFleet && atTip(deps.readFleet),
  ]);
  const [facts, fleetGuards, ledgerGuards, writingKeys, token, actions, forks, environments, openSecrets, errors, ran] =
    await Promise.all([
      seen(() => settings.repository(signal)),
      seen(() => settings.guards(fleetBranch, signal)),
      seen(() => settings.guards(ledgerBranch, signal)),
      seen(() => settings.writingKeys(signal)),
      seen(() => inspector.token(signal)),
      seen(() => settings.actions(signal)),
      seen(() => settings.forks(signal)),
      seen(() => settings.environments(signal)),
      seen(() => settings.openSecrets(signal)),
      seen(() => settings.codeOwnersErrors(fleetBranch, signal)),
      seen(() => lastScheduled(forge, workflows, signal)),
    ]);
  const push = await atTip((commit) => pushAt(repository, commit, signal));
  const switches = deps.askSwitches && (await atTip(deps.askSwitches));
  return {
    fleetBranch,
    ledgerBranch,
    repository: facts,
    fleetGuards,
    ledgerGuards,
    writingKeys,
    token,
    actions,
    forks,
    environments,
    openSecrets,
    workflows,
    codeOwners,
    codeOwnersErrors: errors,
    scheduledRunAt: ran,
    now: clock.now(),
    push,
    ...(fleet ? { fleet } : {}),
    ...(switches ? { switches } : {}),
  };
}

const FIRST_FILES =
  'pointsman init --pr proposes the first files; a repository without a commit needs one before that.';

/** What refuses is an answer; what does not answer is not. */
async function pushAt(
  repository: RemoteRepository,
  commit: string,
  signal: AbortSignal,
): Promise<{ readonly refused?: string }> {
  try {
    await repository.tryPush(commit, signal);
    return {};
  } catch (error) {
    if (!(error instanceof GitRemoteError) || error.disposition === 'retry-later') throw error;
    return { refused: error.details.said.split('\n', 1)[0] ?? '' };
  }
}

async function workflowsAt(repository: RemoteRepository, commit: string): Promise<readonly WorkflowFile[]> {
  const files = (await repository.listFiles(commit, WORKFLOWS)).filter(({ path }) => /\.ya?ml$/.test(path));
  const texts = await repository.readFiles(
    commit,
    files.map(({ path }) => path),
  );
  return [...texts].map(([file, text]) => ({ file, text }));
}

async function codeOwnersAt(repository: RemoteRepository, commit: string): Promise<string | undefined> {
  const texts = await repository.readFiles(commit, [...CODE_OWNERS_PATHS]);
  return CODE_OWNERS_PATHS.map((path) => texts.get(path)).find((text) => text !== undefined);
}

async function lastScheduled(
  forge: ObserveDeps['forge'],
  workflows: Seen<readonly WorkflowFile[]>,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (workflows.kind === 'unknown') throw new Missing(workflows.why, workflows.next);
  const runs = await Promise.all(
    scheduledWorkflows(workflows.value).map((file) => forge.latestScheduledRun(file, signal)),
  );
  const times = runs.flatMap((run) => (run ? [run.startedAt] : []));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** What was foreseen becomes an unknown; a bug stays a bug. */
export async function seen<T>(look: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { kind: 'seen', value: await look() };
  } catch (error) {
    if (!(error instanceof PointsmanError || error instanceof Missing)) throw error;
    // A refusal says what our token lacks, and that is what it should lack: more is for an administrator to see.
    const next = error instanceof ForgeRefusedError ? undefined : error.next;
    return { kind: 'unknown', why: error.message, ...(next === undefined ? {} : { next }) };
  }
}

/** Never leaves this file: it becomes the `why` of an unknown. */
class Missing extends Error {
  readonly next: string | undefined;

  constructor(why: string, next: string | undefined) {
    super(why);
    this.next = next;
  }
}
