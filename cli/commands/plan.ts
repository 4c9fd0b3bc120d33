import type { RequestBudget } from '../../forge/forge.ts';
import { exitCodeOf } from '../../plans/exit-code.ts';
import type { Plan } from '../../plans/plan.ts';
import { planToJson } from '../../plans/plan-json.ts';
import { renderPlanText } from '../../plans/render-plan-text.ts';
import { renderSimulationText } from '../../plans/render-simulation-text.ts';
import { redactText } from '../../plans/secrets.ts';
import { fleetRef } from '../../reconciler/deps.ts';
import { BranchMissingError, FleetInvalidError } from '../../reconciler/errors.ts';
import { loadCommit } from '../../reconciler/load-commit.ts';
import { startLedger } from '../../reconciler/pass.ts';
import { planPullRequest } from '../../reconciler/plan-pull-request.ts';
import { readSettings } from '../../reconciler/read-settings.ts';
import { createSecretStore } from '../../reconciler/secret-store.ts';
import { planConfiguration } from '../../workflows/plan-configuration.ts';
import { composeReconciler, composeSwitches, type ReachOptions } from '../compose.ts';
import { logLevelOf } from '../connect.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { createLogger } from '../logger.ts';
import { type FleetOptions, openFleet, revisionOf } from '../open-fleet.ts';
import { type Progress, withProgress } from '../progress.ts';
import { requireRunners } from '../require-runners.ts';
import { showBudget } from '../show-budget.ts';
import { showProblems } from '../show-problems.ts';

type Options = FleetOptions & ReachOptions & { readonly pr?: string };

/** `pointsman plan`: of a pull request (published there), or of two commits or the work tree (only shown). */
export async function planCommand(
  io: Io,
  base: string | undefined,
  head: string | undefined,
  options: Options,
): Promise<ExitCode> {
  if (options.pr !== undefined && base !== undefined) {
    throw new UsageError({
      problem: 'both commits and --pr were given',
      next: 'Give commits to see what would change between them, or --pr to plan a pull request.',
    });
  }
  const number = options.pr === undefined ? undefined : readNumber(options.pr);
  const { text, code, spent } = await withProgress(io, (progress) =>
    number === undefined
      ? planLocally(io, base, head, options, progress)
      : planAndPublish(io, number, options, progress),
  );
  io.out(text);
  if (spent && !options.json) io.say(showBudget(spent));
  return code;
}

/** What is printed once the progress is gone, and how the command ends. */
interface Answer {
  readonly text: string;
  readonly code: ExitCode;
  /** Of the forge, where one was asked. */
  readonly spent?: RequestBudget;
}

function readNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new UsageError({ problem: `--pr is "${text}"`, next: 'Give the number of a pull request.' });
}

async function planAndPublish(io: Io, number: number, options: Options, progress: Progress): Promise<Answer> {
  const deps = await composeReconciler(io, options, (line) => progress.show(line));
  await requireRunners(deps, options.site, io.signal);
  const ref = fleetRef(deps.settings);
  const tip = (await deps.repository.fetch([ref], io.signal)).get(ref);
  if (!tip) throw new BranchMissingError({ ref });
  await startLedger(deps, tip, io.signal);

  const pullRequest = await deps.forge.pullRequest(number, io.signal);
  if (pullRequest.state !== 'open') {
    throw new UsageError({
      problem: `#${number} is ${pullRequest.state}`,
      next: 'Only open pull requests are planned; pointsman reconcile goes on with merged ones.',
    });
  }
  const planned = await planPullRequest(deps, { pullRequest, base: tip, again: true }, io.signal);
  const spent = deps.forge.budget();
  deps.log.info({ ...spent }, 'requests to github counted');
  switch (planned.kind) {
    case 'planned':
    case 'current':
      return { text: deps.redact(show(io, planned.plan, options)), code: exitCodeOf(planned.plan), spent };
    case 'requested': {
      const { simulations } = planned;
      const text = options.json
        ? `${JSON.stringify(simulations, undefined, 2)}\n`
        : simulations.map(renderSimulationText).join('\n');
      return { text: deps.redact(text), code: 0, spent };
    }
    case 'invalid':
      return { text: deps.redact(showProblems(planned.problems, options)), code: 1, spent };
    case 'skipped':
      return { text: `#${number} was not planned: ${planned.why}.\n`, code: 3, spent };
    default:
      return planned satisfies never;
  }
}

/** Nothing is published and nothing on the ledger is read, so secrets a switch encrypts itself may show as set again. */
async function planLocally(
  io: Io,
  base: string | undefined,
  head: string | undefined,
  options: Options,
  progress: Progress,
): Promise<Answer> {
  const repository = await openFleet(io, options);
  const before = await revisionOf(repository, base ?? 'HEAD');
  const after = await revisionOf(repository, head);
  const settings = await readSettings(repository, before);
  const secrets = createSecretStore(settings.secrets.sources, io.environment);
  const redact = (text: string) => redactText(text, secrets.known());
  const log = createLogger(logLevelOf(io), redact, io.say);
  try {
    const loaded = await loadCommit({ repository }, undefined, { before, after, accessFrom: 'before' });
    const { plan } = await planConfiguration(
      await composeSwitches(io, settings, secrets, log),
      {
        workflow: loaded.workflow,
        rollout: loaded.rollout,
        source: { head: after, base: before, tree: after },
        subjects: loaded.subjects,
        removed: loaded.removed,
        elsewhere: loaded.elsewhere,
        allowedHazards: loaded.allowedHazards,
        trial: true,
        onRead: (done, of) => progress.show(`${done} of ${of} switches asked`),
      },
      io.signal,
    );
    return { text: redact(show(io, plan, options)), code: exitCodeOf(plan) };
  } catch (error) {
    if (!(error instanceof FleetInvalidError)) throw error;
    return { text: redact(showProblems(error.details.problems, options)), code: 1 };
  }
}

function show({ color }: Io, plan: Plan, { json }: Options): string {
  return json ? planToJson(plan) : renderPlanText(plan, { color });
}
