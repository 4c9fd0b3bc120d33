import { basename, dirname, resolve } from 'node:path';
import { REQUESTS, requestNamed } from '../../desired-state/fleet-layout.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import { renderSimulationText } from '../../plans/render-simulation-text.ts';
import { createFingerprint, redactText } from '../../plans/secrets.ts';
import { exitCodeOfSimulation, type Simulation } from '../../plans/simulation.ts';
import type { RequestOfWork } from '../../reconciler/deploy/deploy-work.ts';
import { fleetRef } from '../../reconciler/deps.ts';
import { BranchMissingError, SecretNotFoundError } from '../../reconciler/errors.ts';
import { readSettings } from '../../reconciler/read-settings.ts';
import { requestsIn } from '../../reconciler/requests/request-of-change.ts';
import { type AskedSwitches, simulateRequest } from '../../reconciler/requests/simulate-request.ts';
import { createSecretStore, type RememberingSecretStore } from '../../reconciler/secret-store.ts';
import type { Settings } from '../../schemas/fleet.ts';
import { composeReconciler, composeSwitches, type ReachOptions } from '../compose.ts';
import { logLevelOf } from '../connect.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { createLogger } from '../logger.ts';
import { type FleetOptions, openFleet, revisionOf } from '../open-fleet.ts';
import { type Progress, withProgress } from '../progress.ts';
import { requireRunners } from '../require-runners.ts';

type Options = FleetOptions & ReachOptions & { readonly pr?: string; readonly offline: boolean };

/**
 * `pointsman simulate`: what a request would do, without doing any of it. Of the work tree, or of a pull request as it would be
 * merged. 0: it would run; 3: it would wait, or not all of it would be done; 1: it would be refused.
 */
export async function simulateCommand(io: Io, named: string | undefined, options: Options): Promise<ExitCode> {
  const { simulation, redact } = await withProgress(io, (progress) =>
    options.pr === undefined
      ? simulateWorkTree(io, named, options, progress)
      : simulatePullRequest(io, readNumber(options.pr), named, options, progress),
  );
  const text = options.json ? `${JSON.stringify(simulation, undefined, 2)}\n` : renderSimulationText(simulation);
  io.out(redact(text));
  return exitCodeOfSimulation(simulation);
}

interface Simulated {
  readonly simulation: Simulation;
  readonly redact: (text: string) => string;
}

/** Rules, addresses and credentials are those of the last commit, as those of the branch are for a pull request. */
async function simulateWorkTree(
  io: Io,
  named: string | undefined,
  options: Options,
  progress: Progress,
): Promise<Simulated> {
  if (named === undefined) {
    throw new UsageError({
      problem: 'no request was named',
      next: 'Give the name of a file in requests/, or --pr with the number of a pull request.',
    });
  }
  const request = requestCalled(io, named);
  const repository = await openFleet(io, options);
  const [before, after] = [await revisionOf(repository, 'HEAD'), await revisionOf(repository, undefined)];
  const settings = await readSettings(repository, before);
  const secrets = createSecretStore(settings.secrets.sources, io.environment);
  const redact = (text: string): string => redactText(text, secrets.known());
  const asked: AskedSwitches = options.offline
    ? { kind: 'nobody', switches: { secrets, fingerprint: await fingerprintOf(settings, secrets) } }
    : {
        kind: 'switches',
        switches: await composeSwitches(io, settings, secrets, createLogger(logLevelOf(io), redact, io.say)),
      };
  const view = options.remote === undefined ? undefined : await readLedger(io, options);
  const deps = { repository, clock: io.clock, asked, onRead: tellReads(progress) };
  return { simulation: await simulateRequest(deps, view, { before, after, request }, io.signal), redact };
}

async function simulatePullRequest(
  io: Io,
  number: number,
  named: string | undefined,
  options: Options,
  progress: Progress,
): Promise<Simulated> {
  const deps = await composeReconciler(io, options);
  await requireRunners(deps, options.site, io.signal);
  const { repository, clock, switches, reach, redact } = deps;
  const [base, head] = [fleetRef(deps.settings), `refs/pull/${number}/head`];
  const fetched = await repository.fetch([base, head], io.signal);
  const [before, tip] = [fetched.get(base), fetched.get(head)];
  if (before === undefined) throw new BranchMissingError({ ref: base });
  if (tip === undefined) {
    throw new UsageError({ problem: `the fleet repo has no pull request ${number}`, next: 'Give the number of one.' });
  }
  const merged = await repository.mergeTrees(before, tip);
  if (merged.kind === 'conflict') {
    throw new UsageError({
      problem: `#${number} conflicts with its base branch in ${merged.paths.join(', ')}`,
      next: 'Merge the base branch into it, or rebase: it is not known what a merge would say.',
    });
  }
  const brought = requestsIn(await repository.changedFiles(before, merged.tree));
  const request = named === undefined ? onlyOf(number, brought) : requestCalled(io, named);
  const asked: AskedSwitches = options.offline ? { kind: 'nobody', switches } : { kind: 'switches', switches, reach };
  const simulation = await simulateRequest(
    { repository, clock, asked, onRead: tellReads(progress) },
    await deps.ledger.view(io.signal),
    { before, after: merged.tree, request },
    io.signal,
  );
  return { simulation, redact };
}

function onlyOf(number: number, brought: readonly RequestOfWork[]): RequestOfWork {
  const [only, ...others] = brought;
  if (only && others.length === 0) return only;
  throw new UsageError({
    problem: only
      ? `#${number} brings several requests: ${brought.map(({ name }) => name).join(', ')}`
      : `#${number} brings no request`,
    next: only ? 'Give the name of one as well.' : 'pointsman plan --pr shows what it changes.',
  });
}

/** A name, or the path of the file. */
function requestCalled({ cwd }: Io, named: string): RequestOfWork {
  const isPath = named.includes('/') || named.endsWith('.yaml');
  const name = isPath ? basename(named, '.yaml') : named;
  const path = `${REQUESTS}${name}.yaml`;
  const isBeside = !isPath || basename(dirname(resolve(cwd, named))) === 'requests' || named === `${name}.yaml`;
  if (isBeside && requestNamed(path).kind === 'request') return { name, path };
  throw new UsageError({
    problem: `${named} cannot be a request`,
    next: 'Give the name of a file in requests/ of the fleet repo, with or without folder and .yaml.',
  });
}

function readNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new UsageError({ problem: `--pr is "${text}"`, next: 'Give the number of a pull request.' });
}

/** How long earlier runs took, and what they left, is on the ledger alone. */
async function readLedger(io: Io, options: Options): Promise<LedgerView> {
  return (await composeReconciler(io, options)).ledger.view(io.signal);
}

/** Where no switch is asked its key is hardly ever needed: that it is missing is told by whatever needs it. */
async function fingerprintOf(settings: Settings, secrets: RememberingSecretStore): Promise<(value: string) => string> {
  try {
    return createFingerprint(await secrets.read(settings.secrets.fingerprint_key.secret));
  } catch (error) {
    if (!(error instanceof SecretNotFoundError)) throw error;
    return () => {
      throw error;
    };
  }
}

function tellReads(progress: Progress): (done: number, of: number) => void {
  return (done, of) => progress.show(`${done} of ${of} switches asked`);
}
