import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import { enforcingRunName } from '../../ledger/run-name.ts';
import { workflowNamed } from '../../workflows/all-workflows.ts';
import { configurationDeploy } from '../../workflows/configuration-deploy.ts';
import type { DeployWork } from '../deploy/deploy-work.ts';
import { started } from '../deploy/run-events.ts';
import type { ReconcilerDeps } from '../deps.ts';
import type { Finding } from '../drift/findings.ts';
import { workOf } from '../due-work.ts';
import { EVERYWHERE, isInReach } from '../shards.ts';
import type { Work } from '../work.ts';

const DAY_MS = 86_400_000;
const LOOKED_BACK_DAYS = 7;
/** A deploy of a few switches that was not done in this time is not to be done later. */
const TIMEOUT_SECONDS = 3600;

/** Runs by which rules took drift back: those of the last days, and those since a finding was first seen. Newest first. */
export async function readEnforced(view: LedgerView, since: number, now: number): Promise<readonly Run[]> {
  const from = Math.min(since, now - LOOKED_BACK_DAYS * DAY_MS);
  const runs: Run[] = [];
  for await (const run of view.newestRuns((text) => text.includes('"enforces"'))) {
    if (run.startedAt < from) break;
    if (run.enforces) runs.push(run);
  }
  return runs;
}

/**
 * Puts a run on the ledger that takes a finding back; this pass goes on with it.
 *
 * @returns It; `undefined` where another run is at one of its switches.
 */
export async function startEnforcing(
  deps: Pick<ReconcilerDeps, 'ledger' | 'clock' | 'log'>,
  { id: finding, devices, digest, changes, shard }: Finding,
  { rule, commit }: { readonly rule: string; readonly commit: string },
  signal: AbortSignal,
): Promise<Run | undefined> {
  const at = deps.clock.now();
  const workflow = configurationDeploy.name;
  const part = shard === EVERYWHERE ? {} : { shard };
  const run = enforcingRunName({ workflow, finding, ...part, at });
  const enforces = { rule, finding, devices, digest, paths: changes.map(({ path }) => path) };
  const reason = `A rule of automation.yaml takes drift ${finding} back.`;
  const about = { reason, timeoutSeconds: TIMEOUT_SECONDS };
  const work: DeployWork = { run, workflow, commit, parent: commit, ...part, enforces, about };
  const after = await deps.ledger.append(async (view) => {
    if ((await view.run(run)) || (await isBusy(view, devices))) return undefined;
    return { title: `${run}: take drift back`, events: new Map([[run, [started(at, work)]]]) };
  }, signal);
  const begun = await after.run(run);
  if (begun) deps.log.info({ run, drift: finding, rule }, 'a rule takes drift back');
  return begun;
}

/** Open runs that rules began, and that this pass did not find due before. */
export async function startedEnforcing(
  deps: ReconcilerDeps,
  due: readonly Work[],
  signal: AbortSignal,
): Promise<readonly Work[]> {
  const known = new Set(due.map(({ run }) => run));
  const open = (await (await deps.ledger.view(signal)).openRuns()).filter(
    ({ name, enforces, shard = EVERYWHERE }) => enforces && !known.has(name) && isInReach(deps.reach, shard),
  );
  return Promise.all(open.map((run) => workOf(deps, run, signal)));
}

/** Whether an open run is about one of these switches, also where it has not asked them yet. */
async function isBusy(view: LedgerView, names: readonly string[]): Promise<boolean> {
  const changing = (await view.openRuns()).filter(({ workflow }) => workflowNamed(workflow)?.kind !== 'read');
  return changing.some(({ devices, enforces }) =>
    names.some(
      (name) => enforces?.devices.includes(name) || devices.some((one) => one.device === name && !one.outcome),
    ),
  );
}
