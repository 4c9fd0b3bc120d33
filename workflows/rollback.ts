import { batchesStage, diffStage, loadStage } from './deploy-stages.ts';
import type { Workflow } from './workflow.ts';

/**
 * Takes switches back to what was intended at an earlier commit, before an earlier run, or to a backup of the ledger. A plan
 * like any other: shown, approved, applied under the revert timer, batch by batch.
 */
export const rollback: Workflow = {
  name: 'Rollback',
  does: 'Takes switches back to what they were meant to run, or ran, before.',
  kind: 'batches',
  timeoutSeconds: 30 * 86_400,
  stages: [
    {
      ...loadStage,
      does: 'Reads what the switches are to go back to: the fleet at the earlier commit, or their backups.',
    },
    diffStage,
    batchesStage,
  ],
};
