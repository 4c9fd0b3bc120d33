import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import type { Simulation } from '../../plans/simulation.ts';
import { batchDeploy } from '../../workflows/batch-deploy.ts';
import type { Workflow } from '../../workflows/workflow.ts';
import { APPLY } from '../deploy/run-events.ts';

/** Runs looked at, of whatever workflow: what took how long a year ago says little. */
const LOOKED_AT = 200;
/** Of the workflow, the newest. */
const MOST_RUNS = 20;

/** How long earlier runs of a workflow took. `undefined` where there is none that came out well. */
export async function readExpected(view: LedgerView | undefined, workflow: Workflow): Promise<Simulation['expected']> {
  const runs: Run[] = [];
  let looked = 0;
  if (!view) return undefined;
  for await (const run of view.newestRuns()) {
    if (secondsASwitch(run, workflow) !== undefined) runs.push(run);
    looked += 1;
    if (looked === LOOKED_AT || runs.length === MOST_RUNS) break;
  }
  return computeExpected(runs, workflow);
}

export function computeExpected(runs: readonly Run[], workflow: Workflow): Simulation['expected'] {
  const taken = runs.flatMap((run) => secondsASwitch(run, workflow) ?? []).toSorted((a, b) => a - b);
  const [low, high] = [taken[Math.floor((taken.length - 1) / 2)], taken[Math.floor(taken.length / 2)]];
  return low === undefined || high === undefined ? undefined : { seconds: (low + high) / 2, from: taken.length };
}

/** Of what is done to the switches, without what was waited for. `undefined` for a run that says nothing of it. */
function secondsASwitch(run: Run, workflow: Workflow): number | undefined {
  const wanted = workflow.kind === 'batches' ? batchDeploy.name : workflow.name;
  if (run.workflow !== wanted || run.status !== 'COMPLETED' || run.devices.length === 0) return undefined;
  if (workflow.kind === 'read') return ((run.endedAt ?? run.startedAt) - run.startedAt) / 1000 / run.devices.length;
  const history = run.stages.find(({ name }) => name === APPLY)?.history ?? [];
  const [begun, done] = [
    history.findLast(({ state }) => state === 'IN_PROGRESS')?.at,
    history.findLast(({ state }) => state === 'COMPLETE')?.at,
  ];
  const touched = run.devices.filter(({ attempts }) => attempts > 0).length;
  return begun === undefined || done === undefined || touched === 0 ? undefined : (done - begun) / 1000 / touched;
}
