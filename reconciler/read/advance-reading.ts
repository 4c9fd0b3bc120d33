import type { Advance } from '../deploy/deploy-work.ts';
import type { ReconcilerDeps } from '../deps.ts';
import type { TipRules } from '../tip-rules.ts';
import type { ReadWork } from '../work.ts';

/** Takes a run that only reads switches as far as it can go now. */
export async function advanceReading(
  deps: ReconcilerDeps,
  _rules: TipRules,
  work: ReadWork,
  signal: AbortSignal,
): Promise<Advance> {
  const run = await (await deps.ledger.view(signal)).run(work.run);
  if (run?.endedAt !== undefined) return { kind: 'ended', run: work.run, status: run.status };
  return { kind: 'waiting', run: work.run, why: 'nothing of it is done yet' };
}
