import type { LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import type { Plan } from '../../plans/plan.ts';
import type { ReleasedRun } from '../deploy/approval-of-run.ts';
import type { Deploying } from '../deploy/deploying.ts';
import { tellProgress } from '../deploy/finish-run.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { childrenOf, withChildren } from './with-children.ts';

/** A run that is carried out batch by batch, as it was found. */
export type Batching = Deploying & {
  readonly run: Run;
  /** Of this run: the part of its site. */
  readonly plan: Plan;
  readonly released: ReleasedRun;
};

/** Brings the pages of the run up to date, with what its batches have come to. */
export async function tellBatches(
  deps: ReconcilerDeps,
  { work }: Pick<Batching, 'work'>,
  view: LedgerView,
  signal: AbortSignal,
): Promise<void> {
  const run = await view.run(work.run);
  if (!run) return;
  const children = await childrenOf(view, run);
  await tellProgress(deps, work, view, withChildren(run, children.values()), signal);
}
