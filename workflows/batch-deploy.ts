import { applyStage, backupStage, UNTOUCHED_FOR_GOOD } from './deploy-stages.ts';
import type { Workflow } from './workflow.ts';

/** One batch of a run that was approved as a whole; where the rollout asks for it, released by an approval of its own. */
export const batchDeploy: Workflow = {
  name: 'BatchDeploy',
  does: 'Does one batch of a run.',
  kind: 'batch',
  timeoutSeconds: 30 * 86_400,
  stages: [
    {
      name: 'review_batch',
      does: 'Waits for the approval of this batch, where the rollout asks for one, and for its windows.',
      waitsForApproval: 'asked',
      touchesDevice: false,
      deadlineSeconds: 300,
      retryable: false,
      retryCount: 0,
      retryDelaySeconds: 0,
      ifWeDied: 'Nothing outside was changed; it is done again.',
      whenFailed: {
        deviceState: 'No switch of this batch was touched.',
        advice: 'See why; /pointsman retry of the run that started it goes on.',
      },
      whenTerminated: {
        deviceState: UNTOUCHED_FOR_GOOD.deviceState,
        advice: 'Ask for the switches that are left in a new request, with the same or a smaller scope.',
      },
    },
    applyStage,
    backupStage,
  ],
};
