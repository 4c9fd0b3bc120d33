import { applyStage, backupStage, diffStage, loadStage } from './deploy-stages.ts';
import type { Workflow } from './workflow.ts';

/**
 * Makes switches run what a merged pull request says. The sentence it implements: load what is intended, ask every switch
 * what would change, go on only with an approval of exactly that, make it live under a revert timer, prove it from a fresh
 * connection, confirm, save, and keep a backup.
 */
export const configurationDeploy: Workflow = {
  name: 'ConfigurationDeploy',
  does: 'Makes switches run what a merged pull request says.',
  kind: 'deploy',
  timeoutSeconds: 30 * 86_400,
  stages: [loadStage, diffStage, applyStage, backupStage],
};
