import type { PullRequest } from '../../forge/forge.ts';
import type { LedgerView } from '../../ledger/ledger.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { runOfGate } from './gate-words.ts';

/** Closes the gates of runs that have ended: they ask for nothing any more. */
export async function closeEndedGates(
  deps: ReconcilerDeps,
  view: LedgerView,
  open: readonly PullRequest[],
  signal: AbortSignal,
): Promise<void> {
  for (const gate of open) {
    const name = runOfGate(gate, deps.settings);
    const run = name === undefined ? undefined : await view.run(name);
    // One that a run has not recorded yet was opened by a process that is still at it, or died: the run decides.
    if (run?.endedAt === undefined) continue;
    // The branch first: of a gate that is closed nobody would look for it again.
    await deps.forge.deleteBranch(gate.head.branch, signal);
    await deps.forge.closePullRequest(gate.number, signal);
    deps.log.info({ run: run.name, gate: gate.number }, 'gate closed, its run has ended');
  }
}
