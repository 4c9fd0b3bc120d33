import { batchesStage, diffStage, loadStage } from './deploy-stages.ts';
import type { Workflow } from './workflow.ts';

/**
 * The same for many switches: asked and approved together, then done batch by batch, the canaries first. It stops at the
 * first batch that fails, and goes on from there when a person says so.
 */
export const multiDeploy: Workflow = {
  name: 'MultiDeploy',
  does: 'Makes many switches run what is intended, batch by batch.',
  kind: 'batches',
  timeoutSeconds: 30 * 86_400,
  stages: [loadStage, diffStage, batchesStage],
};
